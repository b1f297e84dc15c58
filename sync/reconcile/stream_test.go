package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/reconcile"
)

// streams gives the world a helpdesk that works in the background on several calls of
// batch changes side by side.
func (w *world) streams(batch int) {
	w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{Background: true, Capabilities: func(c *helpdesk.Capabilities) { c.Batch, c.Shard = batch, 2*batch }})
}

func TestAMembershipGoesOutWithTheTargetIDsOfItsSides(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.streams(2)
		w.crm.put(account{id: "A1", name: "Acme", contacts: []string{"ann ann@acme.example"}})
		w.crm.put(account{id: "C1", name: "Crate"})
		w.run()
		w.desk.ClearLog()
		w.crm.move(crm.Contact, "ann", "C1")
		w.run()
		ids := map[helpdesk.Kind]map[string]string{}
		for _, kind := range []helpdesk.Kind{helpdesk.Organization, helpdesk.User} {
			ids[kind] = map[string]string{}
			for _, o := range w.desk.Held(kind) {
				ids[kind][o.Ref.Key] = o.ID
			}
		}
		joined := 0
		for _, c := range w.desk.Writes() {
			if c.Ref.Key == "C1/ann" {
				joined++
				if c.OrgID != ids[helpdesk.Organization]["C1"] || c.UserID != ids[helpdesk.User]["ann"] || c.OrgID == "" || c.UserID == "" {
					w.Errorf("%s joins user %q to organization %q; they are %v", c.Ref, c.UserID, c.OrgID, ids)
				}
			}
		}
		if joined != 1 {
			w.Errorf("ann joined C1 %d times, want once", joined)
		}
	})
}

func TestWhatHasNoFeedAndIsDearToListIsListedOnSchedule(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		const week = 7 * 24 * time.Hour
		w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{Capabilities: func(c *helpdesk.Capabilities) {
			delete(c.Incremental, helpdesk.Membership)
			c.ListEvery = map[helpdesk.Kind]time.Duration{helpdesk.Membership: week}
		}})
		w.crm.put(account{id: "A1", name: "Acme", contacts: []string{"ann ann@acme.example"}})
		w.run()
		lists := func(triggers ...reconcile.Trigger) bool {
			w.desk.ClearLog()
			w.run(triggers...)
			return slices.ContainsFunc(w.desk.Log(), func(r helpdesktest.Request) bool { return r.Op == "objects" && r.Ref.Kind == helpdesk.Membership })
		}
		w.clock.Move(week - time.Second)
		if lists() {
			w.Error("memberships are listed before a week is over")
		}
		if !lists(reconcile.Trigger{Full: true}) {
			w.Error("memberships are not listed when everything is to be")
		}
		w.clock.Move(week)
		if !lists() || lists() {
			w.Error("memberships are not listed once after a week")
		}
	})
}
