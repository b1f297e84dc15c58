package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/journal"
)

// movedByHand is a helpdesk with one organization per user, in which an agent put Ann
// of Acme into Bolt.
func movedByHand(w *world) {
	w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{Capabilities: func(c *helpdesk.Capabilities) { c.MultiOrg, c.MaxMemberships = false, 1 }})
	w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
	w.run()
	for _, m := range w.desk.Held(helpdesk.Membership) {
		w.desk.Remove(helpdesk.Membership, m.ID)
	}
	w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: "B1/ann"}})
}

func TestAUserWhomAnAgentPutElsewhereIsAFindingAndNoFailure(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		movedByHand(w)
		var since time.Time
		for i := range 3 {
			rep := w.run()
			if rep.Failed > 0 || rep.Spared > 0 || rep.Findings != 1 || rep.Left > 0 || rep.Waiting > 0 {
				w.Errorf("run %d: failed %d, spared %d, findings %d", i, rep.Failed, rep.Spared, rep.Findings)
			}
			w.same("items", w.items(), []string{"finding no_room A1 ann"})
			list, err := w.journal.Items(w.Context(), journal.ItemFilter{}, 10)
			if err != nil {
				w.Fatal(err)
			}
			if item := list[0]; !strings.HasPrefix(item.Text, "contact ann was not made a member: the user is in 1 organizations already") || i > 0 && !item.Since.Equal(since) {
				w.Errorf("run %d: %q since %v, want since %v", i, item.Text, item.Since, since)
			}
			since = list[0].Since
			w.clock.pass(time.Hour)
		}
	})
}

func TestAUserWhoIsTakenOutOfTheOtherOrganizationJoinsInTheNextRun(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		movedByHand(w)
		w.run()
		w.desk.Remove(helpdesk.Membership, w.desk.Held(helpdesk.Membership)[0].ID)
		w.writes("create membership/A1/ann")
		w.same("items", w.items(), nil)
		w.quiet()
	})
}
