package zendesk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/desksync/desksync/sandbox/internal/loopback"
	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// AdminHandler shows and changes the state: JSON under /sandbox/, a page at /. It refuses
// names that are not of this machine, and other sites' forms.
func (s *Sandbox) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showPage)
	mux.HandleFunc("POST /page/{what}", s.fromPage)
	s.handle(mux, "GET /sandbox/state", func(*http.Request) (any, error) { return s.state(), nil })
	s.handle(mux, "GET /sandbox/stats", func(*http.Request) (any, error) { return s.log.stats, nil })
	s.handle(mux, "GET /sandbox/settings", func(*http.Request) (any, error) { return s.settings, nil })
	s.handle(mux, "PATCH /sandbox/settings", s.adminSettings)
	s.handle(mux, "GET /sandbox/requests", func(*http.Request) (any, error) { return s.log.calls(), nil })
	s.handle(mux, "DELETE /sandbox/requests", func(*http.Request) (any, error) { s.log = newLog(s.opt.Kept); return done(), nil })
	s.handle(mux, "GET /sandbox/faults", func(*http.Request) (any, error) { return append([]*Fault{}, s.faults...), nil })
	s.handle(mux, "POST /sandbox/faults", s.adminFault)
	s.handle(mux, "DELETE /sandbox/faults", func(*http.Request) (any, error) { s.faults = nil; return done(), nil })
	s.handle(mux, "GET /sandbox/tickets", func(*http.Request) (any, error) { return s.adminTickets(), nil })
	s.handle(mux, "POST /sandbox/do", s.adminDo)
	s.handle(mux, "POST /sandbox/webhooks", s.adminHook)
	s.handle(mux, "POST /sandbox/expire", func(*http.Request) (any, error) { clear(s.tokens); return done(), nil })
	s.handle(mux, "POST /sandbox/reset", func(*http.Request) (any, error) { s.reset(); return done(), nil })
	return loopback.Only(http.NewCrossOriginProtection().Handler(mux))
}

func done() any { return map[string]bool{"ok": true} }

// handle serves JSON under the lock.
func (s *Sandbox) handle(mux *http.ServeMux, pattern string, f func(r *http.Request) (any, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.account.Advance()
		out, err := f(r)
		a := ok(out)
		if err != nil {
			a = jsonReply(http.StatusBadRequest, textError{"InvalidInput", err.Error()})
		}
		s.post()
		s.mu.Unlock()
		a.send(w)
	})
}

func readJSON(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// State is what the admin API tells of the sandbox as a whole.
type State struct {
	Now     time.Time      `json:"now"`
	Plan    string         `json:"plan"`
	Counts  account.Counts `json:"counts"`
	Tokens  int            `json:"tokens"`
	Calls   int            `json:"calls"`
	Minute  rate           `json:"account_limit"`
	Buckets []rate         `json:"limits"`
	Outbox  int            `json:"webhooks_to_send"`
}

// rate is how far a limit is used.
type rate struct {
	Name string    `json:"name"`
	Used int       `json:"used"`
	Of   int       `json:"of,omitempty"`
	Ends time.Time `json:"ends"`
}

func (s *Sandbox) state() State {
	out := State{
		Now: s.account.At(), Plan: s.settings.Plan, Counts: s.account.Counts(), Tokens: len(s.tokens), Calls: s.log.stats.Calls, Buckets: []rate{}, Outbox: len(s.outbox),
	}
	for name, w := range s.limits {
		r := rate{Name: name, Used: w.used, Ends: w.ends}
		switch {
		case !out.Now.Before(w.ends):
		case name == "account":
			r.Of = s.settings.PerMinute
			out.Minute = r
		case len(out.Buckets) < 50:
			out.Buckets = append(out.Buckets, r)
		}
	}
	return out
}

// adminSettings changes the settings that are named, and answers with all.
func (s *Sandbox) adminSettings(r *http.Request) (any, error) {
	next := s.settings
	if err := readJSON(r, &next); err != nil {
		return nil, err
	}
	if err := next.check(); err != nil {
		return nil, err
	}
	s.apply(next)
	return next, nil
}

// check refuses settings that make no sense.
func (s Settings) check() error {
	if Plans()[s.Plan] == 0 {
		return fmt.Errorf("there is no plan %q", s.Plan)
	}
	if s.PerMinute < 1 || s.MaxJobs < 1 || s.HoldBack < 0 || min(s.QueueSeconds, s.CreateSeconds, s.UpdateSeconds, s.DeleteSeconds, s.MergeSeconds) < 0 {
		return errors.New("limits are 1 or more, and times are not negative")
	}
	return nil
}

func (s *Sandbox) adminFault(r *http.Request) (any, error) {
	var f Fault
	if err := readJSON(r, &f); err != nil {
		return nil, err
	}
	id, err := s.arm(f)
	return map[string]int{"id": id}, err
}

// adminTickets shows which SLA policy each ticket got.
func (s *Sandbox) adminTickets() any {
	type shown struct {
		account.Ticket
		PolicyTitle string
	}
	out := []shown{}
	for _, t := range s.account.Tickets() {
		row := shown{Ticket: *t}
		if p := s.account.Policy(t.Policy); p != nil {
			row.PolicyTitle = p.Title
		}
		out = append(out, row)
	}
	return out
}

// adminHook adds a webhook; it must be of this machine, as everything here is.
func (s *Sandbox) adminHook(r *http.Request) (any, error) {
	var h Webhook
	if err := readJSON(r, &h); err != nil {
		return nil, err
	}
	u, err := url.Parse(h.URL)
	if err != nil || !loopback.Local(u.Hostname()) {
		return nil, errors.New("a webhook is an address of this machine")
	}
	s.hook(h)
	return done(), nil
}
