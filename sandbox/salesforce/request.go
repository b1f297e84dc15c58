package salesforce

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// request is one call, from the wire or from within a composite one.
type request struct {
	host    string // login or instance
	method  string
	path    string
	query   url.Values
	header  http.Header
	body    []byte
	version string // such as 62.0
	user    string // id of who is logged in
	rest    []string
	tx      *org.Tx // of the composite call it is part of
}

// bearer is the token of the Authorization header.
func (q *request) bearer() (string, bool) {
	kind, token, ok := strings.Cut(q.header.Get("Authorization"), " ")
	return token, ok && (strings.EqualFold(kind, "Bearer") || strings.EqualFold(kind, "OAuth"))
}

func (q *request) basicAuth() (user, password string, ok bool) {
	kind, text, _ := strings.Cut(q.header.Get("Authorization"), " ")
	raw, err := base64.StdEncoding.DecodeString(text)
	if !strings.EqualFold(kind, "Basic") || err != nil {
		return "", "", false
	}
	user, password, ok = strings.Cut(string(raw), ":")
	return user, password, ok
}

// decode reads a JSON body; numbers keep their text. strict refuses unknown keys.
func (q *request) decode(into any, strict bool) *reply {
	if kind := q.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		r := fail(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json")
		return &r
	}
	d := json.NewDecoder(strings.NewReader(string(q.body)))
	d.UseNumber()
	if strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(into); err != nil {
		r := fail(http.StatusBadRequest, "JSON_PARSER_ERROR", err.Error())
		return &r
	}
	return nil
}

// allow refuses other methods than those.
func (q *request) allow(methods ...string) *reply {
	for _, m := range methods {
		if q.method == m {
			return nil
		}
	}
	r := fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '"+q.method+"' not allowed. Allowed are "+strings.Join(methods, ","))
	r = r.with("Allow", strings.Join(methods, ","))
	return &r
}

// write runs a change in a transaction: its own, or that of the composite call.
func (s *Server) write(q *request, change func(tx *org.Tx) error) error {
	if q.tx != nil {
		return change(q.tx)
	}
	tx := s.world.Begin(q.user)
	err := change(tx)
	if err != nil {
		tx.Rollback()
	}
	return err
}
