package reconcile_test

import (
	"slices"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/reconcile"
)

// withAnn gives Acme a contact.
func (w *world) withAnn(contacts ...string) {
	w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", contacts: contacts})
}

// keysOf lists the keys of all objects of a kind in the helpdesk.
func (w *world) keysOf(kind helpdesk.Kind) []string {
	var out []string
	for _, o := range w.desk.Held(kind) {
		out = append(out, o.Ref.Key)
	}
	slices.Sort(out)
	return out
}

func TestAContactThatWasMadeAnewKeepsItsUser(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.withAnn("ann ann@acme.example", "abe abe@acme.example")
		w.run()
		before := w.desk.Held(helpdesk.User)
		w.withAnn("ana Ann@acme.example", "abe abe@acme.example")
		w.writes("update user/ana name=ana") // an address is the same in any letter case
		w.same("users", w.keysOf(helpdesk.User), []string{"abe", "ana"})
		w.same("memberships", w.keysOf(helpdesk.Membership), []string{"A1/abe", "A1/ana"})
		for _, u := range w.desk.Held(helpdesk.User) {
			if u.Ref.Key == "ana" && u.ID != before[1].ID && u.ID != before[0].ID {
				w.Errorf("ana is user %s, a new one", u.ID)
			}
		}
		w.quiet()
		w.quiet(reconcile.Trigger{Full: true})
		w.withAnn("abe abe@acme.example")
		w.writes("retire membership/A1/ana")
		w.quiet()
	})
}

func TestAnHeirsMembershipIsWrittenInTheSameRun(t *testing.T) {
	t.Parallel()
	for how, opt := range helpdesks() {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			alone(t, func(w *world) {
				w.desk = helpdesktest.NewFake(opt)
				w.withAnn("ann ann@acme.example")
				w.run()
				w.withAnn("ana ann@acme.example")
				w.crm.set(crm.Contact, "ana", "Title", "CTO")
				w.crm.set(crm.Contact, "ana", "Name", "Ana Lee")
				w.run()
				w.same("memberships", w.keysOf(helpdesk.Membership), []string{"A1/ana"})
				w.quiet()
				w.quiet(reconcile.Trigger{Full: true})
			})
		})
	}
}

func TestNobodyInheritsFromAContactThatIsElsewhere(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.withAnn("ann ann@acme.example")
		w.run()
		ids := w.desk.Held(helpdesk.User)
		w.crm.move(crm.Contact, "ann", "B1")
		w.withAnn("ana ann@acme.example")
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter", contacts: []string{"ann ann@acme.example"}})
		w.run()
		if got := w.desk.Held(helpdesk.User); len(got) != 1 || got[0].ID != ids[0].ID || got[0].Ref.Key != "ann" {
			w.Errorf("the users are %v, want ann alone", got)
		}
		w.same("items", w.items(), []string{"conflict e-mail in two accounts A1 email:ann@acme.example", "conflict e-mail in two accounts B1 email:ann@acme.example"})
	})
}
