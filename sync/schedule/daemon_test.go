package schedule

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/virtual"
)

func ten() *virtual.Clock { return virtual.NewClock(time.Date(2026, 11, 21, 10, 0, 30, 0, time.UTC)) }

// TestOneTickIsOneRunWhateverTheClocksSay has three replicas, whose clocks are a minute
// apart, pass six times of a schedule.
func TestOneTickIsOneRunWhateverTheClocksSay(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		clocks := []*virtual.Clock{ten(), ten(), ten()}
		clocks[1].Move(-25 * time.Second)
		clocks[2].Move(55 * time.Second)
		r := &runner{}
		var daemons []*Daemon
		for i, c := range clocks {
			d, _ := start(t, dsn, r, quick(string(rune('a'+i)), c), every(t, "customers", Delta, "*/10 * * * *"))
			daemons = append(daemons, d)
		}
		for _, d := range daemons {
			until(t, "the entry is known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == 1 })
		}
		for n := range 6 {
			for _, c := range clocks {
				c.Move(10 * time.Minute)
			}
			until(t, "a run", func() bool { return r.times("customers") > n })
			quiet(t, daemons[0])
		}
		time.Sleep(10 * 20 * time.Millisecond)
		quiet(t, daemons[0])
		if n := r.times("customers"); n != 6 {
			t.Errorf("%d runs of six ticks: %s", n, ticksOf(t, daemons[0]))
		}
	})
}

// TestMissedRunsAreCaughtUpOnce: what a daemon missed while it was off is one run; a
// pipeline that is new missed nothing.
func TestMissedRunsAreCaughtUpOnce(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c, r := ten(), &runner{}
		entries := []Entry{every(t, "customers", Delta, "*/10 * * * *"), every(t, "customers", Full, "15 3 * * *")}
		d, stop := start(t, dsn, r, quick("a", c), entries...)
		until(t, "both entries are known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == 2 })
		stop()
		if n := r.times("customers"); n != 0 {
			t.Fatalf("%d runs of a pipeline that is new", n)
		}
		c.Move(3 * 24 * time.Hour)
		d, _ = start(t, dsn, r, quick("a", c), entries...)
		until(t, "a run", func() bool { return r.times("customers") > 0 })
		quiet(t, d)
		if n := r.times("customers"); n != 1 || r.asked[0].Kind != Full || len(r.asked[0].Ticks) != 2 {
			t.Errorf("after three days off: %d runs, the first %+v; want one full run that stands for both", n, r.asked[0])
		}
	})
}

// TestAClockThatWasSetBackKeepsNoRunAway: ticks of the hour that comes twice run, once
// the clocks of replicas could no longer explain it.
func TestAClockThatWasSetBackKeepsNoRunAway(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c, r := ten(), &runner{}
		d, _ := start(t, dsn, r, quick("a", c), every(t, "customers", Delta, "*/10 * * * *"))
		until(t, "the entry is known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == 1 })
		steps := []struct {
			move time.Duration
			want int
		}{{time.Hour, 1}, {-time.Hour, 1}, {10 * time.Minute, 2}, {10 * time.Minute, 3}, {time.Hour, 4}}
		for i, s := range steps {
			c.Move(s.move)
			until(t, "the clock is noticed", func() bool {
				d.mu.Lock()
				defer d.mu.Unlock()
				for _, last := range d.last {
					return last.Sub(c.Now()) <= clocksApart
				}
				return false
			})
			until(t, "the runs of this step", func() bool { return r.times("customers") >= s.want })
			time.Sleep(100 * time.Millisecond)
			quiet(t, d)
			if n := r.times("customers"); n != s.want {
				t.Fatalf("step %d: %d runs, want %d: %s", i, n, s.want, ticksOf(t, d))
			}
		}
	})
}

// TestARunThatIsStillGoingIsNotStartedAgain: ticks that come meanwhile are one more run
// after it, of the widest kind.
func TestARunThatIsStillGoingIsNotStartedAgain(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c := ten()
		var going, twice atomic.Int32
		release := make(chan struct{})
		r := &runner{answer: func(_ context.Context, _ Work, nth int) Result {
			if going.Add(1) > 1 {
				twice.Add(1)
			}
			defer going.Add(-1)
			if nth == 1 {
				<-release
			}
			return Result{State: Done, Run: int64(nth)}
		}}
		entries := []Entry{every(t, "customers", Delta, "*/10 * * * *"), every(t, "customers", Audit, "45 * * * *")}
		d, _ := start(t, dsn, r, quick("a", c), entries...)
		start(t, dsn, r, quick("b", c), entries...)
		until(t, "both entries are known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == 2 })
		c.Move(10 * time.Minute)
		until(t, "the first run", func() bool { return r.times("customers") == 1 })
		for range 5 {
			c.Move(10 * time.Minute)
			until(t, "its time is on record", func() bool {
				last, err := d.store.last(t.Context(), entries[0])
				return err == nil && last.Equal(c.Now().Truncate(10*time.Minute))
			})
		}
		close(release)
		until(t, "the second run", func() bool { return r.times("customers") == 2 })
		quiet(t, d)
		if n := r.times("customers"); n != 2 || twice.Load() > 0 || r.asked[1].Kind != Audit || len(r.asked[1].Ticks) < 5 {
			t.Errorf("%d runs, %d beside another, the second %+v", n, twice.Load(), r.asked[1])
		}
	})
}

// TestWhatFailsIsTriedAgainAndNotForEver: a failure that may pass is tried again later,
// one that does not is left to the next tick.
func TestWhatFailsIsTriedAgainAndNotForEver(t *testing.T) {
	t.Parallel()
	var opt Options
	opt.fill()
	p := &pass{}
	var waits []time.Duration
	for range tries + 3 {
		var wait time.Duration
		p.failures, wait = p.verdict(Result{State: Retry}, opt)
		waits = append(waits, wait)
	}
	want := []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 0, 15 * time.Second, 30 * time.Second}
	for i := range want {
		if waits[i] != want[i] {
			t.Fatalf("waits %v, want %v", waits, want)
		}
	}
	if p.failures != tries+3 {
		t.Errorf("%d failures in a row, want %d", p.failures, tries+3)
	}
	if n, wait := p.verdict(Result{State: Failed}, opt); n != tries+4 || wait != 0 {
		t.Errorf("a failure that would come again: %d, %s", n, wait)
	}
	if n, wait := p.verdict(Result{State: Done}, opt); n != 0 || wait != 0 {
		t.Errorf("a run that went well: %d, %s", n, wait)
	}
	if n, wait := p.verdict(Result{State: Busy}, opt); n != p.failures || wait != opt.Ask {
		t.Errorf("a target that is taken: %d, %s", n, wait)
	}
}

// TestADaemonThatStopsHandsOver: the pass is asked to stop, and another replica goes on
// well before any lease ends.
func TestADaemonThatStopsHandsOver(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c := ten()
		var at sync.Map
		r := &runner{answer: func(ctx context.Context, _ Work, nth int) Result {
			at.Store(nth, time.Now())
			if nth == 1 {
				<-ctx.Done()
				return Result{State: Stopped, Run: 1}
			}
			return Result{State: Done, Run: 1}
		}}
		opt := quick("a", c)
		opt.Lease = time.Hour
		first, stop := start(t, dsn, r, opt, every(t, "customers", Delta, "*/10 * * * *"))
		until(t, "the entry is known", func() bool { first.mu.Lock(); defer first.mu.Unlock(); return len(first.last) == 1 })
		c.Move(10 * time.Minute)
		until(t, "the first pass", func() bool { return r.times("customers") == 1 })
		opt.Holder = "b"
		second, _ := start(t, dsn, r, opt, every(t, "customers", Delta, "*/10 * * * *"))
		asked := time.Now()
		stop()
		until(t, "the second pass", func() bool { return r.times("customers") == 2 })
		began, _ := at.Load(2)
		if took := began.(time.Time).Sub(asked); took > 5*time.Second {
			t.Errorf("it took %s until the other went on", took)
		}
		quiet(t, second)
	})
}

// TestASilentHolderIsReplaced: a process that neither beats nor ends loses its turn after
// the lease; when it comes back, it notes nothing any more.
func TestASilentHolderIsReplaced(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c, r := ten(), &runner{}
		s, err := openStore(t.Context(), dsn, c.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		e := every(t, "customers", Delta, "*/10 * * * *")
		if _, err := s.last(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		tick := e.tick(c.Now().Add(-30 * time.Second).Add(10 * time.Minute))
		if ok, err := s.add(t.Context(), tick, time.Time{}); err != nil || !ok {
			t.Fatal(ok, err)
		}
		c.Move(10 * time.Minute)
		lost, ok, err := s.take(t.Context(), "customers", turnRow{}, "dead")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		d, _ := start(t, dsn, r, quick("a", c), e)
		if begun := time.Now(); true {
			until(t, "a run", func() bool { return r.times("customers") == 1 })
			if took := time.Since(begun); took < time.Second {
				t.Errorf("the turn was taken after %s, before the lease of 2 s ended", took)
			}
		}
		quiet(t, d)
		if err := s.answer(t.Context(), lost, []Tick{tick}, Result{State: Failed}); err == nil {
			t.Error("who lost the turn noted the end of its pass")
		}
		if err := s.beat(t.Context(), lost, "apply"); err == nil {
			t.Error("who lost the turn still says that it lives")
		}
	})
}

// TestNoPipelineStarves: one that applies for long stops when others wait, and goes on.
func TestNoPipelineStarves(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c := ten()
		var left atomic.Int32
		left.Store(3) // slices that the long one needs
		r := &runner{answer: func(ctx context.Context, w Work, _ int) Result {
			if w.Pipeline != "long" {
				return Result{State: Done}
			}
			w.Phase("apply")
			<-ctx.Done()
			if left.Add(-1) > 0 {
				return Result{State: Stopped}
			}
			return Result{State: Done}
		}}
		opt := quick("a", c)
		opt.Most, opt.Now = 1, time.Now
		names := []string{"long", "one", "two", "three"}
		var entries []Entry
		for _, name := range names {
			entries = append(entries, every(t, name, Delta, "0 0 1 1 *"))
		}
		d, _ := start(t, dsn, r, opt, entries...)
		for i, name := range names {
			if _, err := d.store.add(t.Context(), entries[i].tick(time.Now().Add(-time.Minute)), time.Time{}); err != nil {
				t.Fatal(err)
			}
			d.Wake()
			until(t, "the long one began", func() bool { return r.times("long") > 0 || name != "long" })
		}
		until(t, "the short ones ran", func() bool { return r.times("one") == 1 && r.times("two") == 1 && r.times("three") == 1 })
		until(t, "the long one went on", func() bool { return r.times("long") > 1 })
	})
}

// TestOldTicksAreForgotten: those that were answered a month ago go, but for the newest
// of each entry, which says what was not missed.
func TestOldTicksAreForgotten(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c, r := ten(), &runner{}
		d, _ := start(t, dsn, r, quick("a", c), every(t, "customers", Delta, "*/10 * * * *"), every(t, "partners", Delta, "15 3 1 1 *"))
		until(t, "both entries are known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == 2 })
		for n := range 3 {
			c.Move(10 * time.Minute)
			until(t, "a run", func() bool { return r.times("customers") > n })
			quiet(t, d)
		}
		c.Move(kept)
		until(t, "another run", func() bool { return r.times("customers") > 3 })
		quiet(t, d)
		c.Move(24 * time.Hour)
		until(t, "the old ticks are forgotten", func() bool {
			var n int
			if err := d.store.db.GetContext(t.Context(), &n, d.store.db.Rebind(`SELECT count(*) FROM tick WHERE nominal < ?`), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).UnixMicro()); err != nil {
				return false
			}
			return n == 1
		})
	})
}
