package reconcile_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func TestEachGuardHoldsItsKindAndLetsTheRestBeWritten(t *testing.T) {
	t.Parallel()
	over := changeset.Limit{Count: -1}
	person := []string{"ann ann@acme.example"}
	tests := map[string]struct {
		guards changeset.Guards
		do     func(w *world)
		held   string // the guard's name
		still  []string
	}{
		"creates": {changeset.Guards{Creates: over}, func(w *world) {
			w.crm.put(account{id: "C1", name: "Crate", contacts: []string{"cyd cyd@crate.example"}})
		}, "creates", nil},
		"updates": {changeset.Guards{Updates: over}, func(w *world) {
			w.crm.set(crm.Account, "B1", "Owner", "Zoe")
		}, "updates", nil},
		"retires": {changeset.Guards{Retires: over}, func(w *world) { w.crm.remove("B1") }, "retires", nil},
		"removals": {changeset.Guards{Removals: over}, func(w *world) {
			w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"zed zed@acme.example"}})
		}, "removals", []string{"create membership/A1/zed", "create user/zed"}},
		"domains":    {changeset.Guards{Domains: over}, func(w *world) { w.crm.set(crm.Account, "B1", "Domains", "bolt.example") }, "domains", nil},
		"downgrades": {changeset.Guards{Downgrades: over}, func(w *world) { w.crm.set(crm.Subscription, "A1Gold", "Product", "Starter") }, "downgrades", nil},
		"policies":   {changeset.Guards{Policies: over}, func(w *world) { w.crm.set(crm.Subscription, "B1Starter", "Product", "Gold") }, "policies", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: person})
			w.crm.put(account{id: "Z1", name: "Zig", contacts: []string{"zoe zoe@zig.example"}})
			w.run()
			w.pipe.Guards = tt.guards
			tt.do(w)
			w.crm.set(crm.Contact, "zoe", "Title", "Boss")
			rep, written := w.fresh()
			short := make([]string, len(written))
			for i, s := range written {
				short[i] = strings.Join(strings.Fields(s)[:2], " ")
			}
			w.same("written", short, append(slices.Clone(tt.still), "update membership/Z1/zoe"))
			if len(rep.Tripped) != 1 || rep.Tripped[0].Guard != tt.held || rep.State != journal.Held {
				t.Fatalf("%q: %+v", rep.State, rep.Tripped)
			}
			if n := rep.Summary.Guarded[tt.held]; n == 0 || n != rep.Tripped[0].Changes || rep.Summary.Writes() != len(written) {
				t.Errorf("%d are held of %d, %d to do, written %q", n, rep.Tripped[0].Changes, rep.Summary.Writes(), written)
			}
			w.same("items", w.items(), []string{"guard " + tt.held})
			w.desk.ClearLog()
			if rep := w.run(); len(w.written()) > 0 || rep.State != journal.Held {
				t.Errorf("the next run is %q and wrote %q", rep.State, w.written())
			}
			w.pipe.Guards = changeset.Guards{}
			if _, written := w.fresh(); len(written) == 0 {
				t.Error("nothing is written once the guard is off")
			}
			w.same("items", w.items(), nil)
			w.quiet()
		})
	}
}

func TestAGuardMayHoldTheWholeRun(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "Z1", name: "Zig", contacts: []string{"zoe zoe@zig.example"}})
		w.run()
		w.pipe.Guards = changeset.Guards{Retires: changeset.Limit{Count: -1, Run: true}}
		w.crm.remove("B1")
		w.crm.set(crm.Account, "A1", "Owner", "Max")
		w.crm.set(crm.Contact, "zoe", "Title", "Boss")
		w.desk.ClearLog()
		first := w.run()
		second := w.run()
		w.same("written", w.written(), nil)
		if first.State != journal.Held || first.Digest.String() != second.Digest.String() {
			w.Errorf("%q; the held changeset is %s, then %s", first.State, first.Digest, second.Digest)
		}
		w.crm.set(crm.Account, "A1", "Owner", "Zoe")
		if third := w.run(); third.Digest.String() == first.Digest.String() {
			w.Error("what was held changed and its digest did not")
		}
		w.same("written", w.written(), nil)
	})
}

func TestTheLastDayCountsForGuards(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.pipe.Guards.Updates = changeset.Limit{Count: 2}
		for i := range 3 {
			w.crm.put(account{id: fmt.Sprintf("N%d", i), name: fmt.Sprintf("New %d", i), owner: "Kim"})
		}
		w.run()
		for i := range 3 {
			w.clock.Move(time.Hour)
			w.crm.set(crm.Account, fmt.Sprintf("N%d", i), "Owner", "Zoe")
			if _, written := w.fresh(); len(written) == 1 != (i < 2) {
				w.Errorf("step %d wrote %q", i, written)
			}
		}
		w.clock.Move(oneDay)
		w.writes("update organization/N2 field:account_owner=Zoe")
	})
}

func TestAnEndAnnouncedInAdvanceIsNoDowngradeToGuard(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.pipe.Guards.Downgrades = changeset.Limit{Count: -1}
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold 2026-01-01 2026-11-30"})
		w.run()
		w.clock.Move(30 * oneDay)
		w.writes("update organization/A1 field:support_level=expired tag:gold=")
	})
}

// heldIn yields what a guard held in a run, released from it.
func (w *world) heldIn(run int64) iter.Seq2[reconcile.Computed, error] {
	held := true
	return func(yield func(reconcile.Computed, error) bool) {
		for c, err := range reconcile.ComputedIn(w.Context(), w.journal, run, journal.ChangeFilter{Held: &held}) {
			c.Hold = ""
			if !yield(c, err) {
				return
			}
		}
	}
}

// guarded is a world in which a guard holds two updates.
func guarded(w *world) *reconcile.Report {
	w.run()
	w.pipe.Guards.Updates = changeset.Limit{Count: 1}
	w.crm.set(crm.Account, "A1", "Owner", "Max")
	w.crm.set(crm.Account, "B1", "Owner", "Max")
	return w.quietHeld()
}

func (w *world) quietHeld() *reconcile.Report {
	w.Helper()
	rep, written := w.fresh()
	if rep.State != journal.Held || len(written) > 0 {
		w.Errorf("the run is %q and wrote %q", rep.State, written)
	}
	return rep
}

func TestApprovalWritesExactlyWhatWasHeld(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		held := guarded(w)
		w.edit("B1", owner, text("Zoe"))
		w.desk.ClearLog()
		rep, err := w.reconciler().Replay(w.Context(), reconcile.Replay{Mode: journal.Approve, Parent: held.Run, By: "ops", Changes: w.heldIn(held.Run)})
		if err != nil {
			w.Fatal(err)
		}
		w.same("written", w.written(), []string{"update organization/A1 field:account_owner=Max"})
		if len(rep.Refused) != 1 || rep.Refused[0].Change.Ref.Key != "B1" || !slices.Equal(rep.Refused[0].Fields, []string{owner}) {
			w.Errorf("refused: %+v", rep.Refused)
		}
		w.holds("B1", owner, "Zoe")
		w.quiet()
		w.same("items", w.items(), []string{"drift clashed B1 " + owner})
	})
}

func TestARejectedChangeStaysHeldUntilItsWantChanges(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		held := guarded(w)
		for c, err := range w.heldIn(held.Run) {
			if err != nil {
				w.Fatal(err)
			}
			for _, d := range changeset.Rejections(&c.Change, "ops", "no") {
				w.decide(journal.Decision{Account: c.Account, Field: d.Field, Action: string(d.Action), Want: d.Want})
			}
		}
		w.pipe.Guards = changeset.Guards{}
		w.quiet()
		w.same("items", w.items(), []string{"held rejected A1 " + owner, "held rejected B1 " + owner})
		w.crm.set(crm.Account, "A1", "Owner", "Zoe")
		w.writes("update organization/A1 field:account_owner=Zoe")
	})
}

func TestUndoPutsBackAndPins(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.crm.put(account{id: "Z1", name: "Zig", contacts: []string{"zoe zoe@zig.example"}})
		w.run()
		before := w.picture()
		w.crm.put(account{id: "A1", name: "Acme", owner: "Max", domains: "acme.test", charges: "Starter"})
		rep := w.run()
		if w.picture() == before {
			w.Fatal("the run changed nothing")
		}
		preview, impossible, err := w.reconciler().Undo(w.Context(), rep.Run, "ops", true)
		if err != nil || preview.Summary.Writes() == 0 || len(impossible) > 0 {
			w.Errorf("preview: %d writes, impossible %v, %v", preview.Summary.Writes(), impossible, err)
		}
		w.undo(rep.Run)
		if got := w.picture(); got != before {
			w.Errorf("after undo\n%s\nwant\n%s", got, before)
		}
		w.quiet()
		for _, item := range w.items() {
			if !strings.Contains(item, "undone") {
				w.Errorf("item %q", item)
			}
		}
		w.crm.set(crm.Account, "A1", "Owner", "Zoe")
		w.writes("update organization/A1 field:account_owner=Zoe")
	})
}

func (w *world) undo(run int64) []changeset.Impossible {
	w.Helper()
	_, impossible, err := w.reconciler().Undo(w.Context(), run, "ops", false)
	if err != nil {
		w.Fatal(err)
	}
	return impossible
}

func TestUndoMarksWhatWasCreatedAndSaysWhatCannotBeUndone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		rep := w.run()
		w.desk.ClearLog()
		impossible := w.undo(rep.Run)
		w.same("written", w.written(), []string{"retire membership/A1/ann", "retire organization/A1 " + marked + "=true", "retire organization/B1 " + marked + "=true"})
		if len(impossible) != 1 || impossible[0].Ref.Key != "ann" {
			w.Errorf("impossible: %+v", impossible)
		}
		w.quiet()
		w.holds("A1", marked, "true")
	})
}

func TestOnlyWhatIsInScopeIsWritten(t *testing.T) {
	t.Parallel()
	for name, scope := range map[string]reconcile.Scope{"ids": {Only: map[string]bool{"A1": true}}, "a share": {Share: 1e-9}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.pipe.Scope = scope
			rep, _ := w.fresh()
			want := []string(nil)
			if scope.Only != nil {
				want = []string{"A1"}
			}
			w.same("organizations", w.orgsOf(), want)
			if rep.Summary.Held == 0 {
				t.Error("nothing is shown as not yet")
			}
			if again := w.run(); again.Summary.Held != rep.Summary.Held && scope.Only == nil {
				t.Errorf("%d held, then %d", rep.Summary.Held, again.Summary.Held)
			}
			w.pipe.Scope = reconcile.Scope{}
			w.run()
			w.same("organizations", w.orgsOf(), []string{"A1", "B1"})
			w.quiet()
		})
	}
}

func TestObservingWritesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.pipe.Observe = true
		rep, written := w.fresh()
		if len(written) > 0 || rep.Summary.Writes() != 2 {
			w.Errorf("%d to do, written %q", rep.Summary.Writes(), written)
		}
		run, err := w.journal.RunByID(w.Context(), rep.Run)
		if err != nil || run.Mode != journal.Observe {
			w.Errorf("the run is recorded as %q, %v", run.Mode, err)
		}
		_, err = w.reconciler().Replay(w.Context(), reconcile.Replay{Mode: journal.Approve, Parent: rep.Run, By: "ops", Changes: w.heldIn(rep.Run)})
		if err == nil {
			w.Error("an approval writes where the pipeline only observes")
		}
		w.pipe.Observe = false
		w.run()
		w.same("organizations", w.orgsOf(), []string{"A1", "B1"})
	})
}

func TestTheFirstRunAfterARestoreOnlyLooks(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.set(crm.Account, "A1", "Owner", "Max")
		if err := w.journal.MarkRestored(w.Context(), "ops"); err != nil {
			w.Fatal(err)
		}
		rep, written := w.fresh()
		if len(written) > 0 || !rep.Restored || rep.Summary.Writes() != 1 {
			w.Errorf("restored %v, %d to do, written %q", rep.Restored, rep.Summary.Writes(), written)
		}
		w.writes("update organization/A1 field:account_owner=Max")
		w.quiet()
	})
}

func TestAnotherCRMIsRefusedUntilItIsBound(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.identity = "00DSandbox"
		w.crm.empty()
		w.desk.ClearLog()
		if _, err := w.try(reconcile.Trigger{}); err == nil || !strings.Contains(err.Error(), "rebind") || len(w.written()) > 0 {
			w.Errorf("got %v, written %q", err, w.written())
		}
		if err := w.journal.Rebind(w.Context(), journal.SourceSide, "crm", "00DSandbox", "ops"); err != nil {
			w.Fatal(err)
		}
		w.quietHeld() // and it shrank
	})
}

func TestAnOverrideActsAndEndsByItsDate(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.decide(journal.Decision{Account: "B1", Field: "plan", Action: journal.ActionOverride, Value: text("gold"), From: on("2026-11-22"), Until: on("2026-11-24"), Reason: "goodwill"})
		w.quiet()
		for _, tt := range []struct {
			day   string
			wrote bool
		}{{"2026-11-22", true}, {"2026-11-23", false}, {"2026-11-24", false}, {"2026-11-25", true}, {"2026-11-26", false}} {
			w.clock.Move(oneDay)
			if rep, written := w.fresh(); rep.Day != on(tt.day) || len(written) > 0 != tt.wrote {
				w.Errorf("%s: written %q, want something: %v", tt.day, written, tt.wrote)
			}
			want := "starter"
			if on(tt.day) < on("2026-11-25") {
				want = "gold"
			}
			w.holds("B1", "field:support_level", want)
		}
	})
}

func TestAReleasedOverrideIsWithdrawn(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.run()
		id := w.decide(journal.Decision{Account: "B1", Field: "account_owner", Action: journal.ActionOverride, Value: text("Zoe"), Reason: "goodwill"})
		w.writes("update organization/B1 field:account_owner=Zoe")
		if err := w.journal.Release(w.Context(), id, "ops", "over"); err != nil {
			w.Fatal(err)
		}
		w.writes("update organization/B1 field:account_owner=Kim")
		w.quiet()
	})
}

func TestGraceEndsByTheCalendarAlone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold 2026-01-01 2026-11-10"}) // with 15 days of grace
		w.run()
		w.clock.Move(4 * oneDay) // 25 November, the last day
		if rep := w.quiet(); rep.Dirty != 0 {
			w.Errorf("%d accounts are mapped on the last day of grace", rep.Dirty)
		}
		w.clock.Move(oneDay)
		rep := w.writes("update organization/A1 field:support_level=expired tag:gold=")
		if rep.Dirty != 1 {
			w.Errorf("%d accounts are mapped, want exactly the one", rep.Dirty)
		}
		w.quiet()
	})
}

func TestADiffOfAnotherDayLeavesNoTrace(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold 2026-01-01 2026-11-10"})
		w.run()
		rep := w.run(reconcile.Trigger{Mode: reconcile.Diff, AsOf: on("2026-12-24")})
		if rep.Summary.Writes() != 1 || rep.Day != on("2026-12-24") {
			w.Errorf("%s: %d to do, want the end of grace", rep.Day, rep.Summary.Writes())
		}
		w.crm.set(crm.Account, "B1", "Owner", "Zoe")
		w.run(reconcile.Trigger{Mode: reconcile.Diff, AsOf: on("2027-12-24")})
		w.writes("update organization/B1 field:account_owner=Zoe")
		w.clock.Move(5 * oneDay)
		w.writes("update organization/A1 field:support_level=expired tag:gold=")
	})
}

func TestADayIsThatOfThePipelinesZone(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.pipe.Location = time.FixedZone("east", 15*3600)
		if rep := w.run(); rep.Day != on("2026-11-22") {
			w.Errorf("the run takes %s", rep.Day)
		}
	})
}
