package zendesk

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// Request is one call in the log. It never holds a token.
type Request struct {
	Number int       `json:"number"`
	At     time.Time `json:"at"` // by the sandbox's clock
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	Route  string    `json:"route,omitempty"` // method and pattern; empty where there is none
	Status int       `json:"status"`          // 0: the connection was cut, and nothing done
	Items  int       `json:"items,omitempty"` // of a batch or a page
	Job    string    `json:"job,omitempty"`   // class of the job that was queued
	Fault  string    `json:"fault,omitempty"`
	Client string    `json:"client,omitempty"` // User-Agent
}

// Stats count all calls there were, those the log forgot included.
type Stats struct {
	Calls     int            `json:"calls"`
	Throttled int            `json:"throttled"` // answered with 429
	Writes    int            `json:"writes"`    // other than GET, tokens aside, that went well
	Jobs      int            `json:"jobs"`
	ByRoute   map[string]int `json:"by_route"`
	Items     map[string]int `json:"items_by_route"`
	ByStatus  map[int]int    `json:"by_status"`
	First     time.Time      `json:"first"`
	Last      time.Time      `json:"last"`
}

// log is a ring of the last calls, and the counts of all.
type log struct {
	ring  []Request
	size  int
	at    int // where the next one goes
	stats Stats
}

func newLog(size int) log {
	return log{size: size, stats: Stats{ByRoute: map[string]int{}, Items: map[string]int{}, ByStatus: map[int]int{}}}
}

func (l *log) add(r Request) {
	if len(l.ring) < l.size {
		l.ring = append(l.ring, r)
	} else {
		l.ring[l.at] = r
	}
	l.at = (l.at + 1) % l.size
	l.stats.count(r)
}

func (t *Stats) count(r Request) {
	if t.Calls == 0 {
		t.First = r.At
	}
	t.Last = r.At
	t.Calls++
	t.ByStatus[r.Status]++
	t.ByRoute[r.Route]++
	t.Items[r.Route] += r.Items
	if r.Status == http.StatusTooManyRequests {
		t.Throttled++
	}
	if good := r.Status >= 200 && r.Status < 300; good && r.Method != http.MethodGet && r.Path != "/oauth/tokens" {
		t.Writes++
		if r.Job != "" {
			t.Jobs++
		}
	}
}

// calls are those the ring holds, oldest first.
func (l *log) calls() []Request {
	if len(l.ring) < l.size {
		return slices.Clone(l.ring)
	}
	return append(slices.Clone(l.ring[l.at:]), l.ring[:l.at]...)
}

func (s *Sandbox) note(c *call, a reply) {
	r := Request{
		Number: s.next(), At: s.account.At(), Method: c.method, Path: c.path, Query: c.query.Encode(), Status: a.status, Items: c.items, Job: c.job,
		Client: c.header.Get("User-Agent"),
	}
	if c.route != nil {
		r.Route = c.route.method + " " + c.route.path
	}
	if c.fault != nil {
		r.Fault = c.fault.Kind
	}
	s.log.add(r)
}

// Requests are the last calls, oldest first.
func (s *Sandbox) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.calls()
}

// Stats are the counts since the beginning, or since Forget.
func (s *Sandbox) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.log.stats
	out.ByRoute, out.Items, out.ByStatus = maps.Clone(out.ByRoute), maps.Clone(out.Items), maps.Clone(out.ByStatus)
	return out
}

// Forget empties the log and begins to count anew.
func (s *Sandbox) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = newLog(s.opt.Kept)
}
