package alert

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/desksync/desksync/internal/fault"
)

// AfterRun looks at what holds for a pipeline after an attempt to run it, which ended
// with err: also one that failed before the journal knew of a run. It decides what is
// to be told; Deliver tells it.
func (t *Teller) AfterRun(ctx context.Context, pipeline string, err error) error {
	w, found, lerr := t.look(ctx, pipeline)
	if lerr != nil {
		return lerr
	}
	return t.step(ctx, pipeline, func(known []State) []Condition {
		return slices.Concat(found, afterRun(w, err, known), kept(known, Configuration, Test))
	})
}

// AfterDecision looks at what holds for a pipeline after somebody decided something about
// it, or wrote by hand what was computed before. What only a whole attempt can show, such
// as that runs fail, holds as it held.
func (t *Teller) AfterDecision(ctx context.Context, pipeline string) error {
	_, found, err := t.look(ctx, pipeline)
	if err != nil {
		return err
	}
	return t.step(ctx, pipeline, func(known []State) []Condition {
		return slices.Concat(found, kept(known, ungathered...))
	})
}

func (t *Teller) look(ctx context.Context, pipeline string) (Watched, []Condition, error) {
	w, ok := t.watched(pipeline)
	if !ok {
		return w, nil, fault.New("alert.gather", fault.NotFound, fmt.Errorf("%s is no pipeline that is watched", pipeline))
	}
	found, err := t.gather(ctx, w)
	return w, found, err
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
