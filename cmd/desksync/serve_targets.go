package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// keptTargets are those that a daemon keeps open between passes: what they asked of the
// helpdesk at the start, and how much of its limits they used, serves the next pass too.
// One that asks over no network is open while passes work with it: its connections and
// their caches are what a hundred of them would hold for nothing.
type keptTargets struct {
	mu    sync.Mutex // guards what follows
	open  map[string]*keptTarget
	alive []*keptTarget  // those that are open, and those that close once nobody works with them
	made  map[string]int // calls of those that were closed, by the name of the target
}

type keptTarget struct {
	wire.Target
	name   string
	users  int  // passes that work with it
	doomed bool // the last of them closes it
}

// observed is what follows the name of a target that is only looked at.
const observed = " observed"

// end closes one that nobody works with, and keeps in mind what calls it made.
func (k *keptTargets) end(t *keptTarget) error {
	if p, ok := t.Target.(helpdesk.Paced); ok {
		k.made[t.name] += p.Pace().Calls
	}
	k.alive = slices.DeleteFunc(k.alive, func(a *keptTarget) bool { return a == t })
	return t.Close()
}

// paces says what calls each target made since the daemon started, and how many it may
// make. Those that never told are left out.
func (k *keptTargets) paces() map[string]helpdesk.Pace {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := map[string]helpdesk.Pace{}
	for name, n := range k.made {
		out[name] = helpdesk.Pace{Calls: n, Left: -1}
	}
	for _, t := range k.alive {
		if p, ok := t.Target.(helpdesk.Paced); ok {
			now := p.Pace()
			now.Calls += out[t.name].Calls
			out[t.name] = now
		}
	}
	return out
}

// of returns a target that was opened before, or opens it, and how to give it back.
func (k *keptTargets) of(name string, open func() (wire.Target, error)) (wire.Target, func() error, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.open[name]
	if t == nil {
		fresh, err := open()
		if err != nil {
			return nil, nil, err
		}
		t = &keptTarget{Target: fresh, name: strings.TrimSuffix(name, observed)}
		k.open[name] = t
		k.alive = append(k.alive, t)
	}
	t.users++
	return t.Target, func() error { return k.back(name, t) }, nil
}

func (k *keptTargets) back(name string, t *keptTarget) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, afar := t.Target.(helpdesk.Paced)
	if t.users--; t.users > 0 || !t.doomed && afar {
		return nil
	}
	if k.open[name] == t {
		delete(k.open, name)
	}
	return k.end(t)
}

// close closes all, those in use once they are not; they are opened anew when they are
// next asked for.
func (k *keptTargets) close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var errs []error
	for name, t := range k.open {
		if t.doomed = true; t.users == 0 {
			errs = append(errs, k.end(t))
		}
		delete(k.open, name)
	}
	return errors.Join(errs...)
}

// stale reports that an error may come of what was kept: a secret that changed, say.
func stale(err error) bool { return err != nil && fault.KindOf(err) != fault.Unsafe }

// targetOf opens a pipeline's target, or takes the one that is kept.
func (s *session) targetOf(ctx context.Context, w *wire.Pipeline, readOnly bool) (wire.Target, error) {
	open := func() (wire.Target, error) { return s.openTarget(ctx, w, s.journal.Instance(), readOnly) }
	if s.kept != nil && !readOnly {
		name := w.Config.To
		if w.Observes() {
			name += observed
		}
		tgt, back, err := s.kept.of(name, open)
		if err == nil {
			s.closers = append(s.closers, back)
		}
		return tgt, err
	}
	tgt, err := open()
	if err == nil {
		s.closers = append(s.closers, tgt.Close)
	}
	return tgt, err
}

// openTarget opens a pipeline's target. What is asked of it counts toward the share of its
// limits that all processes have together.
func (s *session) openTarget(ctx context.Context, w *wire.Pipeline, instance string, readOnly bool) (wire.Target, error) {
	owner := journal.HolderName()
	w.Reserve = func(ctx context.Context, ask func([]zendesk.Reserved) zendesk.Reservation) error {
		return s.journal.Reserve(ctx, w.Config.To, owner, time.Minute+zendesk.ReservedFor, func(others []journal.Reservation) journal.Reservation {
			r := ask(reservedBy(others))
			return journal.Reservation{Calls: r.Calls, Limit: r.Limit, Parts: r.Parts}
		})
	}
	return w.Target(ctx, instance, readOnly)
}

// reservedBy is what others reserved, as a target hears it.
func reservedBy(others []journal.Reservation) []zendesk.Reserved {
	out := make([]zendesk.Reserved, len(others))
	for i, r := range others {
		out[i] = zendesk.Reserved{
			Reservation: zendesk.Reservation{Calls: r.Calls, Limit: r.Limit, Parts: r.Parts},
			Owner:       r.Owner, Nth: r.Nth, Last: zendesk.ReservedFor - r.Age,
		}
	}
	return out
}
