package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/adopt"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

const jason = "001Aa000003DGb2IAG"

// carrying is a helpdesk in which organizations carry the id of one account in a field,
// in either form, and none of another.
func carrying(w *world, ids ...string) {
	w.rules.owner, w.rules.match.IDField = "", "account_owner"
	w.crm.put(account{id: jason, name: "Jason Enterprises", charges: "Gold"})
	for i, id := range ids {
		w.carrier(id, "", []string{jason, jason[:15]}[i%2])
	}
}

func (w *world) carrier(id, key, carried string) {
	w.desk.Put(helpdesk.Object{
		Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: key}, ID: id,
		Fields: helpdesk.Fields{{Name: owner, Value: text(carried)}, {Name: helpdesk.Name, Value: text("Jason " + id)}},
	})
}

// untouched checks that nobody wrote to an organization or tied it to an account.
func (w *world) untouched(ids ...string) {
	w.Helper()
	for _, o := range w.desk.Held(helpdesk.Organization) {
		name, _ := o.Fields.Get(helpdesk.Name)
		for _, id := range ids {
			if o.ID == id && (o.Ref.Key != "" || len(o.Fields) != 2 || name.Text() != "Jason "+id) {
				w.Errorf("organization %s was written: %v", id, o)
			}
		}
	}
}

// open returns the one item that is open of a code.
func (w *world) open(code string) journal.Item {
	w.Helper()
	list, err := w.journal.Items(w.Context(), journal.ItemFilter{Code: code}, 10)
	if err != nil || len(list) != 1 {
		w.Fatalf("open items of %s: %v, %v", code, list, err)
	}
	return list[0]
}

func TestOfTwoOrganizationsThatCarryOneIDNoneIsLinked(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		carrying(w, "21", "22")
		diff := w.run(reconcile.Trigger{Mode: reconcile.Diff})
		told := w.open(reconcile.CodeOneID)
		if diff.Conflicts != 1 || diff.State != journal.Previewed {
			w.Errorf("the diff: %d conflicts, %s", diff.Conflicts, diff.State)
		}
		want := "organizations 21 (Jason 21) and 22 (Jason 22) carry the id of this account in account_owner, and none is linked: " +
			"choose one, or empty account_owner in all but one" + reconcile.UntilDecided
		if told.Text != want || told.Account != jason {
			w.Errorf("said: %q", told.Text)
		}
		w.clock.Move(time.Hour)
		if rep := w.run(); rep.Conflicts != 1 || rep.State != journal.Partly {
			w.Errorf("the run: %d conflicts, %s", rep.Conflicts, rep.State)
		}
		w.clock.Move(time.Hour)
		w.quiet()
		w.quiet(reconcile.Trigger{Full: true})
		if again := w.open(reconcile.CodeOneID); again.ID != told.ID || !again.Since.Equal(told.Since) {
			w.Errorf("told as %d since %v, and again as %d since %v", told.ID, told.Since, again.ID, again.Since)
		}
		w.same("items", w.items(), []string{"conflict one id in two organizations " + jason + " id:" + jason})
		w.untouched("21", "22")
	})
}

func TestTheOneThatSomebodyChoseIsLinked(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		carrying(w, "21", "22")
		w.run()
		told := w.open(reconcile.CodeOneID)
		w.decide(journal.Decision{Account: jason, Field: told.Field, Action: reconcile.ActionAssign, Value: text("22")})
		w.run()
		if o := w.org(jason); o.ID != "22" {
			w.Errorf("linked is %s", o.ID)
		}
		w.untouched("21")
		w.same("items", w.items(), []string{"finding same_id " + jason + " account_owner", "held found " + jason + " name"})
		w.quiet()
		w.same("items", w.items(), []string{"finding same_id " + jason + " account_owner", "held found " + jason + " name"})
	})
}

func TestOneOfTwoIsLinkedOnceTheOtherCarriesTheIDNoMore(t *testing.T) {
	t.Parallel()
	ends := map[string]func(w *world){
		"emptied": func(w *world) { w.desk.Edit(helpdesk.Organization, "21", owner, helpdesk.None) },
		"deleted": func(w *world) { w.desk.Remove(helpdesk.Organization, "21") },
		"another": func(w *world) { w.desk.Edit(helpdesk.Organization, "21", owner, text("001Aa000004QmX1IAK")) },
	}
	for how, end := range ends {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				carrying(w, "21", "22")
				w.run()
				end(w)
				w.run()
				if o := w.org(jason); o.ID != "22" {
					w.Errorf("linked is %s", o.ID)
				}
				w.untouchedButField("21")
				w.same("items", w.items(), []string{"held found " + jason + " name"})
				w.quiet()
			})
		})
	}
}

func (w *world) untouchedButField(id string) {
	w.Helper()
	for _, o := range w.desk.Held(helpdesk.Organization) {
		if o.ID == id && o.Ref.Key != "" {
			w.Errorf("organization %s was linked: %v", id, o)
		}
	}
}

// TestASecondOneBesideTheLinkedIsSaidOnce: whichever is listed first, and whether it was
// there before or comes later.
func TestASecondOneBesideTheLinkedIsSaidOnce(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"20", "22"} {
		for when, later := range map[string]bool{"before": false, "later": true} {
			t.Run(second+" "+when, func(t *testing.T) {
				t.Parallel()
				each(t, func(w *world) {
					carrying(w)
					w.carrier("21", jason, jason)
					if later {
						w.run()
						w.same("items", w.items(), []string{"held found " + jason + " name"})
					}
					w.carrier(second, "", jason)
					rep := w.run()
					if rep.Findings != 1 || rep.Conflicts != 0 || rep.Failed != 0 {
						w.Errorf("%d findings, %d conflicts", rep.Findings, rep.Conflicts)
					}
					told := w.open(reconcile.CodeSameID)
					if want := "organization " + second + " (Jason " + second + ") carries the id of this account in account_owner too, and 21 is the one that is linked: "; !strings.HasPrefix(told.Text, want) {
						w.Errorf("said: %q", told.Text)
					}
					w.clock.Move(time.Hour)
					w.quiet()
					w.quiet(reconcile.Trigger{Full: true})
					if again := w.open(reconcile.CodeSameID); again.ID != told.ID || !again.Since.Equal(told.Since) {
						w.Errorf("told as %d since %v, and again as %d since %v", told.ID, told.Since, again.ID, again.Since)
					}
					w.untouched(second)
					w.desk.Remove(helpdesk.Organization, second)
					w.quiet()
					w.same("items", w.items(), []string{"held found " + jason + " name"})
				})
			})
		}
	}
}

// TestTheSecondOneStandsInWhereTheLinkedIsDeleted: the account has an organization that
// carries its id, and needs no new one.
func TestTheSecondOneStandsInWhereTheLinkedIsDeleted(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		carrying(w)
		w.carrier("21", jason, jason)
		w.carrier("22", "", jason)
		w.run()
		w.desk.Remove(helpdesk.Organization, "21")
		w.run()
		if o := w.org(jason); o.ID != "22" {
			w.Errorf("linked is %s", o.ID)
		}
		w.holds(jason, helpdesk.Name, "Jason 22")
		w.holds(jason, "field:support_level", "gold")
		w.same("items", w.items(), []string{"held found " + jason + " name"})
		w.quiet(reconcile.Trigger{Full: true})
	})
}

// TestALinkThatSomebodyTookAwayIsMadeAgain: the field still says whose it is, and what we
// wrote there is still known.
func TestALinkThatSomebodyTookAwayIsMadeAgain(t *testing.T) {
	t.Parallel()
	for how, trigger := range map[string]reconcile.Trigger{"by the feed": {}, "by a listing": {Full: true}} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				carrying(w, "21")
				w.run()
				held := w.org(jason)
				held.Ref.Key = ""
				w.desk.Put(held)
				w.run(trigger)
				if o := w.org(jason); o.ID != "21" {
					w.Errorf("linked is %s", o.ID)
				}
				w.same("items", w.items(), []string{"held found " + jason + " name"})
				w.quiet()
			})
		})
	}
}

func TestWhoChoosesOneOfTwoLeavesTheOtherSaid(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		carrying(w, "21", "22", "23")
		w.run()
		if got := w.open(reconcile.CodeOneID).Text; !strings.HasPrefix(got, "organizations 21 (Jason 21), 22 (Jason 22) and 23 (Jason 23) carry") {
			w.Errorf("said: %q", got)
		}
		done, err := w.adopt(w.Context(), []adopt.Row{{Line: 2, Kind: helpdesk.Organization, Account: jason, TargetID: "22", Link: adopt.Yes}})
		if err != nil || done.Applied != 1 {
			w.Errorf("linking 22: %v, %+v", err, done.Chosen)
		}
		w.run()
		w.untouched("21", "23")
		if got := w.open(reconcile.CodeSameID).Text; !strings.HasPrefix(got, "organizations 21 (Jason 21) and 23 (Jason 23) carry the id of this account in account_owner too, and 22 is the one that is linked") {
			w.Errorf("said: %q", got)
		}
	})
}

// TestNobodyJoinsWhereNobodyKnowsTheOrganization: no user is made for an account in doubt.
func TestNobodyJoinsWhereNobodyKnowsTheOrganization(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		carrying(w, "21", "22")
		w.crm.put(account{id: jason, name: "Jason Enterprises", charges: "Gold", contacts: []string{"ann ann@jason.example"}})
		w.run()
		if users := w.desk.Held(helpdesk.User); len(users) > 0 {
			w.Errorf("users: %v", users)
		}
	})
}

// TestTheNameOfACarrierIsNotFree: what an organization is called and which domains it has is
// claimed by the account whose id it carries, and by nobody else.
func TestTheNameOfACarrierIsNotFree(t *testing.T) {
	t.Parallel()
	for how, byName := range map[string]bool{"by id alone": false, "by name too": true} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			alone(t, func(w *world) {
				carrying(w, "21")
				w.rules.match.ByName = byName
				w.crm.put(account{id: "C1", name: "jason 21", charges: "Gold"})
				w.run()
				w.same("items", w.items(), []string{"conflict name claimed twice C1 name:jason 21", "held found " + jason + " name"})
				if o := w.org(jason); o.ID != "21" {
					w.Errorf("linked is %s", o.ID)
				}
			})
		})
	}
}

func TestACarrierOfTheSameNameIsNoConflict(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		carrying(w, "21")
		w.crm.put(account{id: jason, name: "Jason 21", domains: "jason.example", charges: "Gold"})
		w.desk.Edit(helpdesk.Organization, "21", "domain:jason.example", helpdesk.BoolOf(true))
		w.run()
		w.same("items", w.items(), nil)
		w.quiet()
	})
}
