package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
)

// failure is an answer that reports one: REST API Developer Guide, "Status Codes and
// Error Responses".
type failure struct {
	status        int
	code, message string // the first of the list; empty if the body is not such a list
	wait          time.Duration
}

// Error is the code and what Salesforce says of it.
func (f *failure) Error() string {
	switch {
	case f.code == "":
		return fmt.Sprintf("status %d %s", f.status, http.StatusText(f.status))
	case f.message == "":
		return f.code
	}
	return f.code + ": " + clip(f.message)
}

func (s *Source) failure(resp *http.Response) *failure {
	f := parseFailure(resp.StatusCode, httpx.ErrorBody(resp))
	f.wait, _ = httpx.RetryAfter(resp.Header, s.opt.Now())
	return f
}

func parseFailure(status int, body []byte) *failure {
	f := &failure{status: status}
	var list []struct {
		Code    string `json:"errorCode"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		f.code, f.message = list[0].Code, list[0].Message
	}
	return f
}

// endedSession reports a session that a new login replaces. Some refusals with the
// same code never heal: they speak of the app, or of the REST API.
func (f *failure) endedSession() bool {
	text := strings.ToLower(f.message)
	lasting := strings.Contains(text, "connected app") || strings.Contains(text, "client app") || strings.Contains(text, "not valid for use with the rest api")
	return f.status == http.StatusUnauthorized && !lasting
}

// busy reports a refusal that passes: too many long requests at once, a locked row. A
// busy server, status 503, was asked again by then.
func (f *failure) busy() bool {
	return f.code == "REQUEST_LIMIT_EXCEEDED" && !f.daily() || f.code == "UNABLE_TO_LOCK_ROW"
}

// daily reports that the organization has spent its calls of 24 hours; what else has
// this code is about requests at the same time.
func (f *failure) daily() bool {
	return f.code == "REQUEST_LIMIT_EXCEEDED" && !strings.Contains(strings.ToLower(f.message), "concurrent")
}

// remedies say what a failure means and what to do, by its code.
var remedies = map[string]struct {
	kind fault.Kind
	fix  string
}{
	"MALFORMED_QUERY":                 {fault.Invalid, "correct where or soql of this object in the configuration"},
	"INVALID_FIELD":                   {fault.Invalid, "the field is gone, renamed, or hidden from the integration user: correct the name, or give the user field-level read access"},
	"INVALID_TYPE":                    {fault.Invalid, "the object does not exist, or the integration user may not read it: correct the name, or add it to the permission set"},
	"INVALIDENTITY":                   {fault.Unsupported, "the Bulk API does not read this object: set bulk_rows higher than its rows"},
	"INVALID_QUERY_FILTER_OPERATOR":   {fault.Invalid, "correct where of this object: this field takes other operators"},
	"QUERY_TIMEOUT":                   {fault.Unavailable, "the query takes more than two minutes: narrow where of this object to an indexed field, such as a picklist with few customers or SystemModstamp"},
	"QUERY_TOO_COMPLICATED":           {fault.Invalid, "too many formula fields at once: take formulas out of the rules, or ask the Salesforce administrator to simplify them"},
	"INVALID_QUERY_LOCATOR":           {fault.Unavailable, "the query's place at Salesforce is gone: try again"},
	"UNABLE_TO_LOCK_ROW":              {fault.Unavailable, "somebody else holds the row: try again later"},
	"SERVER_UNAVAILABLE":              {fault.Unavailable, "try again later; see status.salesforce.com"},
	"API_DISABLED_FOR_ORG":            {fault.Denied, "the organization's edition or the user's profile has no API: enable \"API Enabled\""},
	"API_CURRENTLY_DISABLED":          {fault.Denied, "the API is switched off for this user: enable \"API Enabled\""},
	"INSUFFICIENT_ACCESS":             {fault.Denied, "give the integration user read access (View All on the object)"},
	"INSUFFICIENT_ACCESS_OR_READONLY": {fault.Denied, "give the integration user read access (View All on the object)"},
	"FUNCTIONALITY_NOT_ENABLED":       {fault.Denied, "the organization lacks this feature, or the user may not use it"},
	"TXN_SECURITY_METERING_ERROR":     {fault.Denied, "a transaction security policy stops API reads: exempt the integration user"},
	"TXN_SECURITY_NO_ACCESS":          {fault.Denied, "a transaction security policy stops API reads: exempt the integration user"},
	"NOT_FOUND":                       {fault.NotFound, "it does not exist here, or the integration user may not see it"},
	"LIMIT_EXCEEDED":                  {fault.Throttled, "the organization has spent its Bulk jobs of 24 hours: wait, or set bulk_rows higher to read by REST"},
	"UNSUPPORTED_API_VERSION":         {fault.Invalid, "the organization does not speak this version: correct api_version"},
	"UNKNOWN_EXCEPTION":               {fault.Unavailable, "Salesforce met an error of its own: try again, and hand its number to Salesforce support"},
	"INVALID_SESSION_ID":              {fault.Denied, "the session is refused even right after a login: check the user's login IP ranges, and that the app has the scope api"},
	"ORG_LOCKED":                      {fault.Denied, "the organization is locked: ask its administrator"},
	"INVALID_LOGIN":                   {fault.Denied, "check the integration user in Setup"},
}

const dailyPause = time.Hour // calls come back hour by hour, over a day

// explain gives a failure its kind and its remedy. relogged says that the session is
// a new one.
func (s *Source) explain(c call, f *failure, relogged bool) error {
	kind, fix := httpx.KindOf(f.status), "try again, and look at status.salesforce.com if it stays"
	if r, ok := remedies[f.code]; ok {
		kind, fix = r.kind, r.fix
	}
	switch {
	case f.daily():
		kind, f.wait, fix = fault.Throttled, max(f.wait, dailyPause), "the organization has spent its API calls of 24 hours: wait, buy more, or find who spends them (Setup, System Overview)"
	case f.code == "INVALID_FIELD" && missingColumn(f.message) == "":
		fix = "correct where or soql of this object: the field is there, and takes no such comparison"
	case f.code == "REQUEST_LIMIT_EXCEEDED":
		kind, fix = fault.Throttled, "too many long requests run at the same time: try again later"
		f.wait = max(f.wait, time.Minute)
	case f.code == "LIMIT_EXCEEDED":
		f.wait = max(f.wait, dailyPause)
	case f.status == http.StatusUnauthorized && !relogged:
		kind, fix = fault.Denied, "this session never works here: give the app the scope api, and the integration user the permission to use it"
	case f.code == "" && f.status == http.StatusGone:
		kind, fix = fault.Invalid, "this API version is retired: correct api_version"
	case f.code == "" && f.status == http.StatusRequestURITooLong, f.code == "" && f.status == http.StatusRequestHeaderFieldsTooLarge:
		kind, fix = fault.Invalid, "the statement is too long for REST: set bulk_rows: 0 to read this source by Bulk"
	}
	e := fault.New("salesforce.call", kind, fmt.Errorf("%s refused %s: %w; %s", s.opt.Name, c.shown(), f, fix))
	e.RetryAfter = f.wait
	return e
}

// hasCode reports whether an error is Salesforce's answer with one of these codes.
func hasCode(err error, codes ...string) bool {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		return false
	}
	for _, c := range codes {
		if f.code == c {
			return true
		}
	}
	return false
}

// clip makes one short line of foreign text.
func clip(s string) string {
	const most = 300
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
