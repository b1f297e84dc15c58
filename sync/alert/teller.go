package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// Notifier is one channel.
type Notifier interface {
	// Send tells a message. Its errors carry a fault.Kind that says whether the same
	// message may come through later, and nothing secret.
	Send(ctx context.Context, m Message) error
}

// Watched is what of a pipeline the journal does not know.
type Watched struct {
	Name, Source, Target string
	Location             *time.Location // whose calendar day counts; nil: UTC
	Currency             string         // of amounts, such as USD
	Share                float64        // of a day's calls of the source that desksync may make; 0: none is watched
	Unscheduled          bool           // nobody expects it to run by itself: it is never stale
}

// Options tune a Teller; the zero Options are safe, and tell nobody.
type Options struct {
	Policy    Policy
	Channels  map[string]Notifier
	Pipelines []Watched        // those of the configuration; of others nothing holds any more
	Now       func() time.Time // nil: the system's
	Log       zerolog.Logger
	Timeout   time.Duration // of one message; default 15 seconds
	Lease     time.Duration // after which another process may send what one has claimed; default a minute
	GiveUp    time.Duration // how old a message may become unsent; default three days
}

// Teller gathers what holds, decides what is told, and delivers it. It is safe for
// concurrent use, and by several processes on one journal.
type Teller struct {
	journal *journal.Journal
	opt     Options
	stales  sync.Map // pipeline → when the clock alone may make it stale
	looked  sync.Map // pipeline → the day on which Tick last looked at its contracts
}

// New returns a Teller over a journal.
func New(j *journal.Journal, opt Options) *Teller {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	opt.Policy = opt.Policy.filled()
	opt.Timeout = orDefault(opt.Timeout, 15*time.Second)
	opt.Lease = max(orDefault(opt.Lease, time.Minute), 2*opt.Timeout)
	opt.GiveUp = orDefault(opt.GiveUp, 3*24*time.Hour)
	return &Teller{journal: j, opt: opt}
}

// AfterRun looks at what holds for a pipeline after an attempt to run it, which ended
// with err: also one that failed before the journal knew of a run. It decides what is
// to be told; Deliver tells it.
func (t *Teller) AfterRun(ctx context.Context, pipeline string, err error) error {
	w, ok := t.watched(pipeline)
	if !ok {
		return fault.New("alert.gather", fault.NotFound, fmt.Errorf("%s is no pipeline that is watched", pipeline))
	}
	found, gerr := t.gather(ctx, w)
	if gerr != nil {
		return gerr
	}
	return t.step(ctx, pipeline, func(known []State) []Condition {
		return slices.Concat(found, afterRun(w, err, known), kept(known, Configuration, Test))
	})
}

// Tell says that conditions hold which the caller knows of. They hold until Over.
func (t *Teller) Tell(ctx context.Context, conditions ...Condition) error {
	return t.step(ctx, "", func(known []State) []Condition {
		return slices.Concat(kept(known), complete(conditions))
	})
}

// complete gives conditions what every one of their kind has.
func complete(list []Condition) []Condition {
	list = slices.Clone(list)
	for i := range list {
		c := &list[i]
		c.Severity = max(c.Severity, severities[c.Kind])
		if c.Key == "" {
			c.Key = Key(c.Kind, c.Pipeline)
		}
	}
	return list
}

// Over says that conditions do not hold any more. What never held is no error.
func (t *Teller) Over(ctx context.Context, keys ...string) error {
	return t.step(ctx, "", func(known []State) []Condition {
		return slices.DeleteFunc(kept(known), func(c Condition) bool { return slices.Contains(keys, c.Key) })
	})
}

// Tick looks at what the clock alone changes: what is stale, contracts that end, the
// end of silences, a digest that is due. Call it about once a minute.
func (t *Teller) Tick(ctx context.Context) error {
	fresh := map[string][]Condition{}
	for _, w := range t.opt.Pipelines {
		if !t.due(w) {
			continue
		}
		found, err := t.gather(ctx, w)
		if err != nil {
			return err
		}
		fresh[w.Name] = found
		t.looked.Store(w.Name, t.day(w))
	}
	return t.step(ctx, "", func(known []State) []Condition {
		var out []Condition
		for _, c := range kept(known) {
			_, configured := t.watched(c.Pipeline)
			if _, looked := fresh[c.Pipeline]; !looked && (c.Pipeline == "" || configured) {
				out = append(out, c)
			} else if looked && !gathered(c.Kind) {
				out = append(out, c)
			}
		}
		for _, found := range fresh {
			out = append(out, found...)
		}
		return out
	})
}

// due reports whether the clock may have changed what holds for a pipeline: a new day
// began, or it may have become stale.
func (t *Teller) due(w Watched) bool {
	if last, ok := t.looked.Load(w.Name); !ok || last != t.day(w) {
		return true
	}
	next, ok := t.stales.Load(w.Name)
	at, _ := next.(time.Time)
	return ok && !t.opt.Now().Before(at)
}

func (t *Teller) day(w Watched) string {
	return t.opt.Now().In(zone(w.Location)).Format(time.DateOnly)
}

// watched finds a pipeline of the configuration.
func (t *Teller) watched(name string) (Watched, bool) {
	i := slices.IndexFunc(t.opt.Pipelines, func(w Watched) bool { return w.Name == name })
	if i < 0 {
		return Watched{}, false
	}
	return t.opt.Pipelines[i], true
}

// Known lists what is known of conditions, those first that hold.
func (t *Teller) Known(ctx context.Context) ([]State, error) {
	rows, err := t.journal.Alerts(ctx, "")
	if err != nil {
		return nil, err
	}
	states, err := statesOf(rows)
	slices.SortStableFunc(states, func(a, b State) int {
		if a.Holds != b.Holds {
			return map[bool]int{true: -1, false: 1}[a.Holds]
		}
		return int(b.Condition.Severity - a.Condition.Severity)
	})
	return states, err
}

// step decides, from what is known of one pipeline or of all, what is told, and stores
// it. Where nothing changes nothing is written.
func (t *Teller) step(ctx context.Context, pipeline string, holds func([]State) []Condition) error {
	decide := func(rows []journal.Alert) (journal.AlertStep, error) {
		known, err := statesOf(rows)
		if err != nil {
			return journal.AlertStep{}, err
		}
		states, messages := Step(known, holds(known), t.opt.Now().UTC(), t.opt.Policy)
		step, err := changesOf(rows, states, messages)
		step.Merge = t.merge
		return step, err
	}
	rows, err := t.journal.Alerts(ctx, pipeline)
	if err != nil {
		return err
	}
	if first, err := decide(rows); err != nil || first.Empty() {
		return err
	}
	return t.journal.StepAlerts(ctx, pipeline, decide)
}

// kept are the conditions that hold still, for all one knows: of some kinds, or of all.
func kept(known []State, kinds ...Kind) []Condition {
	var out []Condition
	for _, s := range known {
		if s.Holds && (len(kinds) == 0 || slices.Contains(kinds, s.Condition.Kind)) {
			out = append(out, s.Condition)
		}
	}
	return out
}

func statesOf(rows []journal.Alert) ([]State, error) {
	out := make([]State, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal(r.Body, &out[i]); err != nil {
			return nil, fmt.Errorf("alert: what is known of %s cannot be read: %w", r.Key, err)
		}
	}
	return out, nil
}

// changesOf is what differs from what is stored.
func changesOf(rows []journal.Alert, states []State, messages []Message) (journal.AlertStep, error) {
	var step journal.AlertStep
	var errs []error
	was, left := map[string][]byte{}, map[string]bool{}
	for _, r := range rows {
		was[r.Key] = r.Body
	}
	for _, s := range states {
		c := &s.Condition
		body, err := encode(s)
		errs = append(errs, err)
		left[c.Key] = true
		if !bytes.Equal(body, was[c.Key]) {
			step.Put = append(step.Put, journal.Alert{Key: c.Key, Pipeline: c.Pipeline, Kind: string(c.Kind), Holds: s.Holds, Body: body})
		}
	}
	for _, r := range rows {
		if !left[r.Key] {
			step.Drop = append(step.Drop, r.Key)
		}
	}
	for _, m := range messages {
		body, err := encode(m)
		errs = append(errs, err)
		step.Out = append(step.Out, journal.Outgoing{Message: m.ID, Channel: m.Channel, Body: body})
	}
	return step, errors.Join(errs...)
}

// merge makes one message of two that wait for a channel, so that what begins in many
// pipelines within moments, or while a channel is down, comes as one.
func (t *Teller) merge(channel string, waiting, more []byte) ([]byte, bool, error) {
	if t.opt.Policy.Apart[channel] {
		return nil, false, nil
	}
	var a, b Message
	if err := errors.Join(json.Unmarshal(waiting, &a), json.Unmarshal(more, &b)); err != nil {
		return nil, false, fmt.Errorf("alert: a message cannot be read: %w", err)
	}
	if len(a.Parts)+len(b.Parts) > maxParts {
		return nil, false, nil
	}
	a.Parts = append(a.Parts, b.Parts...)
	body, err := encode(a)
	return body, err == nil, err
}

// maxParts bounds what messages grow to.
const maxParts = 500

// encode writes JSON in which every sign stands for itself, so that a person who is
// forgotten is found in it.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
