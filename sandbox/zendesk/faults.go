package zendesk

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// Fault is one thing that will go wrong.
type Fault struct {
	ID         int     `json:"id"`
	Kind       string  `json:"kind"`
	Method     string  `json:"method,omitempty"`      // which calls it strikes: all, or those of a method …
	Path       string  `json:"path,omitempty"`        // … and with this in path and query
	Skip       int     `json:"skip,omitempty"`        // that many such calls go well first
	Count      int     `json:"count"`                 // it strikes so often; 0: once; -1: for ever
	Status     int     `json:"status,omitempty"`      // of an answer
	Body       string  `json:"body,omitempty"`        // of an answer
	RetryAfter int     `json:"retry_after,omitempty"` // seconds
	Seconds    float64 `json:"seconds,omitempty"`     // to wait before the answer
	Items      int     `json:"items,omitempty"`       // that a killed job does first
	Struck     int     `json:"struck"`
}

// The kinds of faults.
const (
	FaultStatus   = "status"       // Status with Body
	FaultEdge     = "edge_429"     // the edge's 429: JSON without an error, none of the API's headers
	FaultPlain    = "plain_429"    // the account's 429, as text
	FaultConflict = "conflict_409" // as text
	FaultDown     = "unavailable"  // 503 with Retry-After
	FaultSlow     = "slow"         // Seconds pass before the answer
	FaultCut      = "cut"          // the connection ends, nothing was done
	FaultLost     = "lost_reply"   // everything was done, and the connection ends
	FaultJobFails = "job_failed"   // the job a call queues does nothing and ends failed
	FaultJobKills = "job_killed"   // it ends after Items items
	FaultJobGone  = "job_vanished" // it works, and nobody can ask for it
	faultMerge    = "merge_error"  // the merge a call begins ends in error
)

// FaultKinds lists all of them.
func FaultKinds() []string {
	return []string{
		FaultStatus, FaultEdge, FaultPlain, FaultConflict, FaultDown, FaultSlow, FaultCut, FaultLost, FaultJobFails, FaultJobKills, FaultJobGone, faultMerge,
	}
}

// Arm lets something go wrong.
func (s *Sandbox) Arm(f Fault) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arm(f)
}

func (s *Sandbox) arm(f Fault) (int, error) {
	if !slices.Contains(FaultKinds(), f.Kind) {
		return 0, fmt.Errorf("kind is one of %s", strings.Join(FaultKinds(), ", "))
	}
	f.ID, f.Struck, f.Count = s.next(), 0, cmp.Or(f.Count, 1)
	s.faults = append(s.faults, &f)
	return f.ID, nil
}

// Disarm takes all faults away.
func (s *Sandbox) Disarm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// strike finds the fault that is due for a call.
func (s *Sandbox) strike(c *call) *Fault {
	where := c.path + "?" + c.query.Encode()
	for _, f := range s.faults {
		if (f.Method == "" || f.Method == c.method) && strings.Contains(where, f.Path) && f.meant(c) && f.due() {
			return f
		}
	}
	return nil
}

// meant says whether a fault of jobs or merges is for such a call.
func (f *Fault) meant(c *call) bool {
	switch f.Kind {
	case FaultJobFails, FaultJobKills, FaultJobGone:
		return c.method != http.MethodGet && strings.HasSuffix(c.path, "_many")
	case faultMerge:
		return strings.HasSuffix(c.path, "/merge")
	}
	return true
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

// cuts says whether the connection ends instead of an answer.
func (f *Fault) cuts() bool { return f != nil && (f.Kind == FaultCut || f.Kind == FaultLost) }

// fate is what becomes of a job that is queued under a fault.
func (f *Fault) fate() account.Fate {
	return map[string]account.Fate{FaultJobFails: account.Fails, FaultJobKills: account.Killed, FaultJobGone: account.Vanishes}[f.Kind]
}

// faulty answers for a fault; false where the call itself goes on.
func (s *Sandbox) faulty(c *call) (reply, bool) {
	f := c.fault
	if f == nil {
		return reply{}, false
	}
	switch f.Kind {
	case FaultStatus:
		a := reply{status: cmp.Or(f.Status, http.StatusInternalServerError), kind: "text/html", body: []byte(f.Body)}
		if strings.HasPrefix(f.Body, "{") {
			a.kind = jsonKind
		}
		return f.later(a, 0), true
	case FaultEdge:
		body := map[string]string{"detail": "Rate limited by Zendesk edge protection", "status": "429", "title": "Automated response"}
		return f.later(jsonReply(http.StatusTooManyRequests, body), 10), true
	case FaultPlain:
		return s.finish(c, f.later(plain(http.StatusTooManyRequests, "Number of allowed API requests per minute exceeded"), 30)), true
	case FaultConflict:
		return s.finish(c, plain(http.StatusConflict, "Requester creation collision - please try again")), true
	case FaultDown:
		return f.later(reply{status: http.StatusServiceUnavailable, kind: "text/html", body: []byte("<html><body><h1>Down for maintenance</h1></body></html>")}, 20), true
	case FaultCut:
		return reply{}, true
	}
	return reply{}, false
}

// later names when to come again.
func (f *Fault) later(a reply, seconds int) reply {
	if n := cmp.Or(f.RetryAfter, seconds); n > 0 {
		return a.with("Retry-After", itoa(int64(n)))
	}
	return a
}
