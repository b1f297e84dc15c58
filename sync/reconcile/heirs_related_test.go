package reconcile_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/reconcile"
)

// parts ends the relation of a contact with another account.
func (w *world) parts(contact, account string) {
	w.crm.mu.Lock()
	defer w.crm.mu.Unlock()
	delete(w.crm.rows[crm.Relation], "r"+account+contact)
}

// annEverywhere is ann of Bolt, who belongs to Acme and to Crate too: to an account that is
// compared before her own, and to one that is compared after it.
func annEverywhere(w *world) {
	w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter", contacts: []string{ann + " ann@bolt.example"}})
	w.crm.put(account{id: "C1", name: "Crate", owner: "Kim", charges: "Starter"})
	w.crm.put(account{id: "D1", name: "Dash", owner: "Kim", charges: "Starter"})
	w.relates(ann, "A1")
	w.relates(ann, "D1")
	w.run()
	w.same("members at first", w.members(), []string{"A1/" + ann, "B1/" + ann, "D1/" + ann})
}

// anew gives Bolt a contact with the e-mail of ann in her place.
func anew(w *world) {
	w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter", contacts: []string{bob + " ann@bolt.example"}})
}

// TestAnHeirStaysAMemberElsewhere: no run takes from the user a membership that the heir
// is wanted to have.
func TestAnHeirStaysAMemberElsewhere(t *testing.T) {
	t.Parallel()
	for how, opt := range helpdesks() {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			alone(t, func(w *world) {
				w.desk = helpdesktest.NewFake(opt)
				annEverywhere(w)
				anew(w)
				for _, a := range []string{"A1", "D1"} {
					w.parts(ann, a)
					w.relates(bob, a)
				}
				w.desk.ClearLog()
				for range 2 {
					w.run()
					w.same("members", w.members(), []string{"A1/" + bob, "B1/" + bob, "D1/" + bob})
				}
				for _, c := range w.desk.Writes() {
					if c.Op != helpdesk.Update && c.Op != helpdesk.Create {
						t.Errorf("%s %s was written", c.Op, c.Ref)
					}
				}
				w.quiet()
				w.quiet(reconcile.Trigger{Full: true})
				w.same("items", w.items(), nil)
			})
		})
	}
}

// TestAnHeirLosesWhatWasAnothers: the memberships of the contact that is gone lapse where
// the CRM wants none of the heir.
func TestAnHeirLosesWhatWasAnothers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		annEverywhere(w)
		anew(w)
		w.parts(ann, "A1")
		w.parts(ann, "D1")
		w.relates(bob, "D1")
		w.run()
		w.run()
		w.same("members", w.members(), []string{"B1/" + bob, "D1/" + bob})
		w.quiet()
		w.quiet(reconcile.Trigger{Full: true})
	})
}

// TestARelationWithAContactThatIsGoneLapses: the relation's row outlives its contact, and
// says nothing of the heir.
func TestARelationWithAContactThatIsGoneLapses(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		annEverywhere(w)
		anew(w)
		w.run()
		w.run()
		w.same("members", w.members(), []string{"B1/" + bob})
		w.same("items", w.items(), []string{"finding no_user A1 A1", "finding no_user D1 D1"})
		w.quiet()
		w.quiet(reconcile.Trigger{Full: true})
	})
}

// TestAnHeirsRelationMayBeReadLater: by a run of its own.
func TestAnHeirsRelationMayBeReadLater(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		annEverywhere(w)
		anew(w)
		w.run()
		for _, a := range []string{"A1", "D1"} {
			w.parts(ann, a)
			w.relates(bob, a)
		}
		w.run()
		w.same("members", w.members(), []string{"A1/" + bob, "B1/" + bob, "D1/" + bob})
		w.quiet()
	})
}

// TestNobodyPassesAlongInARunThatLeavesTheirAccountOut: the run is for Acme alone.
func TestNobodyPassesAlongInARunThatLeavesTheirAccountOut(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		annEverywhere(w)
		anew(w)
		for _, a := range []string{"A1", "D1"} {
			w.parts(ann, a)
			w.relates(bob, a)
		}
		w.run(reconcile.Trigger{Only: []string{"A1"}})
		w.same("members", w.members(), []string{"B1/" + ann, "D1/" + ann})
		w.run()
		w.same("members", w.members(), []string{"A1/" + bob, "B1/" + bob, "D1/" + bob})
		w.quiet()
	})
}

func TestAPassingThatIsInterruptedAnywhereEndsWell(t *testing.T) {
	t.Parallel()
	passing := func(t *testing.T, n int64) int64 {
		t.Helper()
		var points atomic.Int64
		w := newWorld(t, ready.SQLite(t))
		w.opt.Shard = 1
		annEverywhere(w)
		anew(w)
		w.parts(ann, "A1")
		w.parts(ann, "D1")
		w.relates(bob, "D1")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stop := nth(int(n), cancel)
		w.opt.Checkpoint = func(point string) { points.Add(1); stop(point) }
		if _, err := w.reconciler().Run(ctx, reconcile.Trigger{Mode: reconcile.Reconcile}); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		w.opt.Checkpoint = nil
		w.run()
		w.run()
		w.same("members", w.members(), []string{"B1/" + bob, "D1/" + bob})
		w.quiet()
		w.quiet(reconcile.Trigger{Full: true})
		return points.Load()
	}
	for n := range passing(t, 0) {
		t.Run(strconv.FormatInt(n+1, 10), func(t *testing.T) {
			t.Parallel()
			passing(t, n+1)
		})
	}
}
