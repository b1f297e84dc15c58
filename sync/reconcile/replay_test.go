package reconcile_test

import (
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// apply applies what an earlier run computed and returns what was written.
func (w *world) apply(run int64) (*reconcile.Report, []string, error) {
	w.desk.ClearLog()
	open := false
	changes := reconcile.Changes(w.Context(), w.journal, run, journal.ChangeFilter{Held: &open})
	rep, err := w.reconciler().Replay(w.Context(), reconcile.Replay{Mode: journal.Apply, Parent: run, By: "ops", Changes: changes})
	return rep, w.written(), err
}

func TestWhatIsComputedForAnotherDayIsNotApplied(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold 2026-01-01 2026-11-10"})
		w.run()
		rep := w.run(reconcile.Trigger{Mode: reconcile.Diff, AsOf: on("2026-12-24")})
		if _, written, err := w.apply(rep.Run); fault.KindOf(err) != fault.Unsafe || len(written) > 0 {
			w.Errorf("%v, written %q", err, written)
		}
		w.quiet()
	})
}

func TestARunThatOnlyLookedIsNotUndone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.set(crm.Account, "A1", "Owner", "Max")
		diff := w.run(reconcile.Trigger{Mode: reconcile.Diff})
		done := w.run()
		preview, _, err := w.reconciler().Undo(w.Context(), done.Run, "ops", true)
		if err != nil || diff.State != journal.Previewed || preview.State != journal.Previewed || done.State != journal.Applied {
			w.Fatalf("%v; the diff %s, the run %s, the preview %s", err, diff.State, done.State, preview.State)
		}
		w.desk.ClearLog()
		for _, run := range []int64{diff.Run, preview.Run} {
			if _, _, err := w.reconciler().Undo(w.Context(), run, "ops", false); fault.KindOf(err) != fault.Unsafe {
				w.Errorf("undo of run %d: %v", run, err)
			}
		}
		w.same("written", w.written(), nil)
		w.holds("A1", owner, "Max")
	})
}
