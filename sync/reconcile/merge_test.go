package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// merging is a helpdesk in step, in which people have said things of Bolt; then the CRM
// merges Bolt (B1) into Acme (A1).
func (w *world) merging() {
	w.Helper()
	w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
	w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", domains: "bolt.example", charges: "Starter", contacts: []string{"bob bob@bolt.example", "bea bea@bolt.example"}})
	w.run()
	w.edit("B1", helpdesk.Notes, text("call Zoe"))
	w.edit("B1", "tag:vip", helpdesk.BoolOf(true))
	w.run()
	w.crm.merge("B1", "A1")
}

// proposal returns the one open item about a merge.
func (w *world) proposal() journal.Item {
	w.Helper()
	list, err := w.journal.Items(w.Context(), journal.ItemFilter{Class: journal.ItemMerge}, journal.MaxPage)
	if err != nil || len(list) != 1 {
		w.Fatalf("there are %d proposals (%v), want one", len(list), err)
	}
	return list[0]
}

// approve makes a merge that must succeed.
func (w *world) approve(i journal.Item) *reconcile.Report {
	w.Helper()
	rep, err := w.reconciler().Merge(w.Context(), reconcile.Approval{Item: i, By: "ops", Reason: "one customer"})
	if err != nil || len(rep.Refused) > 0 || rep.Failed > 0 {
		w.Fatalf("not merged: %v, refused %+v, failed %+v", err, rep.Refused, rep.Failures)
	}
	return rep
}

// keepApart decides that both organizations stay.
func (w *world) keepApart(i journal.Item) int64 {
	w.Helper()
	return w.decide(journal.Decision{Account: i.Account, Action: reconcile.ActionApart, Want: text(i.Value), Reason: "two desks", Item: i.ID})
}

func TestMergedAccountsBecomeAProposalThatSaysWhatWouldBeLost(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.merging()
		w.desk.SetOpenTickets(w.org("B1").ID, 3)
		rep := w.run()
		if rep.Merges != 1 || rep.State == journal.Partly {
			t.Errorf("%d merges, %s; want 1, and nothing wrong", rep.Merges, rep.State)
		}
		const want = `Bolt (B1) was merged into Acme (A1) in the CRM; merging their organizations would move 2 users, the domain bolt.example and 3 tickets (3 not closed) ` +
			`and lose notes "call Zoe" and tag vip, and what desksync wrote: account_owner "Kim" and support_level starter; it cannot be undone`
		if i := w.proposal(); i.Text != want || i.Code != "merged in the CRM" || i.Account != "B1" || i.Value != "A1" {
			t.Errorf("the proposal is %+v, its text\n%s\nwant\n%s", i, i.Text, want)
		}
		first := w.proposal().ID
		w.quiet()
		if again := w.proposal(); again.ID != first {
			t.Errorf("the next run made proposal %d of %d", again.ID, first)
		}
	})
}

func TestNothingIsDeletedThatMayBeMerged(t *testing.T) {
	t.Parallel()
	for name, decide := range map[string]func(*world){
		"nobody decides":     func(*world) {},
		"both are kept":      func(w *world) { w.keepApart(w.proposal()) },
		"the CRM forgets it": func(w *world) { w.crm.undelete() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.rules.gone.Deleted = "delete"
			w.merging()
			w.run()
			w.holds("B1", marked, "true")
			decide(w)
			for range 3 {
				w.clock.Move(40 * oneDay)
				if _, written := w.fresh(); slices.ContainsFunc(written, func(s string) bool { return strings.HasPrefix(s, "delete") }) {
					t.Errorf("written %q, want that it waits", written)
				}
			}
			w.org("B1")
		})
	}
	t.Run("it is deleted where nothing is to be merged", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ready.SQLite(t))
		w.merging()
		w.crm.undelete()
		w.crm.tombstones = []string{"B1"}
		w.run()
		w.clock.Move(40 * oneDay)
		w.writes("delete organization/B1 " + marked + "=true")
	})
}

func TestAnApprovedMergeIsMadeAndTheNextRunIsInStep(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.merging()
		w.run()
		w.desk.ClearLog()
		rep := w.approve(w.proposal())
		w.same("written", w.written(), []string{
			"merge organization/B1 notes= tag:vip= field:account_owner= field:support_level=",
			"update organization/A1 notes=2026-11-21: the organization Bolt (B1) was merged into this one by ops: one customer",
		})
		if rep.Applied != 2 || rep.State != journal.Applied {
			t.Errorf("%d applied, %s", rep.Applied, rep.State)
		}
		w.same("items", slices.DeleteFunc(w.items(), func(s string) bool { return !strings.HasPrefix(s, "merge") }), nil)
		w.holds("A1", "domain:bolt.example", "true")
		w.quiet()
		w.same("items", w.items(), nil)
		w.quiet(reconcile.Trigger{Full: true})
		w.holds("A1", helpdesk.Notes, "2026-11-21: the organization Bolt (B1) was merged into this one by ops: one customer")
		w.same("items", w.items(), nil)
		w.clock.Move(100 * oneDay)
		w.quiet()

		objects, err := w.journal.ObjectsOf(w.Context(), "support", []string{"A1", "B1"}, nil)
		if err != nil || objects.Organization("B1") != nil || len(objects.MembersOf("B1")) != 0 || len(objects.MembersOf("A1")) != 3 {
			t.Errorf("recorded are %+v (%v), want nothing of the loser and three members of the winner", objects, err)
		}
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold,Starter", contacts: []string{"ann ann@acme.example", "bea bea@bolt.example"}})
		w.writes("retire membership/A1/bob") // the membership that moved is ours
	})
}

// TestAMergeInAHelpdeskOfOneOrganizationPerUser: the people of the loser can only come
// with the merge.
func TestAMergeInAHelpdeskOfOneOrganizationPerUser(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{PageSize: 3, Capabilities: func(c *helpdesk.Capabilities) { c.MultiOrg, c.MaxMemberships = false, 1 }})
		w.merging()
		w.run()
		w.approve(w.proposal())
		w.quiet()
		w.same("items", w.items(), nil)
		var members []string
		for _, o := range w.desk.Held(helpdesk.Membership) {
			members = append(members, o.Ref.Key)
		}
		slices.Sort(members)
		w.same("members", members, []string{"A1/ann", "A1/bea", "A1/bob"})
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold,Starter", contacts: []string{"ann ann@acme.example"}})
		w.writes("retire membership/A1/bea", "retire membership/A1/bob")
	})
}

func TestKeptApartUntilTheWinnerIsAnotherOne(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "C1", name: "Crate", owner: "Kim", charges: "Gold"})
		w.merging()
		w.run()
		decision := w.keepApart(w.proposal())
		if rep := w.run(); rep.Merges != 0 {
			t.Errorf("%d merges wait, want none", rep.Merges)
		}
		if i := w.proposal(); i.Code != "kept apart" || !strings.HasSuffix(i.Text, fmt.Sprintf("Both are kept: decision %d of ops: two desks", decision)) {
			t.Errorf("it is %q: %s", i.Code, i.Text)
		}
		w.quiet()
		w.org("B1")

		w.crm.merge("A1", "C1") // and so B1 too
		rep := w.run()
		list, err := w.journal.Items(w.Context(), journal.ItemFilter{Class: journal.ItemMerge}, 10)
		if rep.Merges != 2 || err != nil || len(list) != 2 || list[0].Value != "C1" || list[1].Value != "C1" {
			t.Fatalf("%d merges wait, %+v; want both into C1", rep.Merges, list)
		}
		if d, err := w.journal.DecisionByID(w.Context(), decision); err != nil || d.Released.IsZero() {
			t.Errorf("the decision stands: %+v, %v", d, err)
		}
		for _, i := range list {
			w.approve(i)
		}
		w.quiet()
		for _, d := range []string{"domain:acme.example", "domain:bolt.example"} {
			w.holds("C1", d, "true")
		}
	})
}

func TestWhoWasKeptApartMayBeMergedAfterAll(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.merging()
		w.run()
		decision := w.keepApart(w.proposal())
		w.run()
		w.approve(w.proposal())
		if d, err := w.journal.DecisionByID(w.Context(), decision); err != nil || d.Released.IsZero() {
			t.Errorf("the decision stands: %+v, %v", d, err)
		}
		w.quiet()
	})
}

func TestAnAccountThatComesBackIsNotMerged(t *testing.T) {
	t.Parallel()
	for name, decide := range map[string]func(*world){"undecided": func(*world) {}, "kept apart": func(w *world) { w.keepApart(w.proposal()) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.merging()
			w.run()
			i := w.proposal()
			decide(w)
			w.crm.undelete()
			w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter"})
			w.run()
			w.holds("B1", marked, "")
			for _, s := range w.items() {
				if strings.HasPrefix(s, "merge") {
					t.Errorf("still open: %s", s)
				}
			}
			if _, err := w.reconciler().Merge(w.Context(), reconcile.Approval{Item: i, By: "ops", Reason: "x"}); fault.KindOf(err) != fault.NotFound {
				t.Errorf("approved all the same: %v", err)
			}
			w.quiet()
		})
	}
}

func TestADomainThatComesWithTheMergeIsNoConflict(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.merging()
		w.crm.set(crm.Account, "A1", "Domains", "acme.example;bolt.example")
		rep := w.run()
		if rep.Conflicts != 0 || rep.Merges != 1 || !strings.HasSuffix(w.proposal().Text, "it cannot be undone") {
			t.Errorf("%d conflicts, %d merges: %s", rep.Conflicts, rep.Merges, w.proposal().Text)
		}
		w.holds("A1", "domain:bolt.example", "")
		w.approve(w.proposal())
		w.quiet()
		w.holds("A1", "domain:bolt.example", "true")
		w.same("items", w.items(), nil)
	})
}

func TestADomainOfTwoThatAreKeptApartIsAConflict(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.merging()
		w.crm.set(crm.Account, "A1", "Domains", "acme.example;bolt.example")
		w.run()
		w.keepApart(w.proposal())
		if rep := w.run(); rep.Conflicts != 1 {
			t.Errorf("%d conflicts, want the domain", rep.Conflicts)
		}
	})
}

func TestAMergeCannotBeUndone(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.merging()
		w.run()
		rep := w.approve(w.proposal())
		_, _, err := w.reconciler().Undo(w.Context(), rep.Run, "ops", true)
		if fault.KindOf(err) != fault.Unsafe || !strings.Contains(err.Error(), "a merge cannot be undone") {
			t.Errorf("undone: %v", err)
		}
	})
}

func TestANoteIsLeftOutWhereARuleWritesNotes(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.notes = `"of " + account.Name`
		w.rules.policies = mapping.Policies{OnFound: helpdesk.Correct, OnDrift: helpdesk.Correct, OnClash: helpdesk.Correct}
		w.merging()
		w.run()
		w.approve(w.proposal())
		w.holds("A1", helpdesk.Notes, "of Acme")
		w.quiet()
	})
}
