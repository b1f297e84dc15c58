package reconcile_test

import (
	"context"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
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
			w.clock.Move(time.Hour)
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

// counting is a helpdesk whose calls are counted, with one organization per user.
type counting struct {
	*helpdesktest.Fake
	asked *int // memberships to be made
}

func (counting) Pace() helpdesk.Pace { return helpdesk.Pace{} }

func (c counting) Apply(ctx context.Context, changes iter.Seq[helpdesk.Change]) iter.Seq2[helpdesk.Outcome, error] {
	return c.Fake.Apply(ctx, func(yield func(helpdesk.Change) bool) {
		for x := range changes {
			if x.Ref.Kind == helpdesk.Membership && x.Op == helpdesk.Create {
				*c.asked++
			}
			if !yield(x) {
				return
			}
		}
	})
}

// TestRoomThatWasNotThereIsAskedForAgainOnceSomethingChanged: until then the finding stands
// and costs no call.
func TestRoomThatWasNotThereIsAskedForAgainOnceSomethingChanged(t *testing.T) {
	t.Parallel()
	changes := map[string]func(w *world, user string){
		"the contact": func(w *world, _ string) {
			w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@new.example"}})
		},
		"the user": func(w *world, user string) { w.desk.Edit(helpdesk.User, user, helpdesk.Name, text("Ann")) },
		"another membership": func(w *world, _ string) {
			w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: "B1/bob"}})
		},
	}
	for what, change := range changes {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				movedByHand(w)
				asked := 0
				w.pipe.Target = counting{w.desk, &asked}
				expect := func(when string, want int, triggers ...reconcile.Trigger) {
					w.Helper()
					asked = 0
					rep := w.run(triggers...)
					if asked != want || rep.Findings != 1 || rep.Failed > 0 || rep.Summary.Writes() > want+1 {
						w.Errorf("%s: asked %d times, want %d; %d findings, %d to write", when, asked, want, rep.Findings, rep.Summary.Writes())
					}
					w.same("items "+when, w.items(), []string{"finding no_room A1 ann"})
					w.clock.Move(time.Minute)
				}
				expect("at first", 1)
				told := w.open("no_room")
				expect("unchanged", 0)
				expect("in a diff", 0, reconcile.Trigger{Mode: reconcile.Diff})
				expect("still unchanged", 0)
				if now := w.open("no_room"); now.ID != told.ID || !now.Since.Equal(told.Since) || now.Text != told.Text {
					w.Errorf("told as %+v, and now %+v", told, now)
				}
				change(w, w.desk.Held(helpdesk.User)[0].ID)
				expect("changed", 1)
				expect("unchanged again", 0)
				expect("in full", 1, reconcile.Trigger{Full: true})
				for _, m := range w.desk.Held(helpdesk.Membership) {
					if m.Ref.Key == "B1/ann" {
						w.desk.Remove(helpdesk.Membership, m.ID)
					}
				}
				asked = 0
				if w.run(); asked != 1 {
					w.Errorf("taken out: asked %d times", asked)
				}
				w.same("items", w.items(), nil)
				w.quiet()
			})
		})
	}
}
