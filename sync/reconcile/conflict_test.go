package reconcile_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

const dreadDomain = "domain:dread.example"

// twoDreads makes two accounts that claim one domain.
func (w *world) twoDreads() {
	w.crm.put(account{id: "D1", name: "Dreadco", domains: "dread.example"})
	w.crm.put(account{id: "D2", name: "Dread Labs", domains: "dread.example"})
}

// orgsOf lists the accounts that have an organization in the helpdesk.
func (w *world) orgsOf() []string {
	var out []string
	for _, o := range w.desk.Held(helpdesk.Organization) {
		out = append(out, o.Ref.Key)
	}
	slices.Sort(out)
	return out
}

func TestTwoNewAccountsOfOneNameAreNotCreated(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "D1", name: "Dreadco"})
		w.crm.put(account{id: "D2", name: " DREADCO "})
		rep := w.run()
		w.same("organizations", w.orgsOf(), []string{"A1", "B1"})
		w.same("items", w.items(), []string{"conflict name claimed twice D1 name:dreadco", "conflict name claimed twice D2 name:dreadco"})
		if rep.Conflicts != 1 || rep.State != journal.Partly {
			w.Errorf("%d conflicts, %q", rep.Conflicts, rep.State)
		}
		w.quiet()
		w.crm.set(crm.Account, "D2", "Name", "Dread Labs")
		w.run()
		w.same("organizations", w.orgsOf(), []string{"A1", "B1", "D1", "D2"})
		w.same("items", w.items(), nil)
		w.quiet()
	})
}

func TestAnAccountThatTakesTheNameOfAnotherLeavesThatAlone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.put(account{id: "A2", name: "acme", owner: "Kim"})
		w.quiet()
		w.same("organizations", w.orgsOf(), []string{"A1", "B1"})
		w.crm.set(crm.Account, "A1", "Owner", "Max")
		w.writes("update organization/A1 field:account_owner=Max")
		w.crm.remove("A2")
		w.quiet()
		w.same("items", w.items(), nil)
	})
}

func TestADomainClaimedTwiceGoesByTheTieRule(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tie   string
		third bool
		want  string // the account that gets it
	}{
		"nobody":                      {tie: "nobody"},
		"nobody of three":             {tie: "nobody", third: true},
		"the lowest id":               {tie: "lowest_id", want: "D1"},
		"the lowest id of three":      {tie: "lowest_id", third: true, want: "D1"},
		"the first by name":           {tie: "alphabetical", want: "D2"},
		"the first by name, of three": {tie: "alphabetical", third: true, want: "C9"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.rules.tie = tt.tie
			w.crm.put(account{id: "D1", name: "Dreadco"})
			w.run() // so that it has the lower number
			w.twoDreads()
			if tt.third {
				w.crm.put(account{id: "C9", name: "A Dread"})
			}
			w.crm.set(crm.Account, "D2", "Domains", "")
			w.crm.set(crm.Account, "D1", "Domains", "")
			w.run() // all are there, none has the domain
			for _, id := range []string{"D1", "D2", "C9"} {
				if id != "C9" || tt.third {
					w.crm.set(crm.Account, id, "Domains", "dread.example")
				}
			}
			w.run()
			w.domainOnlyOn(tt.want)
			w.quiet()
			w.crm.set(crm.Account, "D1", "Owner", "Zoe") // a loser may move for another reason
			w.crm.set(crm.Account, "D2", "Owner", "Zoe")
			w.writes("update organization/D1 field:account_owner=Zoe", "update organization/D2 field:account_owner=Zoe")
			w.domainOnlyOn(tt.want)
			if open := slices.ContainsFunc(w.items(), func(i string) bool { return strings.HasPrefix(i, "conflict domain") }); open != (tt.want == "") {
				t.Errorf("items: %q", w.items())
			}
		})
	}
}

// An organization that is still to be made goes by the name it will have, and one that is
// renamed by its new one: what a run decides is what the next one would.
func TestATieByNameGoesByTheNamesThatTheRunLeadsTo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before string // name of D1 in an earlier run; empty: it is new
		d1, d2 string // names in the CRM; D2 is new
		want   string
	}{
		"both are new, the second first by name":    {d1: "Zed", d2: "Acme", want: "D2"},
		"both are new, the first first by name":     {d1: "Acme", d2: "Zed", want: "D1"},
		"one is there, and the new one comes after": {before: "acme", d1: "acme", d2: "Zed", want: "D1"},
		"one is there, and the new one comes first": {before: "Zed", d1: "Zed", d2: "acme", want: "D2"},
		"the one that is there is renamed":          {before: "Acme", d1: "Zed", d2: "Bond", want: "D2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.rules.tie = "alphabetical"
			if tt.before != "" {
				w.crm.put(account{id: "D1", name: tt.before})
				w.run()
			}
			w.crm.put(account{id: "D1", name: tt.d1, domains: "dread.example"})
			w.crm.put(account{id: "D2", name: tt.d2, domains: "dread.example"})
			w.run()
			w.domainOnlyOn(tt.want)
			w.crm.set(crm.Account, "D1", "Owner", "Zoe")
			w.crm.set(crm.Account, "D2", "Owner", "Zoe")
			w.run()
			w.domainOnlyOn(tt.want)
		})
	}
}

// domainOnlyOn checks that only one of the claimants has the contested domain.
func (w *world) domainOnlyOn(account string) {
	w.Helper()
	for _, o := range w.desk.Held(helpdesk.Organization) {
		v, _ := o.Fields.Get(dreadDomain)
		if v.True() != (o.Ref.Key == account) {
			w.Errorf("%s has the domain: %v", o.Ref.Key, v.True())
		}
	}
}

func TestTheLoserGetsItWhenTheWinnerLetsGo(t *testing.T) {
	t.Parallel()
	for _, tie := range []string{"nobody", "lowest_id"} {
		t.Run(tie, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.rules.tie = tie
			w.twoDreads()
			w.run()
			w.run()
			w.crm.set(crm.Account, "D1", "Domains", "")
			_, written := w.fresh()
			if !slices.Contains(written, "update organization/D2 "+dreadDomain+"=true") {
				t.Errorf("written: %q", written)
			}
			w.domainOnlyOn("D2")
			w.same("items", w.items(), nil)
			w.quiet()
		})
	}
}

// TestADomainDoesNotStayOnAnOrganizationThatIsRetired: the tie rule would have it stay, but
// for the other account being the one that lives.
func TestADomainDoesNotStayOnAnOrganizationThatIsRetired(t *testing.T) {
	t.Parallel()
	ends := map[string]func(w *world){
		"lost":    func(w *world) { w.crm.remove("D1") },
		"deleted": func(w *world) { w.crm.remove("D1"); w.crm.tombstones = []string{"D1"} },
		"left":    func(w *world) { w.crm.set(crm.Account, "D1", "Status", "left") },
	}
	for _, tie := range []string{"lowest_id", "alphabetical"} {
		for name, end := range ends {
			t.Run(tie+" "+name, func(t *testing.T) {
				t.Parallel()
				alone(t, func(w *world) {
					w.rules.tie = tie
					w.crm.put(account{id: "D1", name: "A Dread", domains: "dread.example"})
					w.run()
					w.crm.put(account{id: "D2", name: "B Dread", domains: "dread.example"})
					w.run()
					w.domainOnlyOn("D1")
					end(w)
					w.run()
					w.domainOnlyOn("D2")
					w.holds("D1", "field:mark_for_deletion", "true")
					w.run()
					w.quiet()
					w.quiet(reconcile.Trigger{Full: true})
					w.same("items", w.items(), nil)
				})
			})
		}
	}
}

// TestADomainOfAMarkedOrganizationGoesToWhoClaimsItLater: it was nobody else's when the
// organization was marked.
func TestADomainOfAMarkedOrganizationGoesToWhoClaimsItLater(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.tie = "lowest_id"
		w.crm.put(account{id: "D1", name: "A Dread", domains: "dread.example"})
		w.run()
		w.crm.set(crm.Account, "D1", "Status", "left")
		w.run()
		w.domainOnlyOn("D1")
		w.crm.put(account{id: "D2", name: "B Dread", domains: "dread.example"})
		w.run()
		w.domainOnlyOn("D2")
		w.run()
		w.quiet()
	})
}

// TestADomainStaysWhereThePolicyHolds: nothing of an organization is touched by on_gone: hold.
func TestADomainStaysWhereThePolicyHolds(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.tie = "lowest_id"
		w.rules.gone = reconcile.GonePolicies{Lost: "hold", Left: "hold", Deleted: "hold"}
		w.crm.put(account{id: "D1", name: "A Dread", domains: "dread.example"})
		w.run()
		w.crm.put(account{id: "D2", name: "B Dread", domains: "dread.example"})
		w.run()
		w.crm.set(crm.Account, "D1", "Status", "left")
		w.run()
		w.domainOnlyOn("D1")
	})
}

func TestADecisionGivesTheDomainToOne(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.twoDreads()
		w.run()
		w.domainOnlyOn("")
		id := w.decide(journal.Decision{Account: "D2", Field: dreadDomain, Action: reconcile.ActionAssign})
		w.writes("update organization/D2 " + dreadDomain + "=true")
		w.same("items", w.items(), nil)
		w.quiet()
		w.crm.set(crm.Account, "D1", "Owner", "Zoe")
		w.writes("update organization/D1 field:account_owner=Zoe")
		w.domainOnlyOn("D2")
		if err := w.journal.Release(w.Context(), id, "ops", "no more"); err != nil {
			w.Fatal(err)
		}
		w.quiet()
		w.same("items", w.items(), []string{"conflict domain claimed twice D1 " + dreadDomain, "conflict domain claimed twice D2 " + dreadDomain})
	})
}

func TestAnEMailInTwoAccountsWithholdsTheMemberships(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "D1", name: "Dreadco", contacts: []string{"ann jo@dread.example"}})
		w.crm.put(account{id: "D2", name: "Dread Labs", contacts: []string{"bob JO@dread.example"}})
		w.run()
		w.same("organizations", w.orgsOf(), []string{"A1", "B1", "D1", "D2"})
		if n := len(w.desk.Held(helpdesk.User)) + len(w.desk.Held(helpdesk.Membership)); n > 0 {
			w.Errorf("%d users and memberships, want none", n)
		}
		w.quiet()
		w.crm.set(crm.Contact, "bob", "Email", "bob@dread.example")
		_, written := w.fresh()
		if len(written) != 4 {
			w.Errorf("written: %q", written)
		}
		w.same("items", w.items(), nil)
	})
}

func TestContestsAreFoundAfterARunThatDidNotSeal(t *testing.T) {
	t.Parallel()
	ways := map[string]func(w *world){
		"a diff": func(w *world) { w.run(reconcile.Trigger{Mode: reconcile.Diff}) },
		"a run that fails": func(w *world) {
			w.desk.Inject(helpdesktest.Fault{On: func(r helpdesktest.Request) bool { return r.Op == "objects" }, Err: errDown})
			if _, err := w.try(reconcile.Trigger{}); err == nil {
				w.Error("the run did not fail")
			}
			w.desk.Heal()
		},
		"a run that fails after it mapped": func(w *world) {
			ctx, cancel := context.WithCancel(w.Context())
			w.opt.Checkpoint = func(point string) {
				if point == "guard" {
					cancel()
				}
			}
			if _, err := w.reconciler().Run(ctx, reconcile.Trigger{Mode: reconcile.Reconcile}); err == nil {
				w.Error("the run did not fail")
			}
			w.opt.Checkpoint = nil
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.run()
			w.twoDreads()
			way(w)
			w.run()
			w.domainOnlyOn("")
			if len(w.items()) != 2 {
				t.Errorf("items: %q", w.items())
			}
		})
	}
}

func TestAUserWithoutAnIdIsLinkedByEMail(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id := w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.User}, Fields: helpdesk.Fields{{Name: helpdesk.Email, Value: text("ann@acme.example")}, {Name: helpdesk.Name, Value: text("ann")}}})
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.run()
		users := w.desk.Held(helpdesk.User)
		if len(users) != 1 || users[0].ID != id || users[0].Ref.Key != "ann" {
			w.Errorf("users: %v", users)
		}
		w.quiet()
	})
}

func TestAnOrganizationOfTheSameNameIsLinkedOnlyWhereTheRulesSaySo(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]bool{"by name": true, "not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.rules.match.ByName = by
			w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization}, Fields: helpdesk.Fields{{Name: helpdesk.Name, Value: text("ACME")}}})
			w.run()
			if linked := slices.Contains(w.orgsOf(), "A1"); linked != by {
				t.Errorf("organizations: %q", w.orgsOf())
			}
			if open := len(w.items()) > 0 && strings.HasPrefix(w.items()[0], "conflict name"); open == by {
				t.Errorf("items: %q", w.items())
			}
			w.quiet()
		})
	}
}

func TestALinkedOrganizationKeepsWhatOthersWroteThere(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const id = "001Aa000003DGb2IAG"
		w.rules.owner, w.rules.match.IDField = "", "account_owner"
		fields := helpdesk.Fields{{Name: helpdesk.Name, Value: text("Jason")}, {Name: owner, Value: text(id[:15])}, {Name: "tag:vip_note", Value: helpdesk.BoolOf(true)}}
		w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization}, Fields: fields.Sort()})
		w.crm.put(account{id: id, name: "Jason Enterprises", charges: "Gold"})
		w.run()
		w.holds(id, helpdesk.Name, "Jason")
		w.holds(id, "field:support_level", "gold")
		w.quiet()
		w.same("items", w.items(), []string{"held found " + id + " name"})
		list, err := w.journal.ObjectsOf(w.Context(), "support", []string{id}, nil)
		if err != nil {
			w.Fatal(err)
		}
		if v, _ := list.Organization(id).Have.Get("tag:vip_note"); !v.True() {
			w.Errorf("of what the helpdesk holds only %v is known", list.Organization(id).Have)
		}
	})
}

func TestANameOrDomainIsFreeOnlyOnceItIsGoneFromTheHelpdesk(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.rules.mark.DeleteAfter = 1
		w.run()
		w.crm.remove("A1")
		w.crm.put(account{id: "A2", name: "Acme", domains: "acme.example"})
		w.writes("retire organization/A1 " + marked + "=true")
		w.quiet()
		w.clock.Move(oneDay)
		w.run() // deletes it
		w.run()
		w.same("organizations", w.orgsOf(), []string{"A2", "B1"})
		w.holds("A2", "domain:acme.example", "true")
		w.same("items", w.items(), nil)
		w.quiet()
	})
}

func TestANameThatWasGivenToAnAccountWaitsUntilItIsFree(t *testing.T) {
	t.Parallel()
	for how, free := range map[string]func(w *world){
		"its account is renamed": func(w *world) { w.crm.set(crm.Account, "A1", "Name", "Apex") },
		"an agent renames it":    func(w *world) { w.edit("A1", helpdesk.Name, text("Acme (old)")) },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			alone(t, func(w *world) {
				w.run()
				w.crm.set(crm.Account, "B1", "Name", "Acme")
				w.run()
				w.decide(journal.Decision{Account: "B1", Field: "name:acme", Action: reconcile.ActionAssign})
				w.desk.ClearLog()
				rep := w.run()
				if len(w.written()) > 0 || rep.State != journal.Partly || rep.Raced+rep.Failed > 0 {
					t.Errorf("while Acme goes by the name: %q, written %q", rep.State, w.written())
				}
				w.quiet()
				free(w)
				w.run()
				w.holds("B1", helpdesk.Name, "Acme")
				w.quiet()
			})
		})
	}
}
