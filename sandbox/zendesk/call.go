package zendesk

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// maxItems is how many a batch or a list of ids may hold (reference §3).
const maxItems = 100

// call is one request on its way through.
type call struct {
	base   string // scheme and host that it came to
	method string
	path   string // without .json
	query  url.Values
	header http.Header
	body   []byte

	ids     []string // of the path, in their order
	route   *route
	who     *account.User // nil: nobody logged in
	scopes  []string      // nil: all
	dropped []string      // keys of the body that mean nothing
	items   int
	job     string // class of the job that was queued
	fault   *Fault
	limits  []limitState // that counted it
}

func newCall(r *http.Request, body []byte) *call {
	scheme := "http"
	if r.TLS != nil || r.URL.Scheme == "https" {
		scheme = "https"
	}
	return &call{
		base: scheme + "://" + r.Host, method: r.Method, path: strings.TrimSuffix(r.URL.Path, ".json"), query: r.URL.Query(), header: r.Header, body: body,
	}
}

// id is a number in the path; 0 where it is none.
func (c *call) id(i int) int64 {
	n, err := strconv.ParseInt(c.ids[i], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// object reads the object of the body under a key; refused where there is none.
func (c *call) object(key string) (account.Patch, *reply) {
	whole, refused := c.whole()
	if refused != nil {
		return nil, refused
	}
	p, err := whole.Object(key)
	if err != nil || p == nil {
		r := parameterMissing(key)
		return nil, &r
	}
	return p, nil
}

// whole reads the body.
func (c *call) whole() (account.Patch, *reply) {
	if kind := c.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		r := jsonReply(http.StatusUnsupportedMediaType, textError{"UnsupportedMediaType", "Content-Type must be application/json"})
		return nil, &r
	}
	var p account.Patch
	if err := json.Unmarshal(c.body, &p); err != nil {
		r := jsonReply(http.StatusBadRequest, titled("Invalid JSON", "The request body is not valid JSON"))
		return nil, &r
	}
	return p, nil
}

// objects reads the list of the body under a key, of 100 at most.
func (c *call) objects(key string) ([]account.Patch, *reply) {
	whole, refused := c.whole()
	if refused != nil {
		return nil, refused
	}
	var list []account.Patch
	if err := json.Unmarshal(whole[key], &list); err != nil || whole[key] == nil || bytes.Equal(whole[key], []byte("null")) {
		r := parameterMissing(key)
		return nil, &r
	}
	c.items = len(list)
	if len(list) > maxItems {
		r := tooMany(maxItems)
		if key == "users" {
			r = tooManyUsers()
		}
		return nil, &r
	}
	return list, nil
}

// idList reads ids, a comma list of the query.
func (c *call) idList() ([]int64, *reply) {
	var out []int64
	for _, text := range c.words("ids") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			r := invalidAttribute("ids")
			return nil, &r
		}
		out = append(out, n)
	}
	if len(out) > maxItems {
		r := tooMany(maxItems)
		return nil, &r
	}
	c.items = len(out)
	return out, nil
}

// textList reads a comma list of texts from the query.
func (c *call) textList(key string) ([]string, *reply) {
	out := c.words(key)
	if len(out) > maxItems {
		r := tooMany(maxItems)
		return nil, &r
	}
	c.items = max(c.items, len(out))
	return out, nil
}

func (c *call) words(key string) []string {
	var out []string
	for _, w := range strings.Split(c.query.Get(key), ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// number reads a number of 1 or more from the query; def where it is not named.
func (c *call) number(key string, def int) (int, *reply) {
	if !c.query.Has(key) {
		return def, nil
	}
	n, err := strconv.Atoi(c.query.Get(key))
	if err != nil || n < 1 {
		r := invalidAttribute(key)
		return 0, &r
	}
	return n, nil
}
