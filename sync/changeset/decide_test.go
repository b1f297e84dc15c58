package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// decided returns known with one decision, number 7, made against want.
func decided(k Known, field string, a Action, want helpdesk.Value) Known {
	k.Decisions = []Decision{{ID: 7, Field: field, Action: a, Want: want, Author: "mona", Reason: "agreed"}}
	return k
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	drifted := here(f("field:level=silver"), f("field:level=gold"))
	moved := here(f("field:level=silver"), f("field:level=silver"))
	level := "field:level"
	tests := map[string]struct {
		known    Known
		policies Policies
		want     string
		tells    []string
	}{
		"drift without a decision is held": {
			known: drifted, policies: holding, want: "field:level=gold",
			tells: []string{"field:level: silver -> gold drifted policy", "item drift/drifted field:level"},
		},
		"keep is silent": {
			known: decided(drifted, level, Keep, gold), policies: holding, want: "field:level=gold",
			tells: []string{"in step"},
		},
		"keep is stronger than a policy that corrects": {
			known: decided(drifted, level, Keep, gold), policies: correcting, want: "field:level=gold",
			tells: []string{"in step"},
		},
		"keep lapses when the want changes": {
			known: decided(drifted, level, Keep, gold), policies: holding, want: "field:level=bronze",
			tells: []string{"field:level: silver -> bronze clashed policy", "item drift/clashed field:level", "spent [7]"},
		},
		"keep stands for a move too": {
			known: decided(moved, level, Keep, gold), policies: correcting, want: "field:level=gold",
			tells: []string{"in step"},
		},
		"revert writes": {
			known: decided(drifted, level, Revert, gold), policies: holding, want: "field:level=gold",
			tells: []string{"field:level: silver -> gold drifted"},
		},
		"revert is spent once the value is back": {
			known: decided(here(f("field:level=gold"), f("field:level=gold")), level, Revert, gold), policies: holding, want: "field:level=gold",
			tells: []string{"spent [7]", "in step"},
		},
		"keep outlives a value that is back for a while": {
			known: decided(here(f("field:level=gold"), f("field:level=gold")), level, Keep, gold), policies: holding, want: "field:level=gold",
			tells: []string{"in step"},
		},
		"reject holds a move": {
			known: decided(moved, level, Reject, gold), policies: correcting, want: "field:level=gold",
			tells: []string{"field:level: silver -> gold moved rejected", "item held/rejected field:level"},
		},
		"reject lapses when the want changes": {
			known: decided(moved, level, Reject, gold), policies: correcting, want: "field:level=bronze",
			tells: []string{"field:level: silver -> bronze moved", "spent [7]"},
		},
		"what was undone is held": {
			known: decided(moved, level, Pin, gold), policies: correcting, want: "field:level=gold",
			tells: []string{"field:level: silver -> gold undone undone", "item held/undone field:level"},
		},
		"a pin lapses when the want changes": {
			known: decided(moved, level, Pin, gold), policies: correcting, want: "field:level=bronze",
			tells: []string{"field:level: silver -> bronze moved", "spent [7]"},
		},
		"a withdrawal that was undone stays undone": {
			known: decided(moved, level, Pin, empty), policies: correcting, want: "field:level=-",
			tells: []string{"field:level: silver -> – undone undone", "item held/undone field:level"},
		},
		"adopt is satisfied when an override wants the same": {
			known: decided(here(f("field:level=silver"), f("field:level=gold")), level, Adopt, gold), policies: holding, want: "field:level=silver",
			tells: []string{"note field:level silver", "spent [7]", "in step"},
		},
		"adopt without its override changes nothing": {
			known: decided(drifted, level, Adopt, gold), policies: holding, want: "field:level=gold",
			tells: []string{"field:level: silver -> gold drifted policy", "item drift/drifted field:level"},
		},
		"a decision about another field does nothing": {
			known: decided(drifted, "name", Keep, gold), policies: holding, want: "field:level=gold",
			tells: []string{"field:level: silver -> gold drifted policy", "item drift/drifted field:level"},
		},
		"a decision about an object that is here is spent": {
			known: decided(moved, "", Keep, gold), policies: holding, want: "field:level=silver",
			tells: []string{"spent [7]", "in step"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tells(t, comparer().Diff(org(tt.want), tt.known, DiffOptions{Day: today, Policies: tt.policies}), tt.tells...)
		})
	}
}

func TestTheLaterDecisionWins(t *testing.T) {
	t.Parallel()
	k := here(f("name=X"), f("name=Acme"))
	k.Decisions = []Decision{{ID: 1, Field: "name", Action: Keep, Want: helpdesk.TextOf("Acme")}, {ID: 2, Field: "name", Action: Revert, Want: helpdesk.TextOf("Acme")}}
	tells(t, comparer().Diff(org("name=Acme"), k, DiffOptions{Policies: holding}), "name: X -> Acme drifted")
}

func TestSnooze(t *testing.T) {
	t.Parallel()
	until := day.MustParse("2026-12-01")
	k := here(f("name=X"), f("name=Acme"))
	k.Decisions = []Decision{{ID: 7, Field: "name", Action: Snooze, Want: helpdesk.TextOf("Acme"), Until: until}}
	on := func(d day.Day, p Policies) Verdict {
		return comparer().Diff(org("name=Acme"), k, DiffOptions{Day: d, Policies: p})
	}
	v := on(until, holding)
	tells(t, v, "name: X -> Acme drifted snoozed", "item drift/drifted name")
	if i := v.Items[0]; !i.Quiet || i.Until != until {
		t.Errorf("a snoozed item is quiet %t until %s", i.Quiet, i.Until)
	}
	v = on(until+1, holding)
	tells(t, v, "name: X -> Acme drifted policy", "item drift/drifted name", "spent [7]")
	if v.Items[0].Quiet {
		t.Error("the item is quiet after the last snoozed day")
	}
	tells(t, on(until, correcting), "name: X -> Acme drifted")
}

func TestHeldDriftIsTheSameItemOnEveryRun(t *testing.T) {
	t.Parallel()
	diff := func() Verdict {
		return comparer().Diff(org("name=Acme"), here(f("name=X"), f("name=Acme")), DiffOptions{Day: today, Policies: holding})
	}
	a, b := diff(), diff()
	if len(a.Items) != 1 || a.Items[0] != b.Items[0] || a.Change.ID != b.Change.ID {
		t.Errorf("two runs give %v and %v", a.Items, b.Items)
	}
	want := `name was changed in the helpdesk from "Acme" to "X"; held by policy on_drift`
	if a.Items[0].Text != want {
		t.Errorf("the item says %q, want %q", a.Items[0].Text, want)
	}
}

func TestAFieldCorrectedThreeTimesInADayIsHeld(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		known  Known
		writes int
		tells  []string
	}{
		"the third correction is still made": {here(f("name=X"), f("name=Acme")), 2, []string{"name: X -> Acme drifted"}},
		"the fourth is not":                  {here(f("name=X"), f("name=Acme")), 3, []string{"name: X -> Acme drifted contested", "item drift/contested name"}},
		"nor is one of a clash":              {here(f("name=X"), f("name=Y")), 3, []string{"name: X -> Acme clashed contested", "item drift/contested name"}},
		"a move is no correction":            {here(f("name=X"), f("name=X")), 9, []string{"name: X -> Acme moved"}},
		"what was found is no correction":    {here(f("name=X"), f()), 9, []string{"name: X -> Acme found"}},
		"a decision to revert is stronger": {
			decided(here(f("name=X"), f("name=Acme")), "name", Revert, helpdesk.TextOf("Acme")), 9, []string{"name: X -> Acme drifted"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.known.Writes24h = map[string]int{"name": tt.writes}
			tells(t, comparer().Diff(org("name=Acme"), tt.known, DiffOptions{Policies: correcting}), tt.tells...)
		})
	}
}

func TestDecisionsAboutAnObject(t *testing.T) {
	t.Parallel()
	want := org("name=Acme")
	vanished := Known{Last: f("name=Acme")}
	diff := func(k Known) Verdict {
		return comparer().Diff(want, k, DiffOptions{MayCreate: true, Policies: holding, Day: today})
	}
	object := ObjectWant(diff(vanished).Change)
	if got := diff(vanished).Items[0].Want; got != object {
		t.Errorf("the item's want is %v, ObjectWant gives %v", got, object)
	}
	tells(t, diff(decided(vanished, "", Keep, object)), "in step")
	tells(t, diff(decided(vanished, "", Revert, object)), "create", "name: – -> Acme drifted")
	tells(t, diff(decided(Known{}, "", Reject, object)), "create rejected", "name: – -> Acme new", "item held/rejected")
	tells(t, diff(decided(Known{}, "", Pin, object)), "create undone", "name: – -> Acme new", "item held/undone")
	tells(t, diff(decided(Known{}, "", Reject, gold)), "create", "name: – -> Acme new", "spent [7]")
	tells(t, diff(decided(Known{}, "name", Reject, helpdesk.TextOf("Acme"))),
		"create rejected", "name: – -> Acme new rejected", "item held/rejected name", "item held/rejected")
	tells(t, diff(decided(Known{}, "name", Keep, helpdesk.TextOf("Acme"))), "create", "name: – -> Acme new")
}

func TestByWhom(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]Decision{
		"by mona: agreed": {Author: "mona", Reason: "agreed"}, "by mona": {Author: "mona"}, "agreed": {Reason: "agreed"}, "": {},
	} {
		if got := byWhom(d); got != want {
			t.Errorf("byWhom(%+v) = %q, want %q", d, got, want)
		}
	}
}

func TestDecisionsAboutALink(t *testing.T) {
	t.Parallel()
	found := Known{TargetID: "119", Exists: true, Have: f("name=A")}
	diff := func(k Known) Verdict {
		return comparer().Diff(org("name=Acme", "field:level=gold"), k, DiffOptions{Policies: correcting})
	}
	key := helpdesk.TextOf(acme)
	tells(t, diff(decided(found, LinkField, Keep, key)), "in step")
	tells(t, diff(decided(found, LinkField, Reject, key)),
		"update rejected", "link: – -> 001A linked rejected", "field:level: – -> gold new", "name: A -> Acme found", "item held/rejected link")
	tells(t, diff(decided(found, LinkField, Reject, gold)), "link: – -> 001A linked", "field:level: – -> gold new", "name: A -> Acme found", "spent [7]")
}
