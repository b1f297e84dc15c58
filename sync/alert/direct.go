package alert

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// Direct tells that the journal cannot be used. It tells so from memory, for the outbox
// lies there. What it knows ends with the process. It is for one goroutine.
type Direct struct {
	Patience time.Duration // how long that lasts before anybody is told; default two minutes

	since   time.Time // when it began; zero: the journal can be used
	states  []State
	waiting []journal.Outgoing // the oldest first
}

// Journal says why the journal cannot be used now, or nil. What is to be told of that goes
// to the channels of t, by its policy, and what they did not take before is offered again.
func (d *Direct) Journal(ctx context.Context, t *Teller, why error) error {
	now := t.opt.Now().UTC()
	states, messages := Step(d.states, d.holds(why, now), now, t.opt.Policy)
	d.states = states
	for _, m := range messages {
		body, err := encode(m)
		if err != nil {
			return fmt.Errorf("alert: a message cannot be written: %w", err)
		}
		d.waiting = append(d.waiting, journal.Outgoing{Message: m.ID, Channel: m.Channel, Body: body, State: journal.Waiting, Made: now})
	}
	return d.deliver(ctx, t)
}

// holds is the condition, once it lasted for long enough.
func (d *Direct) holds(why error, now time.Time) []Condition {
	if why == nil {
		d.since = time.Time{}
		return nil
	}
	if d.since.IsZero() {
		d.since = now
	}
	if now.Sub(d.since) < orDefault(d.Patience, 2*time.Minute) {
		return nil
	}
	return complete([]Condition{{
		Kind: Journal, Level: 1, Title: "desksync cannot use its journal" + here(), Since: d.since, Command: "desksync ready",
		Text: fault.Sentence(why) + ". Nothing is written to the helpdesk meanwhile, and no other alert is told.",
	}})
}

// here names the machine, as far as that is known: another replica may do well.
func here() string {
	if host, err := os.Hostname(); err == nil {
		return " on " + host
	}
	return ""
}

// deliver offers each channel its oldest message, if that is due.
func (d *Direct) deliver(ctx context.Context, t *Teller) error {
	errs, rest := make([]error, len(d.waiting)), make([][]journal.Outgoing, len(d.waiting))
	var all sync.WaitGroup
	for i := range d.waiting {
		m := &d.waiting[i]
		behind := slices.ContainsFunc(d.waiting[:i], func(o journal.Outgoing) bool { return o.Channel == m.Channel })
		if wait := m.Next.Sub(t.opt.Now()); behind || wait > 0 && wait <= 2*longestWait {
			continue // a longer wait is that of a clock that was put back
		}
		m.Attempts++
		all.Go(func() { rest[i], errs[i] = t.offer(ctx, m) })
	}
	all.Wait()
	d.waiting = slices.DeleteFunc(append(d.waiting, slices.Concat(rest...)...), func(m journal.Outgoing) bool { return m.State != journal.Waiting })
	return errors.Join(errs...)
}
