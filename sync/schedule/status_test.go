package schedule

import (
	"context"
	"testing"
	"time"
)

// TestARunThatWaitsForItsJitterIsTheNext: its time has come, and it is not due.
func TestARunThatWaitsForItsJitterIsTheNext(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c, r := ten(), &runner{}
		e, err := NewEntry("customers", Delta, "*/10 * * * *", time.UTC, 9*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := start(t, dsn, r, quick("a", c), e)
		until(t, "the entry is known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == 1 })
		fires := e.tick(e.Next(c.Now()))
		fires.Due = fires.Due.Truncate(time.Microsecond)
		if fires.Due.Sub(fires.Nominal) < time.Minute {
			t.Fatalf("%+v has hardly any jitter: the test is blind", fires)
		}
		c.Reach(fires.Nominal)
		d.Wake()
		until(t, "it is on record", func() bool { n, err := d.store.nextDue(t.Context()); return err == nil && n.Equal(fires.Due) })
		st, err := d.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if p := st.Pipelines[0]; len(p.Next) != 1 || !p.Next[0].Due.Equal(fires.Due) || len(p.Waiting) != 0 {
			t.Errorf("next %v, waiting %v; want the run that is due at %s", p.Next, p.Waiting, fires.Due)
		}
	})
}

// TestThePhaseIsSaidWhenItBegins: who looks at the queue sees what a pass is at, long before
// it has to say again that it lives.
func TestThePhaseIsSaidWhenItBegins(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c := ten()
		r := &runner{answer: func(ctx context.Context, w Work, _ int) Result {
			w.Phase("apply")
			<-ctx.Done()
			return Result{State: Stopped}
		}}
		opt := quick("a", c)
		opt.Lease = time.Hour
		d, _ := start(t, dsn, r, opt, every(t, "customers", Delta, "*/10 * * * *"))
		until(t, "the entry is known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == 1 })
		c.Move(10 * time.Minute)
		d.Wake()
		until(t, "the queue says what it is at", func() bool {
			st, err := d.Status(t.Context())
			return err == nil && st.Pipelines[0].Phase == "apply"
		})
	})
}
