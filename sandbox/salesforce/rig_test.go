package salesforce_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce"
)

// rig is a sandbox that listens, with a clock that the test moves, and a raw client.
type rig struct {
	*salesforce.Sandbox
	t      *testing.T
	client *http.Client
	token  string

	mu  sync.Mutex
	now time.Time
}

func newRig(t *testing.T, opt salesforce.Options) *rig {
	t.Helper()
	r := &rig{t: t, now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	opt.Now = func() time.Time {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.now
	}
	if opt.Accounts == 0 {
		opt.Accounts = 60
	}
	if opt.Seed == 0 {
		opt.Seed = 3
	}
	b, err := salesforce.Start(t.Context(), salesforce.Addresses{}, opt)
	if err != nil {
		t.Fatal(err)
	}
	r.Sandbox = b
	// no compression that we did not ask for, and no second try behind our back
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	r.client = &http.Client{Transport: transport}
	t.Cleanup(func() { _ = b.Close() })
	r.login()
	return r
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// login takes the shortest way in: client credentials.
func (r *rig) login() {
	r.t.Helper()
	a := r.form(r.InstanceURL, url.Values{"grant_type": {"client_credentials"}, "client_id": {salesforce.ConsumerKey}, "client_secret": {salesforce.ConsumerSecret}})
	r.token, _ = a.object()["access_token"].(string)
	if r.token == "" {
		r.t.Fatalf("login: %s", a.body)
	}
}

// answer is what came over the wire.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
	err    error // of reading the body
}

func (a answer) object() map[string]any {
	a.t.Helper()
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		a.t.Fatalf("%d, not an object: %v: %.300s", a.status, err, a.body)
	}
	return m
}

// refusal is the code and text of an error array.
func (a answer) refusal() (code, message string) {
	a.t.Helper()
	var list []struct{ ErrorCode, Message string }
	if err := json.Unmarshal(a.body, &list); err != nil || len(list) != 1 {
		a.t.Fatalf("%d, not an error array: %.300s", a.status, a.body)
	}
	return list[0].ErrorCode, list[0].Message
}

func (a answer) refused(status int, code, text string) {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("status %d, want %d: %.300s", a.status, status, a.body)
		return
	}
	if c, m := a.refusal(); c != code || !strings.Contains(m, text) {
		a.t.Errorf("refused with %s %q, want %s %q", c, m, code, text)
	}
}

// get reads a path through a dotted name: records.0.Id.
func (a answer) get(path string) any {
	a.t.Helper()
	var v any = a.object()
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			var n int
			if _, err := fmt.Sscan(step, &n); err != nil || n >= len(x) {
				return nil
			}
			v = x[n]
		default:
			return nil
		}
	}
	return v
}

func (a answer) text(path string) string { return fmt.Sprint(a.get(path)) }

func (r *rig) do(method, address string, body any, header ...string) answer {
	r.t.Helper()
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, address, reader)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return r.roundTrip(req)
}

func (r *rig) roundTrip(req *http.Request) answer {
	r.t.Helper()
	resp, err := r.client.Do(req)
	if err != nil {
		return answer{t: r.t, err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return answer{r.t, resp.StatusCode, resp.Header, text, err}
}

func (r *rig) form(host string, values url.Values) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, host+"/services/oauth2/token", strings.NewReader(values.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.roundTrip(req)
}

const v62 = "/services/data/v62.0"

// api calls a path below the version.
func (r *rig) api(method, path string, body any, header ...string) answer {
	r.t.Helper()
	return r.do(method, r.InstanceURL+v62+path, body, header...)
}

func (r *rig) query(soql string, header ...string) answer {
	r.t.Helper()
	return r.api("GET", "/query?q="+url.QueryEscape(soql), nil, header...)
}

func (r *rig) queryAll(soql string) answer {
	r.t.Helper()
	return r.api("GET", "/queryAll?q="+url.QueryEscape(soql), nil)
}

// total is how many records a query finds.
func (r *rig) total(soql string) int {
	r.t.Helper()
	a := r.query(soql)
	if a.status != http.StatusOK {
		r.t.Fatalf("%s: %d %s", soql, a.status, a.body)
	}
	n, err := a.object()["totalSize"].(json.Number).Int64()
	if err != nil {
		r.t.Fatal(err)
	}
	return int(n)
}

// column is one field of all records of one page.
func (a answer) column(field string) []string {
	a.t.Helper()
	out := []string{}
	records, _ := a.object()["records"].([]any)
	for _, rec := range records {
		out = append(out, fmt.Sprint(rec.(map[string]any)[field]))
	}
	return out
}

// admin calls the admin API, and fails the test where it refuses.
func (r *rig) admin(method, path string, body any) answer {
	r.t.Helper()
	a := r.do(method, r.AdminURL+"/sandbox"+path, body)
	if a.status != http.StatusOK {
		r.t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	return a
}

type m = map[string]any

func (r *rig) act(a m) answer {
	r.t.Helper()
	return r.admin("POST", "/do", a)
}

func (r *rig) set(settings m) {
	r.t.Helper()
	r.admin("PATCH", "/settings", settings)
}

func (r *rig) fault(f m) {
	r.t.Helper()
	r.admin("POST", "/faults", f)
}

func (r *rig) create(object string, fields m) string {
	r.t.Helper()
	a := r.api("POST", "/sobjects/"+object, fields)
	if a.status != http.StatusCreated {
		r.t.Fatalf("create %s: %d %s", object, a.status, a.body)
	}
	return a.text("id")
}
