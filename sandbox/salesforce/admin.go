package salesforce

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/sandbox/internal/loopback"
	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// AdminHost shows and changes the state: JSON under /sandbox/, a page at /. It refuses
// names that are not of this machine, and other sites' forms.
func (s *Server) AdminHost() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showPage)
	mux.HandleFunc("POST /page/{what}", s.fromPage)
	mux.HandleFunc("GET /sandbox/key.pem", s.showKey)
	s.handle(mux, "GET /sandbox/state", s.adminState)
	s.handle(mux, "GET /sandbox/settings", func(*http.Request) (any, error) { return s.settings, nil })
	s.handle(mux, "PATCH /sandbox/settings", s.adminSettings)
	s.handle(mux, "GET /sandbox/requests", func(*http.Request) (any, error) { return orNone(s.log), nil })
	s.handle(mux, "DELETE /sandbox/requests", func(*http.Request) (any, error) { s.log = nil; return done(), nil })
	s.handle(mux, "GET /sandbox/faults", func(*http.Request) (any, error) { return orNone(s.faults), nil })
	s.handle(mux, "POST /sandbox/faults", s.adminFault)
	s.handle(mux, "DELETE /sandbox/faults", func(*http.Request) (any, error) { s.faults = nil; return done(), nil })
	s.handle(mux, "POST /sandbox/expire", func(*http.Request) (any, error) { clear(s.sessions); return done(), nil })
	s.handle(mux, "POST /sandbox/reset", func(*http.Request) (any, error) { s.reset(); return done(), nil })
	s.handle(mux, "POST /sandbox/usage", s.adminUsage)
	s.handle(mux, "POST /sandbox/app", s.adminApp)
	s.handle(mux, "POST /sandbox/refresh-token", s.adminRefresh)
	s.handle(mux, "POST /sandbox/do", s.adminDo)
	return loopback.Only(http.NewCrossOriginProtection().Handler(mux))
}

func done() any { return map[string]bool{"ok": true} }

func orNone[T any](list []T) []T { return append([]T{}, list...) }

// handle serves JSON under the lock.
func (s *Server) handle(mux *http.ServeMux, pattern string, f func(r *http.Request) (any, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		out, err := f(r)
		var a reply
		if err != nil {
			a = failure(err)
			if _, known := errors.AsType[*org.Error](err); !known {
				a = fail(http.StatusBadRequest, "INVALID_INPUT", err.Error())
			}
		} else {
			a = jsonReply(http.StatusOK, out)
		}
		s.mu.Unlock()
		w.Header().Set("Content-Type", a.kind)
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body) // nobody is left to tell
	})
}

func readJSON(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// State is what the admin API tells of the sandbox as a whole.
type State struct {
	Organization string               `json:"organization"`
	Now          time.Time            `json:"now"`
	Login        string               `json:"login_url"`
	Instance     string               `json:"instance_url"`
	Counts       map[string]org.Count `json:"counts"`
	Sessions     int                  `json:"sessions"`
	Cursors      int                  `json:"cursors"`
	Calls        int                  `json:"api_used"`
	Jobs         []jobInfo            `json:"jobs"`
	Objects      []string             `json:"objects"`
}

func (s *Server) state() State {
	now := s.world.Now()
	out := State{
		Organization: s.world.ID, Now: now, Login: s.login, Instance: s.instance, Counts: s.world.Counts(), Sessions: len(s.sessions), Cursors: len(s.cursors),
		Calls: s.calls.used(now), Jobs: []jobInfo{},
	}
	for _, j := range s.jobs {
		out.Jobs = append(out.Jobs, j.info(true))
	}
	out.Objects = slices.Sorted(maps.Keys(out.Counts))
	return out
}

func (s *Server) adminState(*http.Request) (any, error) { return s.state(), nil }

// adminSettings changes the settings that are named, and answers with all.
func (s *Server) adminSettings(r *http.Request) (any, error) {
	next := s.settings.clone()
	if err := readJSON(r, &next); err != nil {
		return nil, err
	}
	return next, s.apply(next)
}

// clone shares no list with s: a reader of JSON writes into those it finds.
func (s Settings) clone() Settings {
	s.PageSizes, s.Hidden, s.Off = slices.Clone(s.PageSizes), slices.Clone(s.Hidden), slices.Clone(s.Off)
	return s
}

// apply checks settings and hands those of the data on.
func (s *Server) apply(next Settings) error {
	w := &s.world.Settings
	var stalled time.Time
	if next.Stalled != "" {
		var err error
		if stalled, err = time.Parse(time.RFC3339, next.Stalled); err != nil {
			return err
		}
	}
	least := min(next.SessionSeconds, next.APILimit, next.BulkLimit, next.BulkQueued, next.BulkRunning, next.BinDays)
	if slices.ContainsFunc(next.PageSizes, func(n int) bool { return n < 0 }) || next.BulkPage < 1 || next.LateCommit < 0 || least < 0 {
		return errors.New("numbers are not negative, but for clock_skew_seconds, and bulk_page is 1 or more")
	}
	off := map[org.Feature]bool{}
	for _, name := range next.Off {
		if !slices.Contains(org.Features(), org.Feature(name)) {
			return errors.New("there is no feature " + name)
		}
		off[org.Feature(name)] = true
	}
	hidden := map[string]bool{}
	for _, name := range next.Hidden {
		if !s.world.Knows(name) {
			return errors.New("there is no object or field " + name + "; write one such as Account or Account.Industry")
		}
		hidden[strings.ToLower(name)] = true
	}
	s.settings, w.Off, w.Hidden, w.Stalled, w.BinDays, w.QuietMerge = next, off, hidden, stalled, next.BinDays, next.QuietMerge
	w.LateCommit = seconds(next.LateCommit)
	s.world.Clock.Skew = seconds(next.ClockSkew)
	return nil
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func (s *Server) adminFault(r *http.Request) (any, error) {
	var f Fault
	if err := readJSON(r, &f); err != nil {
		return nil, err
	}
	return s.addFault(f)
}

// adminUsage says how many calls count as used today.
func (s *Server) adminUsage(r *http.Request) (any, error) {
	var in struct {
		Calls *int `json:"api_used"`
		Jobs  *int `json:"bulk_jobs_used"`
	}
	if err := readJSON(r, &in); err != nil {
		return nil, err
	}
	if in.Calls != nil {
		s.calls.set(s.world.Now(), *in.Calls)
	}
	if in.Jobs != nil {
		s.jobsMade.set(s.world.Now(), *in.Jobs)
	}
	return done(), nil
}

// adminApp says who may log in through the connected app.
func (s *Server) adminApp(r *http.Request) (any, error) {
	var in struct {
		Approved []string `json:"approved"`
		RunAs    *string  `json:"run_as"`
	}
	if err := readJSON(r, &in); err != nil {
		return nil, err
	}
	if in.Approved != nil {
		s.app.approved = map[string]bool{}
		for _, name := range in.Approved {
			s.app.approved[strings.ToLower(name)] = true
		}
	}
	if in.RunAs != nil {
		s.app.runAs = *in.RunAs
	}
	return done(), nil
}

func (s *Server) adminRefresh(*http.Request) (any, error) {
	return map[string]string{"refresh_token": s.newRefresh(s.world.IDOf("User", 0))}, nil
}

func (s *Server) showKey(w http.ResponseWriter, _ *http.Request) {
	key, err := s.PrivatePEM()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = w.Write(key) // nobody is left to tell
}
