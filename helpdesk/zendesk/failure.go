package zendesk

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
)

// Codes on which something is done.
const (
	tooManyJobs  = "TooManyJobs"
	duplicate    = "DuplicateValue"
	noEndpoint   = "InvalidEndpoint"
	invalidToken = "invalid_token"
)

// failure is an answer that is no success, in whichever of Zendesk's envelopes.
type failure struct {
	status  int
	code    string              // such as RecordInvalid; empty where there is none
	text    string              // for people
	details map[string][]detail // by field
	edge    bool                // it came from the edge, not from the account
	basic   bool                // the call was made with an API token
	wait    time.Duration
}

// detail is what is wrong with one field.
type detail struct {
	Description string `json:"description"`
	Error       string `json:"error"`
}

// envelope is the union of the forms in which Zendesk reports failures.
type envelope struct {
	Error       json.RawMessage `json:"error"` // a code, or an object with title and message
	Description string          `json:"description"`
	Explained   string          `json:"error_description"` // OAuth
	Details     json.RawMessage `json:"details"`
	Errors      []struct {
		Code   string `json:"code"`
		Title  string `json:"title"`
		Detail string `json:"detail"`
	} `json:"errors"`
	Title  string `json:"title"`  // the edge
	Detail string `json:"detail"` // the edge
}

// read takes a failure apart.
func read(resp *http.Response, body []byte, now time.Time) *failure {
	f := parseFailure(body)
	f.status = resp.StatusCode
	f.wait, _ = httpx.RetryAfter(resp.Header, now)
	if resp.Request != nil {
		f.basic = strings.HasPrefix(resp.Request.Header.Get("Authorization"), "Basic ")
	}
	return f
}

// parseFailure reads a body in whatever form; what is no JSON is a text for people.
func parseFailure(body []byte) *failure {
	f := &failure{}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		f.text = clip(string(body))
		return f
	}
	var object struct{ Title, Message string }
	switch {
	case json.Unmarshal(e.Error, &f.code) == nil:
		f.text = e.Description
	case json.Unmarshal(e.Error, &object) == nil:
		f.code, f.text = object.Title, object.Message
	}
	switch {
	case e.Explained != "":
		f.text = e.Explained
	case len(e.Errors) > 0 && f.code == "":
		f.code, f.text = e.Errors[0].Code, strings.TrimSpace(e.Errors[0].Title+" "+e.Errors[0].Detail)
	case f.code == "" && e.Title != "":
		f.edge, f.text = true, e.Detail
	}
	f.code, f.text = clip(f.code), clip(f.text)
	if json.Unmarshal(e.Details, &f.details) != nil {
		f.details = nil // a form that is not known: the text has to do
	}
	return f
}

// Error says what Zendesk said, for people.
func (f *failure) Error() string { return f.shown() }

func (f *failure) shown() string {
	parts := []string{fmt.Sprintf("status %d", f.status)}
	if f.code != "" {
		parts = append(parts, f.code)
	}
	for _, field := range slices.Sorted(maps.Keys(f.details)) {
		for _, d := range f.details[field] {
			parts = append(parts, clip(field+": "+d.Description))
		}
	}
	if f.text != "" && len(f.details) == 0 {
		parts = append(parts, f.text)
	}
	return strings.Join(parts, ", ")
}

// duplicate reports whether a field's value is taken. Without a field: whether any is.
func (f *failure) duplicate(field string) bool {
	for name, list := range f.details {
		for _, d := range list {
			if d.Error == duplicate && (field == "" || name == field) {
				return true
			}
		}
	}
	return false
}

// endedToken reports a token that is no longer taken, for which there may be a new one.
func (f *failure) endedToken() bool { return f.status == http.StatusUnauthorized }

// remedies say what to do about a status.
var remedies = map[int]string{
	http.StatusNotFound:            "what it is about is no longer there",
	http.StatusConflict:            "somebody wrote the same at the same moment; try again",
	http.StatusUnprocessableEntity: "correct the value in the CRM or the rule it comes from",
	http.StatusTooManyRequests:     "the limit of calls is reached: lower rate_share, or find who else calls (Admin Center, APIs)",
}

// explain gives a failure its kind and says what to do.
func (t *Target) explain(c call, f *failure) error {
	kind, fix := httpx.KindOf(f.status), remedies[f.status]
	switch {
	case f.status == http.StatusUnauthorized && f.basic:
		fix = "the API token is not taken: it is wrong, it rested for 30 days, or tokens are switched off (all stop on " + TokensEnd.String() + "); log in with an OAuth client instead"
	case f.status == http.StatusUnauthorized:
		fix = "this token never works here: the OAuth client was changed or its owner may not log in; make its owner an active admin"
	case f.status == http.StatusForbidden && strings.Contains(f.text, "scope"):
		fix = "give the OAuth client that scope and name it in auth.scopes; a misspelt scope is granted without a word"
	case f.status == http.StatusForbidden:
		fix = "the user behind the login must be an admin, and the account's plan must have this"
	case f.code == noEndpoint:
		kind, fix = fault.Unsupported, "this account does not have this"
	case f.status == http.StatusConflict:
		kind = fault.Raced
	case f.code == tooManyJobs:
		kind, fix = fault.Throttled, "the account runs as many background jobs as it may; others run some too"
	case f.edge:
		fix = "Zendesk's edge holds this machine back: make fewer calls at once"
	case f.duplicate(""):
		kind, fix = fault.Raced, "another one has it; look who"
	case kind == fault.Unavailable:
		fix = "try again later; see status.zendesk.com"
	}
	if fix != "" {
		fix = "; " + fix
	}
	e := fault.New("zendesk.call", kind, fmt.Errorf("%s refused %s: %w%s", t.opt.Name, c.shown(), f, fix))
	e.RetryAfter = f.wait
	return e
}
