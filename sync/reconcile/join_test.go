package reconcile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/reconcile"
)

// Contacts whose ids pass for those of a CRM.
const (
	ann = "003000000000001AAA"
	bob = "003000000000002AAA"
)

// relates makes a contact of one account belong to another one too.
func (w *world) relates(contact, account string) {
	w.crm.mu.Lock()
	defer w.crm.mu.Unlock()
	delete(w.crm.missing, crm.Relation)
	w.crm.rows[crm.Relation]["r"+account+contact] = row{account, "", map[string]string{"ContactId": contact}}
}

// members lists who the helpdesk holds as a member of what: "A1/003…".
func (w *world) members() []string {
	var out []string
	for _, o := range w.desk.Held(helpdesk.Membership) {
		out = append(out, o.Ref.Key)
	}
	slices.Sort(out)
	return out
}

func (w *world) waiting() []string {
	w.Helper()
	return slices.DeleteFunc(w.items(), func(s string) bool { return !strings.Contains(s, "no_user") })
}

func TestAContactWhomNobodyMakesAUserIsNoMember(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.relates(ann, "A1")
		w.relates(bob, "A1")
		for range 2 {
			if rep := w.run(); len(rep.Failures) > 0 {
				w.Errorf("failed: %+v", rep.Failures)
			}
			w.same("members", w.members(), nil)
			w.same("waiting", w.waiting(), []string{"finding no_user A1 A1"})
		}
		w.crm.put(account{id: "C1", name: "Crate", charges: "Gold", contacts: []string{ann + " ann@crate.example"}})
		w.run()
		w.same("once the contact's account is read", w.members(), []string{"A1/" + ann, "C1/" + ann})
		w.same("waiting for the other", w.waiting(), []string{"finding no_user A1 A1"})
		w.crm.put(account{id: "D1", name: "Dash", charges: "Gold", contacts: []string{bob + " bob@dash.example"}})
		w.run()
		w.same("once both are", w.members(), []string{"A1/" + ann, "A1/" + bob, "C1/" + ann, "D1/" + bob})
		w.same("waiting", w.waiting(), nil)
		w.quiet()
	})
}

// TestARelatedContactJoinsInTheRunThatMakesTheUser: whichever account's page comes first.
func TestARelatedContactJoinsInTheRunThatMakesTheUser(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		for _, id := range []string{"C1", "D1", "E1"} {
			w.crm.put(account{id: id, name: "Name of " + id, charges: "Gold"})
		}
		w.crm.put(account{id: "C1", name: "Crate", charges: "Gold", contacts: []string{ann + " ann@crate.example"}})
		w.relates(ann, "A1")
		w.relates(ann, "E1")
		w.run()
		w.same("members", w.members(), []string{"A1/" + ann, "C1/" + ann, "E1/" + ann})
		w.same("waiting", w.waiting(), nil)
		w.quiet()
	})
}

func TestARelatedContactWhoseUserIsNotMadeYetWaits(t *testing.T) {
	t.Parallel()
	tests := map[string]func(w *world){
		"the account is not wanted":       func(w *world) { w.crm.set(crm.Account, "C1", "Status", "left") },
		"the account may not be created":  func(w *world) { w.rules.create = `account.Name != "Crate"` },
		"the account is not in scope yet": func(w *world) { w.pipe.Scope = reconcile.Scope{Only: map[string]bool{"A1": true}} },
		"the account's name is contested": func(w *world) { w.crm.put(account{id: "D1", name: "Crate", charges: "Gold"}) },
		"the contact's mail is contested": func(w *world) {
			w.crm.put(account{id: "D1", name: "Dash", contacts: []string{bob + " ann@crate.example"}})
		},
		"the contact has no mail":           func(w *world) { w.crm.set(crm.Contact, ann, "Email", "") },
		"the account is missing in the CRM": func(w *world) { w.crm.remove("C1") },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alone(t, func(w *world) {
				w.crm.put(account{id: "C1", name: "Crate", charges: "Gold", contacts: []string{ann + " ann@crate.example"}})
				w.relates(ann, "A1")
				change(w)
				w.run() // fails on any change that is refused
				if slices.Contains(w.members(), "A1/"+ann) || !slices.Equal(w.waiting(), []string{"finding no_user A1 A1"}) {
					t.Errorf("members %v, waiting %v", w.members(), w.waiting())
				}
			})
		})
	}
}

// TestAUserWhoIsThereJoins: made by an account that is not read any more.
func TestAUserWhoIsThereJoins(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.gone = reconcile.GonePolicies{Lost: "hold", Left: "hold", Deleted: "hold"}
		w.crm.put(account{id: "C1", name: "Crate", charges: "Gold", contacts: []string{ann + " ann@crate.example"}})
		w.run()
		w.crm.remove("C1")
		w.relates(ann, "A1")
		w.run(reconcile.Trigger{AcceptShrink: true})
		if !slices.Contains(w.members(), "A1/"+ann) || len(w.waiting()) > 0 {
			t.Errorf("members %v, waiting %v", w.members(), w.waiting())
		}
	})
}
