package reconcile_test

import (
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// apply applies what an earlier run computed and returns what was written.
func (w *world) apply(run int64) (*reconcile.Report, []string, error) {
	w.desk.ClearLog()
	open := false
	changes := reconcile.ComputedIn(w.Context(), w.journal, run, journal.ChangeFilter{Held: &open})
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

func TestWhatMovedInTheCRMSinceIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		move func(w *world)
		why  string
	}{
		"another value": {func(w *world) { w.crm.set(crm.Account, "A1", "Owner", "Max") }, "what crm says of the account"},
		"another row of it": {func(w *world) {
			w.crm.put(account{id: "A1", name: "Acme", owner: "Kim", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		}, "what crm says of the account"},
		"the account is gone": {func(w *world) { w.crm.remove("A1") }, "the account is gone from crm"},
		"the rules":           {func(w *world) { w.rules.grace++ }, "the rules"},
		"an override": {func(w *world) {
			w.rules.overrides = []sla.Override{{Account: "A1", Field: "account_owner", Value: "Zoe"}}
		}, "an override"},
		"the last day of grace":  {func(w *world) { w.clock.Move(450 * oneDay) }, "the date: what is wanted may change on 2028-01-16"},
		"nothing of the account": {func(w *world) { w.crm.set(crm.Account, "B1", "Owner", "Max") }, ""},
		"a day without meaning":  {func(w *world) { w.clock.Move(3 * oneDay) }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.run()
			w.crm.set(crm.Account, "A1", "Owner", "Kim")
			saved := w.run(reconcile.Trigger{Mode: reconcile.Diff})
			tt.move(w)
			w.run(reconcile.Trigger{Mode: reconcile.Diff})
			rep, written, err := w.apply(saved.Run)
			if err != nil {
				t.Fatal(err)
			}
			if tt.why == "" {
				w.same("written", written, []string{"update organization/A1 field:account_owner=Kim"})
			} else if len(rep.Refused) != 1 || rep.Refused[0].Why != tt.why || len(written) > 0 {
				t.Errorf("refused %+v, written %q, want refused because of %q", rep.Refused, written, tt.why)
			}
		})
	}
}

func TestAMarkIsRefusedOnceTheAccountIsBack(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.run()
		w.crm.remove("B1")
		w.pipe.Guards.Shrank = changeset.Limit{}
		saved := w.run(reconcile.Trigger{Mode: reconcile.Diff})
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter"})
		w.run(reconcile.Trigger{Mode: reconcile.Diff})
		rep, written, err := w.apply(saved.Run)
		if err != nil || len(rep.Refused) != 1 || len(written) > 0 {
			w.Errorf("%v, refused %+v, written %q", err, rep.Refused, written)
		}
	})
}

func TestAnApprovalRefusesWhatMovedInTheCRM(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		held := guarded(w)
		w.crm.set(crm.Account, "B1", "Owner", "Zoe")
		w.run(reconcile.Trigger{Mode: reconcile.Diff})
		w.desk.ClearLog()
		rep, err := w.reconciler().Replay(w.Context(), reconcile.Replay{Mode: journal.Approve, Parent: held.Run, By: "ops", Changes: w.heldIn(held.Run)})
		if err != nil || len(rep.Refused) != 1 || rep.Refused[0].Change.Account != "B1" {
			w.Fatalf("%v, refused %+v", err, rep.Refused)
		}
		w.same("written", w.written(), []string{"update organization/A1 field:account_owner=Max"})
	})
}

func TestWhatStandsAlreadyIsNotCountedAsWritten(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		saved := w.run(reconcile.Trigger{Mode: reconcile.Diff})
		for i, want := range []int{2, 0} {
			rep, written, err := w.apply(saved.Run)
			if err != nil || rep.Applied != want || len(written) != want || rep.Summary.Writes() != want || rep.Standing != 2-want {
				w.Errorf("time %d: %v, %d written, %d standing, %q; want %d written", i+1, err, rep.Applied, rep.Standing, written, want)
			}
		}
		w.quiet()
	})
}

func TestUndoneTwiceIsUndoneOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.run()
		w.crm.put(account{id: "A1", name: "Acme", owner: "Kim", charges: "Gold", contacts: []string{"bob bob@acme.example"}})
		done := w.run()
		for i, want := range []int{3, 0} {
			rep, _, err := w.reconciler().Undo(w.Context(), done.Run, "ops", false)
			if err != nil || rep.Applied != want || rep.Summary.Writes() != want || len(rep.Refused) > 0 {
				w.Errorf("time %d: %v, %d written of %d, refused %+v; want %d", i+1, err, rep.Applied, rep.Summary.Writes(), rep.Refused, want)
			}
		}
	})
}

func TestUndoOfAnUndoKnowsTheARR(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.run()
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Gold"})
		done := w.run()
		for run, n := done.Run, 0; n < 2; n++ {
			rep, _, err := w.reconciler().Undo(w.Context(), run, "ops", false)
			if moves := rep.Impact.Moves(); err != nil || len(moves) != 1 || moves[0].ARR != 1000 {
				w.Fatalf("%v, moves %+v", err, moves)
			}
			run = rep.Run
		}
	})
}
