package schedule

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// allDue adds a tick that is due for each entry.
func allDue(t *testing.T, d *Daemon, entries ...Entry) {
	t.Helper()
	for _, e := range entries {
		if _, err := d.store.add(t.Context(), e.tick(time.Now().Add(-time.Minute)), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	d.Wake()
}

// of is an entry of a pipeline of a target that is never due by itself.
func of(t *testing.T, target, pipeline string) Entry {
	t.Helper()
	e := every(t, pipeline, Delta, "0 0 1 1 *")
	e.Target = target
	return e
}

func inRealTime(name string) Options {
	opt := quick(name, ten())
	opt.Now = time.Now
	return opt
}

// TestPipelinesOfOneTargetStandInLine has a dozen pipelines of one target due at once, and
// another target beside them, on two daemons: the dozen go one by one, no pass is begun
// only to find the target taken, those who wait have no job, and the other target does
// not wait for them.
func TestPipelinesOfOneTargetStandInLine(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		const many = 12
		var going, met, jobs, behind atomic.Int32
		var d *Daemon
		r := &runner{answer: func(ctx context.Context, w Work, nth int) Result {
			if w.Pipeline == "other" {
				behind.Store(int32(nth))
				return Result{State: Done}
			}
			if going.Add(1) > 1 {
				met.Add(1)
			}
			var n int32
			_ = d.store.db.Reader.GetContext(ctx, &n, `SELECT count(*) FROM river_job WHERE state IN ('available', 'scheduled', 'retryable')`)
			jobs.Store(max(jobs.Load(), n))
			time.Sleep(10 * time.Millisecond)
			going.Add(-1)
			return Result{State: Done}
		}}
		entries := []Entry{of(t, "second", "other")}
		for n := range many {
			entries = append(entries, of(t, "first", fmt.Sprintf("p%02d", n)))
		}
		d, _ = start(t, dsn, r, inRealTime("a"), entries...)
		start(t, dsn, r, inRealTime("b"), entries...)
		until(t, "the entries are known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == many+1 })
		allDue(t, d, entries...)
		for _, e := range entries {
			until(t, e.Pipeline+" ran", func() bool { return r.times(e.Pipeline) == 1 })
		}
		quiet(t, d)
		if n := met.Load(); n > 0 {
			t.Errorf("%d passes found another at work at their target", n)
		}
		if n := jobs.Load(); n > 5 {
			t.Errorf("%d jobs at once for two targets; who stands in line needs none", n)
		}
		if n := behind.Load(); n > many/2 {
			t.Errorf("the pass of another target was the %dth of %d", n, many+1)
		}
	})
}

// TestALongPassLetsItsLineGoOn: one that applies for long stops for those that wait for
// its target, though places are free, and goes on after each of them had its turn.
func TestALongPassLetsItsLineGoOn(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		var order []string
		var mu sync.Mutex
		r := &runner{}
		r.answer = func(ctx context.Context, w Work, _ int) Result {
			mu.Lock()
			order = append(order, w.Pipeline)
			mu.Unlock()
			if w.Pipeline != "long" || r.times("long") > 1 {
				return Result{State: Done}
			}
			w.Phase("apply")
			<-ctx.Done()
			return Result{State: Stopped}
		}
		entries := []Entry{of(t, "first", "long"), of(t, "first", "one"), of(t, "first", "two"), of(t, "first", "three")}
		opt := inRealTime("a")
		opt.Lease = 400 * time.Millisecond
		d, _ := start(t, dsn, r, opt, entries...)
		until(t, "the entries are known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == len(entries) })
		allDue(t, d, entries[0])
		until(t, "the long one began", func() bool { return r.times("long") == 1 })
		allDue(t, d, entries[1:]...)
		until(t, "the long one went on", func() bool { return r.times("long") == 2 })
		quiet(t, d)
		if want := []string{"long", "one", "two", "three", "long"}; !slices.Equal(order, want) {
			t.Errorf("passes in the order %q, want %q", order, want)
		}
	})
}

// gated is a runner whose target someone else may hold.
type gated struct {
	*runner
	by    atomic.Value
	asked atomic.Int32
}

func (g *gated) Held(context.Context, string) (string, error) {
	g.asked.Add(1)
	by, _ := g.by.Load().(string)
	return by, nil
}

// TestNoPassBeginsWhileACommandHoldsItsTarget: it is asked again now and then, and begins
// once the target is free.
func TestNoPassBeginsWhileACommandHoldsItsTarget(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		g := &gated{runner: &runner{}}
		g.by.Store("run 7 holds it")
		e := of(t, "first", "customers")
		d, _ := start(t, dsn, g, inRealTime("a"), e)
		until(t, "the entry is known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == 1 })
		allDue(t, d, e)
		until(t, "it is asked again", func() bool { return g.asked.Load() > 3 })
		if n := g.times("customers"); n > 0 {
			t.Fatalf("%d passes began while a command held the target", n)
		}
		g.by.Store("")
		until(t, "the pass", func() bool { return g.times("customers") == 1 })
		quiet(t, d)
	})
}

// TestAFailedPassKeepsNobodyWaiting: while one waits for its next try, the others of its
// line go on.
func TestAFailedPassKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		r := &runner{answer: func(_ context.Context, w Work, _ int) Result {
			if w.Pipeline == "broken" {
				return Result{State: Retry, Text: "the source is away"}
			}
			return Result{State: Done}
		}}
		entries := []Entry{of(t, "first", "broken"), of(t, "first", "whole")}
		opt := inRealTime("a")
		opt.Again = time.Hour
		d, _ := start(t, dsn, r, opt, entries...)
		until(t, "the entries are known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == len(entries) })
		allDue(t, d, entries[0])
		until(t, "the first failure", func() bool { return r.times("broken") == 1 })
		allDue(t, d, entries[1])
		until(t, "the other pass, within the hour that the one that failed waits", func() bool { return r.times("whole") == 1 })
	})
}

// TestNoMorePassesThanPlaces: pipelines that are all due at once do not begin together.
func TestNoMorePassesThanPlaces(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		var going, most atomic.Int32
		r := &runner{answer: func(context.Context, Work, int) Result {
			now := going.Add(1)
			for n := most.Load(); now > n && !most.CompareAndSwap(n, now); n = most.Load() {
			}
			time.Sleep(50 * time.Millisecond)
			going.Add(-1)
			return Result{State: Done}
		}}
		var entries []Entry
		for n := range 8 {
			entries = append(entries, of(t, "", fmt.Sprintf("p%02d", n)))
		}
		opt := inRealTime("a")
		opt.Most = 2
		d, _ := start(t, dsn, r, opt, entries...)
		until(t, "the entries are known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == len(entries) })
		allDue(t, d, entries...)
		for _, e := range entries {
			until(t, e.Pipeline+" ran", func() bool { return r.times(e.Pipeline) == 1 })
		}
		if n := most.Load(); n > 2 {
			t.Errorf("%d passes at once in two places", n)
		}
	})
}
