package reconcile_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/reconcile"
)

// metered is a CRM that counts what it is asked, in one process.
type metered struct {
	*memory
	calls atomic.Int64
}

func (m *metered) Describe(ctx context.Context) (crm.Schema, error) {
	m.calls.Add(1)
	return m.memory.Describe(ctx)
}

func (m *metered) Records(ctx context.Context, q crm.Query, rep *crm.Report) iter.Seq2[crm.Record, error] {
	m.calls.Add(1)
	return m.memory.Records(ctx, q, rep)
}

func (m *metered) Usage() crm.Usage                                { return crm.Usage{Calls: int(m.calls.Load())} }
func (m *metered) Recall(time.Time, int, int)                      {}
func (m *metered) Meter(func(ctx context.Context, most int) error) {}

// dies makes a pass in a process of its own, which freezes for good at the nth checkpoint
// of a name, after something was done at each, and returns how often it asked the CRM until then.
func (w *world) dies(t *testing.T, point string, n int, before ...func(n int)) int {
	t.Helper()
	source := &metered{memory: w.crm}
	w.pipe.Source = source
	frozen, thaw, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	stop := nth(n, func() { close(frozen); <-thaw })
	seen := 0
	w.opt.Checkpoint = func(at string) {
		if at != point {
			return
		}
		seen++
		for _, do := range before {
			do(seen)
		}
		stop(at)
	}
	r := w.reconciler()
	w.opt.Checkpoint = nil
	go func() {
		defer close(over)
		if _, err := r.Run(context.WithoutCancel(t.Context()), reconcile.Trigger{Mode: reconcile.Reconcile}); err == nil {
			t.Error("the process that froze came back and went on")
		}
	}()
	t.Cleanup(func() { close(thaw); <-over })
	<-frozen
	w.clock.Move(2 * time.Minute)
	return source.Usage().Calls
}

// totalsOf are what the journal says of a run.
func (w *world) totalsOf(run int64) map[string]any {
	w.Helper()
	r, err := w.journal.RunByID(w.Context(), run)
	out := map[string]any{}
	if err == nil {
		err = json.Unmarshal(r.Totals, &out)
	}
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// TestARunThatWasCutOffTwiceIsCountedOnce: ten changes; one is refused in the first process,
// one moved before the second, one before the third.
func TestARunThatWasCutOffTwiceIsCountedOnce(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.opt.Shard = 2
		for i := range 8 {
			w.crm.put(account{id: fmt.Sprintf("N%d", i), name: fmt.Sprintf("New %d", i), owner: "Lee"})
		}
		first := w.run()
		for _, id := range []string{"A1", "B1", "N0", "N1", "N2", "N3", "N4", "N5", "N6", "N7"} {
			w.crm.set(crm.Account, id, "Owner", "Max")
		}
		w.desk.Inject(helpdesktest.Fault{
			On:  func(r helpdesktest.Request) bool { return r.Writes() && r.Ref.Key == "B1" },
			Err: fault.New("fake.apply", fault.Invalid, errors.New("no")),
		})
		calls := w.dies(t, "wrote", 2)
		w.desk.Heal()
		w.edit("N4", owner, text("Ivy"))
		calls += w.dies(t, "wrote", 2)
		w.edit("N7", owner, text("Ivy"))
		source := &metered{memory: w.crm}
		w.pipe.Source = source
		rep := w.run()
		if len(rep.Resumed) != 1 {
			t.Fatalf("resumed: %+v", rep.Resumed)
		}
		got, want := rep.Resumed[0].Tally, reconcile.Tally{Written: 7, Failed: 1, Raced: 2}
		if got != want || rep.Raced != 0 || rep.Failed != 0 || rep.Applied != 1 || len(rep.Refused) != 0 {
			t.Errorf("of the run that was cut off: %+v, want %+v; of this one: applied %d, failed %d, raced %d", got, want, rep.Applied, rep.Failed, rep.Raced)
		}
		totals := w.totalsOf(first.Run + 1)
		for name, n := range map[string]int{"applied": 7, "failed": 1, "raced": 2, "left": 0, "waiting": 0, "calls": calls + 1} {
			if totals[name] != float64(n) {
				t.Errorf("%s: %v, want %d", name, totals[name], n)
			}
		}
		if n := w.totalsOf(rep.Run)["calls"]; n != float64(source.Usage().Calls-1) {
			t.Errorf("calls of the run that followed: %v, want %d: one was to go on with the other", n, source.Usage().Calls-1)
		}
		w.quiet()
	})
}

// TestWhatWasToBeDoneBesideDidNotRace: of two changes of an account, one moved while others
// were written.
func TestWhatWasToBeDoneBesideDidNotRace(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.opt.Shard = 1
		w.crm.put(account{id: "N1", name: "New", owner: "Lee", contacts: []string{"ann ann@new.example"}})
		first := w.run()
		for _, id := range []string{"A1", "B1", "N1"} {
			w.crm.set(crm.Account, id, "Owner", "Max")
		}
		w.crm.set(crm.Contact, "ann", "Name", "Ann Lee")
		w.dies(t, "wrote", 2, func(n int) {
			if n == 1 {
				w.edit("N1", owner, text("Ivy"))
				w.clock.Move(time.Minute) // it is asked what moved
			}
		})
		rep := w.run()
		if want := (reconcile.Tally{Written: 2, Raced: 1}); len(rep.Resumed) != 1 || rep.Resumed[0].Run != first.Run+1 || rep.Resumed[0].Tally != want {
			t.Errorf("resumed: %+v, want %+v", rep.Resumed, want)
		}
		if rep.Applied != 1 || rep.Raced != 0 {
			t.Errorf("applied %d and raced %d, want the user alone written", rep.Applied, rep.Raced)
		}
	})
}
