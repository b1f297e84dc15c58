package reconcile_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func TestUnchangedRowsWriteNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		if rep := w.run(); rep.State != "applied" || rep.Reads[0].Changed != 2 {
			w.Errorf("the first run is %q and found %d changed accounts", rep.State, rep.Reads[0].Changed)
		}
		rep := w.quiet()
		if rep.State != "in step" || rep.Dirty != 0 || rep.Reads[0].Changed != 0 || rep.Summary.InStep != 2 {
			w.Errorf("the second run is %q, %d dirty, %d changed, %d in step", rep.State, rep.Dirty, rep.Reads[0].Changed, rep.Summary.InStep)
		}
	})
}

func TestAMovedContactConcernsBothAccounts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.run()
		w.crm.move(crm.Contact, "ann", "B1")
		rep := w.writes("create membership/B1/ann", "retire membership/A1/ann")
		if rep.Dirty != 2 {
			w.Errorf("%d accounts are dirty, want both", rep.Dirty)
		}
		w.quiet()
	})
}

func TestAnIncompleteReadLosesNobody(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.crm.put(account{id: "C1", name: "Crate", contacts: []string{"cyd cyd@crate.example"}})
		w.run()
		w.crm.remove("B1")
		w.crm.remove("A1")
		w.crm.put(account{id: "A1", name: "Acme", owner: "Max", domains: "acme.example", charges: "Gold"})
		for _, role := range []crm.Role{crm.Account, crm.Contact} {
			w.crm.incomplete[role] = true
		}
		rep := w.writes("update organization/A1 field:account_owner=Max")
		if len(rep.Incomplete()) != 2 {
			w.Errorf("%d reads are incomplete, want 2", len(rep.Incomplete()))
		}
		clear(w.crm.incomplete)
		w.writes("retire membership/A1/ann", "retire organization/B1 field:mark_for_deletion=true")
	})
}

func TestAnEmptySourceHoldsTheRun(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.empty()
		rep := w.quiet()
		if rep.State != "held" || len(rep.Shrunk) == 0 || rep.Shrunk[0].Before != 2 {
			w.Errorf("the run is %q and shrank by %+v", rep.State, rep.Shrunk)
		}
		if rep := w.quiet(); rep.State != "held" {
			w.Errorf("the next run is %q, want held again", rep.State)
		}
		rep, written := w.fresh(reconcile.Trigger{AcceptShrink: true})
		w.same("written", written, []string{"retire organization/A1 field:mark_for_deletion=true", "retire organization/B1 field:mark_for_deletion=true"})
		if len(rep.Shrunk) > 0 {
			w.Errorf("what was accepted still holds: %+v", rep.Shrunk)
		}
		w.quiet()
	})
}

// TestTheLastOfARoleMayGo: one contact and one charge end, with nothing but accounts left.
func TestTheLastOfARoleMayGo(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim"})
		w.run()
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee"})
		rep, written := w.fresh()
		if len(rep.Shrunk) > 0 || !slices.Contains(written, "retire membership/A1/ann") {
			w.Errorf("shrank by %+v; written %q", rep.Shrunk, written)
		}
		w.quiet()
	})
}

// TestManyOfARoleAreNeverBelievedToBeGone: of 20 contacts none is left.
func TestManyOfARoleAreNeverBelievedToBeGone(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		var contacts []string
		for i := range 20 {
			contacts = append(contacts, fmt.Sprintf("c%02d c%02d@acme.example", i, i))
		}
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: contacts})
		w.run()
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold"})
		for range 2 {
			if rep := w.quiet(); rep.State != "held" || len(rep.Shrunk) != 1 || rep.Shrunk[0].Role != crm.Contact {
				w.Errorf("the run is %q and shrank by %+v", rep.State, rep.Shrunk)
			}
		}
	})
}

func TestASourceThatBreaksHalfWayIsReadAgain(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.set(crm.Account, "A1", "Owner", "Max")
		w.crm.set(crm.Account, "B1", "Owner", "Max")
		w.crm.breaks[crm.Account] = 1
		w.desk.ClearLog()
		rep, err := w.try(reconcile.Trigger{})
		if err == nil || rep.State != "failed" || len(w.written()) > 0 {
			w.Errorf("the run is %q (%v) and wrote %q", rep.State, err, w.written())
		}
		runs, err := w.journal.Runs(w.Context(), journal.RunFilter{State: journal.Failed}, 1)
		if err != nil || len(runs) != 1 || runs[0].Error != "the connection broke" { // as people read it
			w.Errorf("runs says %+v, %v", runs, err)
		}
		clear(w.crm.breaks)
		w.writes("update organization/A1 field:account_owner=Max", "update organization/B1 field:account_owner=Max")
		w.quiet()
	})
}

func TestARoleThatIsNotOfferedIsNotTakenForNoRows(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.run()
		for _, role := range []crm.Role{crm.Contact, crm.Subscription} {
			w.crm.missing[role] = true
		}
		w.crm.remove("B1")
		rep := w.quiet()
		if n := len(rep.Incomplete()); n != 2 {
			w.Errorf("%d reads are incomplete, want those of the roles that are not offered", n)
		}
	})
}

func TestAColumnThatVanishedIsAnAlarmAndNoNull(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.hidden["account.Owner"] = true
		w.crm.remove("B1")
		rep := w.quiet()
		bad := rep.Incomplete()
		if len(bad) != 1 || bad[0].Role != crm.Account {
			w.Fatalf("incomplete: %+v", bad)
		}
		const want = `the login no longer sees the account column Owner, which rules read: no account was read; give the login the permission back, or take it out of the rules`
		if bad[0].Report.Why != want {
			w.Errorf("why: %q\nwant %q", bad[0].Report.Why, want)
		}
		w.same("items", w.items(), []string{"finding column hidden account.Owner"})
		delete(w.crm.hidden, "account.Owner")
		w.writes("retire organization/B1 field:mark_for_deletion=true")
		w.same("items", w.items(), nil)
	})
}

func TestRulesThatNoLongerReadARoleStillReadTheRest(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.run()
		w.rules.noContacts = true
		w.run()
		w.same("items", w.items(), []string{})
		w.crm.set(crm.Account, "A1", "Owner", "Max")
		w.writes("update organization/A1 field:account_owner=Max")
	})
}
