package reconcile_test

import (
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
)

// agentNamed makes a user whom no sync may write, who has Ann's address or carries her id.
func (w *world) agentNamed(email, as string) string {
	f := helpdesk.Fields{{Name: helpdesk.Spared, Value: text("user 51 is an agent")}, {Name: helpdesk.Email, Value: text(email)}}
	if as != "" {
		f = append(f, helpdesk.Field{Name: helpdesk.SparedAs, Value: text(as)})
	}
	w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.User}, ID: "51", Fields: f.Sort()})
	return "51"
}

// TestAContactWhoIsAnAgentIsSaidOnce: whether the helpdesk knows them by their address or
// by the contact's id, nothing of them is to be written.
func TestAContactWhoIsAnAgentIsSaidOnce(t *testing.T) {
	t.Parallel()
	for how, agent := range map[string][2]string{"by address": {"ann@acme.example", ""}, "by id": {"ann@desk.example", "ann"}} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
				id := w.agentNamed(agent[0], agent[1])
				w.run()
				told := w.open("spared")
				if want := "contact ann is left alone, and nobody is made a member for it: user 51 is an agent"; told.Text != want {
					w.Errorf("said: %q, want %q", told.Text, want)
				}
				for range 2 {
					w.clock.Move(time.Hour)
					rep := w.quiet()
					if rep.Spared > 0 || rep.Findings != 1 || !w.open("spared").Since.Equal(told.Since) {
						w.Errorf("spared %d, findings %d, since %v", rep.Spared, rep.Findings, w.open("spared").Since)
					}
				}
				if n := len(w.desk.Held(helpdesk.Membership)); n > 0 {
					w.Errorf("%d memberships", n)
				}
				w.desk.Remove(helpdesk.User, id)
				w.writes("create membership/A1/ann", "create user/ann email=ann@acme.example name=ann")
				w.same("items", w.items(), nil)
				w.quiet()
			})
		})
	}
}

// TestAUserOfOursWhoBecameAnAgentIsSaidOnce: what the CRM says of them is not written.
func TestAUserOfOursWhoBecameAnAgentIsSaidOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.run()
		user := w.desk.Held(helpdesk.User)[0]
		user.Ref.Key = ""
		user.Fields = user.Fields.With(helpdesk.Spared, text("user is an agent")).With(helpdesk.SparedAs, text("ann"))
		w.desk.Put(user)
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@new.example"}})
		for range 2 {
			if rep := w.quiet(); rep.Findings != 1 || rep.Spared > 0 {
				w.Errorf("%d findings, %d spared", rep.Findings, rep.Spared)
			}
			w.same("items", w.items(), []string{"finding spared A1 ann"})
		}
	})
}

// TestAContactWhoIsGoneAndWhoseUserIsAnAgentIsSaid: the membership stays, and is no change.
func TestAContactWhoIsGoneAndWhoseUserIsAnAgentIsSaid(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@acme.example", "bob bob@acme.example"}})
		w.run()
		for _, user := range w.desk.Held(helpdesk.User) {
			if user.Ref.Key == "ann" {
				user.Ref.Key = ""
				user.Fields = user.Fields.With(helpdesk.Spared, text("user 51 is an agent")).With(helpdesk.SparedAs, text("ann"))
				w.desk.Put(user)
			}
		}
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold"})
		w.writes("retire membership/A1/bob")
		for range 2 {
			w.same("items", w.items(), []string{"finding spared A1 ann"})
			w.says("contact ann is wanted here no more, and the membership is left as it is: user 51 is an agent")
			if rep := w.quiet(); rep.Findings != 1 {
				w.Errorf("%d findings", rep.Findings)
			}
		}
		for _, user := range w.desk.Held(helpdesk.User) {
			if user.Ref.Key == "" {
				user.Ref.Key = "ann"
				user.Fields = user.Fields.Without(helpdesk.Spared).Without(helpdesk.SparedAs)
				w.desk.Put(user)
			}
		}
		w.writes("retire membership/A1/ann")
		w.same("items", w.items(), nil)
	})
}
