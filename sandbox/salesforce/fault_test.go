package salesforce_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce"
)

func Test11Answers(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	const soql = "SELECT Id FROM Account"
	arrays := []struct {
		fault      m
		status     int
		code, text string
	}{
		{m{"kind": "daily_limit"}, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."},
		{m{"kind": "concurrent_limit"}, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded"},
		{m{"kind": "query_timeout"}, 400, "QUERY_TIMEOUT", "Your query request was running for too long."},
		{m{"kind": "bad_locator"}, 400, "INVALID_QUERY_LOCATOR", ""},
		{m{"kind": "lock_row"}, 400, "UNABLE_TO_LOCK_ROW", ""},
		{m{"kind": "error"}, 503, "SERVER_UNAVAILABLE", ""},
		{m{"kind": "error", "status": 400, "code": "QUERY_TOO_COMPLICATED", "message": "x"}, 400, "QUERY_TOO_COMPLICATED", "x"},
		{m{"kind": "session_expired"}, 401, "INVALID_SESSION_ID", "Session expired or invalid"},
	}
	for _, tt := range arrays {
		tt.fault["path"] = "/query"
		r.fault(tt.fault)
		r.api("GET", "/limits", nil) // elsewhere all is well
		r.query(soql).refused(tt.status, tt.code, tt.text)
		if tt.code == "INVALID_SESSION_ID" {
			r.query(soql).refused(tt.status, tt.code, tt.text) // it is over for good
			r.login()
		}
		if a := r.query(soql); a.status != http.StatusOK {
			t.Errorf("%v struck twice: %d", tt.fault, a.status)
		}
	}
	for _, status := range []int{406, 420, 429} {
		r.fault(m{"kind": "empty", "status": status})
		if a := r.query(soql); a.status != status || len(a.body) != 0 {
			t.Errorf("empty %d: %d %q", status, a.status, a.body)
		}
	}
	for _, status := range []int{500, 502, 503} {
		r.fault(m{"kind": "html", "status": status})
		if a := r.query(soql); a.status != status || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(string(a.body), "<html>") {
			t.Errorf("html %d: %d %q", status, a.status, a.body)
		}
	}
	r.fault(m{"kind": "oauth_error", "path": "oauth2/token"})
	if a := r.form(r.InstanceURL, nil); a.text("error_description") != "login rate exceeded" {
		t.Errorf("login rate: %d %s", a.status, a.body)
	}
}

// TestWhatCannotBeIsRefused: by the admin API, and nothing changes.
func TestWhatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	for _, f := range []m{{"bytes": -3}, {"skip": -1}, {"milliseconds": -1}, {"count": -2}, {"status": 9999}, {"status": 99}, {"kind": "earthquake"}} {
		fault := m{"kind": "cut"}
		maps.Copy(fault, f)
		r.do("POST", r.AdminURL+"/sandbox/faults", fault).refused(http.StatusBadRequest, "INVALID_INPUT", "")
	}
	for _, s := range []m{
		{"hidden": []string{"Acount.Industry"}},
		{"hidden": []string{"Account.Industri"}},
		{"hidden": []string{""}},
		{"off": []string{"x"}},
		{"page_sizes": []int{-1}},
		{"session_seconds": -1},
		{"api_limit": -1},
		{"bulk_job_limit": -1},
		{"bulk_queued": -1},
		{"bulk_running": -1},
		{"bin_days": -1},
		{"bulk_page": 0},
		{"nothing": 1},
	} {
		r.do("PATCH", r.AdminURL+"/sandbox/settings", s).refused(http.StatusBadRequest, "INVALID_INPUT", "")
	}
	if a := r.query("SELECT Id, Industry FROM Account"); a.status != http.StatusOK {
		t.Errorf("something changed: %d %s", a.status, a.body)
	}
	r.set(m{"off": []string{"zuora"}})
	r.set(m{"hidden": []string{"zuora__subscription__c.NAME", "Account.BillingAddress"}})
}

func Test11InTheMiddleOfPages(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{Accounts: 900})
	r.fault(m{"kind": "session_expired", "path": "/query", "skip": 1})
	first := r.query("SELECT Id FROM Account", "Sforce-Query-Options", "batchSize=400")
	next := r.InstanceURL + first.text("nextRecordsUrl")
	r.do("GET", next, nil).refused(http.StatusUnauthorized, "INVALID_SESSION_ID", "")
	r.login()
	if a := r.do("GET", next, nil); a.status != http.StatusOK || len(a.column("Id")) != 400 {
		t.Errorf("the page with a new session: %d %.200s", a.status, a.body)
	}
}

func Test11Connections(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	const soql = "SELECT Id, Name FROM Account"
	whole := r.query(soql)
	r.fault(m{"kind": "reset"})
	if a := r.query(soql); a.err == nil || a.status != 0 {
		t.Errorf("reset before anything: %d, %v", a.status, a.err)
	}
	for _, kind := range []string{"cut", "reset"} {
		r.fault(m{"kind": kind, "bytes": 700})
		if a := r.query(soql); a.err == nil || string(a.body) != string(whole.body[:700]) {
			t.Errorf("%s: %v after %d bytes, want an end after 700", kind, a.err, len(a.body))
		}
	}
	for _, name := range []string{"Sforce-Limit-Info", "sforce-limit-info", "Date", "Content-Type", "Content-Length"} {
		r.fault(m{"kind": "no_header", "header": name})
		if a := r.query(soql); len(a.header.Values(name)) > 0 || a.status != http.StatusOK || string(a.body) != string(whole.body) {
			t.Errorf("%s is there, or nothing else: %d bytes with %v", name, len(a.body), a.header)
		}
	}
	if a := r.query(soql); string(a.body) != string(whole.body) || a.header.Get("Sforce-Limit-Info") == "" {
		t.Errorf("afterwards: %d, %d bytes", a.status, len(a.body))
	}
}

func Test11SlowAnswers(t *testing.T) {
	t.Parallel()
	asked, release := make(chan time.Duration, 1), make(chan time.Time)
	r := newRig(t, salesforce.Options{After: func(d time.Duration) <-chan time.Time { asked <- d; return release }})
	r.fault(m{"kind": "query_timeout", "milliseconds": 120_000})
	got := make(chan answer)
	go func() { got <- r.query("SELECT Id FROM Account") }()
	if d := <-asked; d != 2*time.Minute {
		t.Errorf("waits %v, want 2m", d)
	}
	select {
	case a := <-got:
		t.Errorf("answered before the time: %d", a.status)
	default:
	}
	close(release)
	a := <-got
	a.refused(http.StatusBadRequest, "QUERY_TIMEOUT", "")
}
