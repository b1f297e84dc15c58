package salesforce

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// Fault is one thing that will go wrong.
type Fault struct {
	ID     int    `json:"id"`
	Kind   string `json:"kind"`
	Method string `json:"method,omitempty"` // which calls it strikes: all, or those of a method …
	Path   string `json:"path,omitempty"`   // … and with this in path and query
	Skip   int    `json:"skip,omitempty"`   // that many such calls go well first
	Count  int    `json:"count"`            // it strikes so often; 0: once; -1: for ever
	Status int    `json:"status,omitempty"`
	Code   string `json:"code,omitempty"`
	Text   string `json:"message,omitempty"`
	Bytes  int    `json:"bytes,omitempty"`        // of the body that come through
	Millis int    `json:"milliseconds,omitempty"` // to wait before the answer
	Header string `json:"header,omitempty"`       // that is left out
	Struck int    `json:"struck"`
}

// The kinds of faults.
const (
	faultSession    = "session_expired"  // 401, and the session is over
	faultDaily      = "daily_limit"      // 403
	faultConcurrent = "concurrent_limit" // 403
	faultEmpty      = "empty"            // a status without body
	faultHTML       = "html"             // a status with a page
	faultJSON       = "error"            // a status with code and message
	faultOAuth      = "oauth_error"
	faultCut        = "cut"   // the connection ends before the announced length
	faultReset      = "reset" // the connection is torn down
	faultShort      = "short" // a shorter body, announced as if it were all
	faultSlow       = "slow"
	faultTimeout    = "query_timeout"
	faultLocator    = "bad_locator"
	faultLock       = "lock_row"
	faultHeader     = "no_header"
	faultJobFails   = "job_failed" // Path is looked for in the job's query; Text is its errorMessage
	faultJobAborts  = "job_aborted"
)

// FaultKinds lists all of them.
func FaultKinds() []string {
	return []string{
		faultSession, faultDaily, faultConcurrent, faultEmpty, faultHTML, faultJSON, faultOAuth, faultCut, faultReset, faultShort,
		faultSlow, faultTimeout, faultLocator, faultLock, faultHeader, faultJobFails, faultJobAborts,
	}
}

func (f *Fault) wait() time.Duration { return time.Duration(f.Millis) * time.Millisecond }

// addFault arms a fault.
func (s *Server) addFault(f Fault) (*Fault, error) {
	if !slices.Contains(FaultKinds(), f.Kind) {
		return nil, &org.Error{Code: "INVALID_INPUT", Message: "kind is one of " + strings.Join(FaultKinds(), ", ")}
	}
	if min(f.Skip, f.Bytes, f.Millis, f.Count+1) < 0 || f.Status != 0 && (f.Status < http.StatusOK || f.Status > 599) {
		return nil, &org.Error{Code: "INVALID_INPUT", Message: "skip, bytes and milliseconds are 0 or more, count is -1 or more, and status is 200 to 599"}
	}
	f.ID, f.Struck, f.Count = s.next(), 0, cmp.Or(f.Count, 1)
	s.faults = append(s.faults, &f)
	return &f, nil
}

// strike finds the fault that is due for a call.
func (s *Server) strike(q *request) *Fault {
	where := q.path + "?" + q.query.Encode() + " " + q.query.Get("q")
	for _, f := range s.faults {
		if f.Kind == faultJobFails || f.Kind == faultJobAborts || f.Method != "" && f.Method != q.method || !strings.Contains(where, f.Path) {
			continue
		}
		if f.due() {
			return f
		}
	}
	return nil
}

// due counts one call that the fault is meant for.
func (f *Fault) due() bool {
	switch {
	case f.Count == 0:
		return false
	case f.Skip > 0:
		f.Skip--
		return false
	case f.Count > 0:
		f.Count--
	}
	f.Struck++
	return true
}

// jobFault finds the fault that is due for a job.
func (s *Server) jobFault(query string) *Fault {
	for _, f := range s.faults {
		if (f.Kind == faultJobFails || f.Kind == faultJobAborts) && strings.Contains(query, f.Path) && f.due() {
			return f
		}
	}
	return nil
}

// faulty answers for a fault; false where the call itself goes well.
func (s *Server) faulty(q *request, f *Fault) (reply, bool) {
	switch f.Kind {
	case faultSession:
		token, _ := q.bearer()
		delete(s.sessions, token)
		return badSession(), true
	case faultDaily:
		return fail(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), true
	case faultConcurrent:
		return fail(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), true
	case faultEmpty:
		return reply{status: cmp.Or(f.Status, http.StatusTooManyRequests)}, true
	case faultHTML:
		return reply{status: cmp.Or(f.Status, http.StatusBadGateway), kind: "text/html", body: []byte("<html><body><h1>We are down for maintenance.</h1></body></html>")}, true
	case faultJSON:
		return fail(cmp.Or(f.Status, http.StatusServiceUnavailable), cmp.Or(f.Code, "SERVER_UNAVAILABLE"), cmp.Or(f.Text, "Server is too busy.")), true
	case faultOAuth:
		return jsonReply(cmp.Or(f.Status, http.StatusBadRequest), oauthError{cmp.Or(f.Code, "invalid_grant"), cmp.Or(f.Text, "login rate exceeded")}), true
	case faultTimeout:
		return fail(http.StatusBadRequest, "QUERY_TIMEOUT", "Your query request was running for too long."), true
	case faultLocator:
		return badLocator(), true
	case faultLock:
		return fail(http.StatusBadRequest, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"), true
	}
	return reply{}, false
}
