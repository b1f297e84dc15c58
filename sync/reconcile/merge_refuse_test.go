package reconcile_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func TestAMergeIsRefusedWhereTheWinnerCannotTakeIt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		story func(w *world)
		want  string
	}{
		"expired": {func(w *world) {
			w.crm.set(crm.Subscription, "A1Gold", "End", "2026-01-31")
			w.crm.set(crm.Subscription, "B1Starter", "End", "2026-01-31")
		}, "the plan of Acme is expired"},
		"no plan": {func(w *world) {
			w.crm.set(crm.Subscription, "A1Gold", "Start", "2027-01-31")
			w.crm.set(crm.Subscription, "B1Starter", "Start", "2027-01-31")
		}, "Acme has no plan"},
		"on hold":    {func(w *world) { w.edit("A1", "field:support_hold", helpdesk.BoolOf(true)) }, "Acme is on hold (support_hold)"},
		"a hold tag": {func(w *world) { w.edit("A1", "tag:hold", helpdesk.BoolOf(true)) }, "Acme is on hold (tag:hold)"},
		"a prospect": {func(w *world) { w.rules.owner = `"Prospect"` }, "Acme is a prospect (account_owner)"},
		"left":       {func(w *world) { w.crm.set(crm.Account, "A1", "Status", "left") }, "Acme is not wanted: left: wanted is false"},
		"gone itself": {func(w *world) {
			w.crm.put(account{id: "D1", name: "Dread", charges: "Gold"})
			w.crm.remove("A1")
			w.crm.tombstones = append(w.crm.tombstones, "A1")
			w.pipe.Guards = changeset.Guards{}
		}, "Acme is gone from the CRM itself"},
		"exempted":  {func(w *world) { w.edit("B1", "field:ignore_deletion", helpdesk.BoolOf(true)) }, "Bolt is exempted from deletion (ignore_deletion)"},
		"protected": {func(w *world) { w.rules.mark.Protect = map[string]bool{"B1": true} }, "Bolt is protected by the configuration"},
		"marked": {func(w *world) {
			w.rules.policies.OnDrift = helpdesk.Hold
			w.rules.policies.OnFound = helpdesk.Hold
			w.edit("A1", marked, helpdesk.BoolOf(true))
		}, "Acme is marked for deletion (mark_for_deletion)"},
		"out of scope": {func(w *world) { w.pipe.Scope = reconcile.Scope{Only: map[string]bool{"B1": true}} }, "Acme is outside the pipeline's scope"},
		"in conflict": {func(w *world) {
			w.crm.put(account{id: "C1", name: "Crate", domains: "acme.example", charges: "Gold"})
		}, "Acme is in conflict over acme.example"},
		"cannot merge": {func(w *world) { w.pipe.Target = unable{w.desk} }, "support cannot merge organizations"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.merging()
			tt.story(w)
			w.run()
			i := w.proposal()
			if !strings.HasSuffix(i.Text, "it cannot be undone. Refused as long as "+tt.want) {
				t.Errorf("the proposal says\n%s\nwant that it is refused as long as %s", i.Text, tt.want)
			}
			w.desk.ClearLog()
			rep, err := w.reconciler().Merge(w.Context(), reconcile.Approval{Item: i, By: "ops", Reason: "x"})
			if want := "is not merged into"; fault.KindOf(err) != fault.Unsafe || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), tt.want) {
				t.Errorf("approved all the same: %v, %+v; want it refused as long as %s", err, rep.Refused, tt.want)
			}
			if written := w.written(); len(written) > 0 {
				t.Errorf("written %q", written)
			}
		})
	}
}

// unable is a helpdesk that cannot merge.
type unable struct{ helpdesk.Target }

func (u unable) Describe(ctx context.Context) (helpdesk.Capabilities, error) {
	caps, err := u.Target.Describe(ctx)
	ops := slices.DeleteFunc(slices.Clone(caps.Ops[helpdesk.Organization]), func(op helpdesk.Op) bool { return op == helpdesk.Merge })
	caps.Ops = map[helpdesk.Kind][]helpdesk.Op{helpdesk.Organization: ops, helpdesk.User: caps.Ops[helpdesk.User], helpdesk.Membership: caps.Ops[helpdesk.Membership]}
	return caps, err
}

func TestAFlagAmongThePlansHoldsAMerge(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.holdPlan = true
		w.merging()
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold,Stop", contacts: []string{"ann ann@acme.example", "bob bob@bolt.example", "bea bea@bolt.example"}})
		w.run()
		if i := w.proposal(); !strings.HasSuffix(i.Text, "Refused as long as Acme is on hold") {
			t.Errorf("the proposal says %s", i.Text)
		}
	})
}

func TestAWinnerThatGetsItsOrganizationIsWaitedFor(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.merging()
		w.desk.Remove(helpdesk.Organization, w.org("A1").ID)
		w.run()
		if i := w.proposal(); !strings.HasSuffix(i.Text, "Refused as long as Acme has no organization yet") {
			t.Errorf("the proposal says %s", i.Text)
		}
		w.run()
		w.approve(w.proposal())
		w.quiet()
	})
}

func TestNoProposalWithoutTwoOrganizations(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(w *world){
		"the winner is nobody's":               func(w *world) { w.crm.merges["B1"] = "Z9" },
		"the loser has none of ours":           func(w *world) { w.crm.merges = map[string]string{"Z8": "A1"}; w.crm.tombstones = []string{"Z8"} },
		"the organization went with the loser": func(w *world) { w.desk.Remove(helpdesk.Organization, w.org("B1").ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.merging()
			story(w)
			if rep := w.run(); rep.Merges != 0 {
				t.Errorf("%d merges are proposed: %q", rep.Merges, w.items())
			}
		})
	}
}

func TestWhatMovedSinceAMergeWasShownIsRefusedAndShownAnew(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		move func(w *world)
		want []string
	}{
		"the loser's notes":      {func(w *world) { w.edit("B1", helpdesk.Notes, text("call Zoe twice")) }, []string{"notes"}},
		"a tag more":             {func(w *world) { w.edit("B1", "tag:night", helpdesk.BoolOf(true)) }, []string{"tag night"}},
		"a tag less":             {func(w *world) { w.edit("B1", "tag:vip", helpdesk.Value{}) }, []string{"tag vip"}},
		"the winner has it now":  {func(w *world) { w.edit("A1", "tag:vip", helpdesk.BoolOf(true)) }, []string{"tag vip"}},
		"a domain more to move":  {func(w *world) { w.edit("B1", "domain:bolt.test", helpdesk.BoolOf(true)) }, []string{"domain bolt.test"}},
		"another organization":   {func(w *world) { w.remake("A1") }, []string{"organization A1"}},
		"what was shown is lost": {func(*world) {}, []string{"what was shown cannot be read any more"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.merging()
			w.run()
			i := w.proposal()
			tt.move(w)
			if strings.HasPrefix(name, "what") {
				i.Body = nil
			}
			w.desk.ClearLog()
			rep, err := w.reconciler().Merge(w.Context(), reconcile.Approval{Item: i, By: "ops", Reason: "x"})
			if err != nil || len(rep.Refused) != 1 || !slices.Equal(rep.Refused[0].Fields, tt.want) || len(w.written()) > 0 {
				t.Fatalf("%v, refused %+v, written %q; want refused for %q", err, rep.Refused, w.written(), tt.want)
			}
			w.approve(w.proposal()) // as it is shown now
		})
	}
}

// remake deletes an organization and makes it anew under another id.
func (w *world) remake(account string) {
	w.Helper()
	o := w.org(account)
	w.desk.Remove(helpdesk.Organization, o.ID)
	o.ID = ""
	w.desk.Put(o)
}

func TestADeleteThatWasComputedBeforeAMergeIsNotMade(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.merging()
		w.crm.undelete()
		w.crm.tombstones = []string{"B1"}
		w.run()
		w.clock.Move(40 * oneDay)
		diff := w.run(reconcile.Trigger{Mode: reconcile.Diff})
		w.crm.merges["B1"] = "A1"
		w.run()
		w.desk.ClearLog()
		changes := reconcile.ComputedIn(w.Context(), w.journal, diff.Run, journal.ChangeFilter{})
		rep, err := w.reconciler().Replay(w.Context(), reconcile.Replay{Mode: journal.Apply, Parent: diff.Run, By: "ops", Changes: changes})
		if err != nil || len(rep.Refused) != 1 || rep.Refused[0].Change.Op != helpdesk.Delete || len(w.written()) > 0 {
			t.Errorf("%v, refused %+v, written %q", err, rep.Refused, w.written())
		}
	})
}

func TestAnObservedPipelineMergesNothing(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.merging()
		w.run()
		w.pipe.Observe = true
		if _, err := w.reconciler().Merge(w.Context(), reconcile.Approval{Item: w.proposal(), By: "ops", Reason: "x"}); fault.KindOf(err) != fault.Unsafe {
			t.Errorf("merged: %v", err)
		}
	})
}

// TestAMergeIsJudgedByTheCRMAsItIsNow: it cannot be taken back, so what the CRM said when
// it was shown does not do.
func TestAMergeIsJudgedByTheCRMAsItIsNow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		since func(w *world)
		kind  fault.Kind
		want  string
	}{
		"the winner is put on hold": {func(w *world) {
			w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold,Stop", contacts: []string{"ann ann@acme.example", "bob bob@bolt.example", "bea bea@bolt.example"}})
		}, fault.Unsafe, "as long as Acme is on hold"},
		"the loser comes back": {func(w *world) {
			w.crm.undelete()
			w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter"})
		}, fault.NotFound, "it came back"},
		"the export is empty": {func(w *world) { w.crm.remove("A1") }, fault.Unsafe, "has far fewer rows than before, or its export was cut off, so nothing is merged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.rules.holdPlan = true
			w.merging()
			w.run()
			i := w.proposal()
			tt.since(w)
			w.desk.ClearLog()
			_, err := w.reconciler().Merge(w.Context(), reconcile.Approval{Item: i, By: "ops", Reason: "x"})
			if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("approved all the same: %v, want it refused: %s", err, tt.want)
			}
			if written := w.written(); len(written) > 0 {
				t.Errorf("written: %q", written)
			}
		})
	}
}
