package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func TestGuards(t *testing.T) {
	t.Parallel()
	totals := func(organizations int, change func(*Totals)) Totals {
		x := Totals{Organizations: organizations, Memberships: 10 * organizations, SourceBefore: organizations, SourceNow: organizations}
		change(&x)
		return x
	}
	g := DefaultGuards()
	g.Currency = "USD"
	strict := Guards{Creates: Limit{Count: -1}, Updates: Limit{Count: 5, Run: true}, Domains: Limit{Share: 0.1}, Policies: Limit{ARR: 500_000}, Currency: "USD"}
	tests := map[string]struct {
		guards    Guards
		now, last Totals
		texts     []string
	}{
		"a quiet run": {
			guards: g, now: totals(11204, func(x *Totals) { x.Updates.Count = 9000; x.Creates.Count = 9000 }),
		},
		"47 downgrades of 11,204": {
			guards: g, now: totals(11204, func(x *Totals) { x.Downgrades = Tally{47, 1_900_000} }),
			texts: []string{"downgrades: 47 organizations ($1.9M ARR) would drop to a lower level; limit 10"},
		},
		"10 downgrades are allowed": {
			guards: g, now: totals(100, func(x *Totals) { x.Downgrades.Count = 10 }),
		},
		"11 are not": {
			guards: g, now: totals(100000, func(x *Totals) { x.Downgrades.Count = 11 }),
			texts: []string{"downgrades: 11 organizations would drop to a lower level; limit 10"},
		},
		"a share beside a high count holds from 20": {
			guards: Guards{Downgrades: Limit{Count: 1000, Share: 0.005}}, now: totals(1000, func(x *Totals) { x.Downgrades.Count = 20 }),
			texts: []string{"downgrades: 20 organizations would drop to a lower level; limit 0.5 % of 1,000"},
		},
		"a share beside a high count does not hold 19": {
			guards: Guards{Downgrades: Limit{Count: 1000, Share: 0.005}}, now: totals(1000, func(x *Totals) { x.Downgrades.Count = 19 }),
		},
		"exactly 5 % retire": {
			guards: g, now: totals(100, func(x *Totals) { x.Retires.Count = 5 }),
		},
		"more than 5 % retire": {
			guards: g, now: totals(100, func(x *Totals) { x.Retires.Count = 6 }),
			texts: []string{"retires: 6 organizations would be retired; limit 5 % of 100"},
		},
		"shares do not apply below 20 objects": {
			guards: g, now: totals(19, func(x *Totals) { x.Retires.Count = 19 }),
		},
		"shares apply from 20 objects": {
			guards: g, now: totals(20, func(x *Totals) { x.Retires.Count = 2 }),
			texts: []string{"retires: 2 organizations would be retired; limit 5 % of 20"},
		},
		"the last 24 hours count": {
			guards: g, now: totals(100, func(x *Totals) { x.Retires.Count = 1 }), last: totals(0, func(x *Totals) { x.Retires.Count = 5 }),
			texts: []string{"retires: 1 organization would be retired, 6 with those of the last 24 hours; limit 5 % of 100"},
		},
		"the last 24 hours alone hold nothing": {
			guards: g, now: totals(100, func(*Totals) {}), last: totals(0, func(x *Totals) { x.Retires.Count = 50 }),
		},
		"memberships have their own base": {
			guards: g, now: totals(100, func(x *Totals) { x.Removals.Count = 51 }),
			texts: []string{"removals: 51 memberships would be removed; limit 5 % of 1,000"},
		},
		"not even one create": {
			guards: strict, now: totals(100, func(x *Totals) { x.Creates.Count = 1 }),
			texts: []string{"creates: 1 organization would be created; limit 0"},
		},
		"several guards at once": {
			guards: strict, now: totals(100, func(x *Totals) { x.Updates.Count = 6; x.Domains.Count = 11; x.Reroutes = Tally{1, 500_001} }),
			texts: []string{
				"updates: 6 organizations would be updated; limit 5", "domains: 11 organizations would change domains; limit 10 % of 100",
				"policies: 1 organization ($500k ARR) would change SLA policy; limit $500k ARR",
			},
		},
		"exactly 29 % of 100, which floats cannot write": {
			guards: Guards{Domains: Limit{Share: 0.29}}, now: totals(100, func(x *Totals) { x.Domains.Count = 29 }),
		},
		"exactly the amount": {
			guards: strict, now: totals(100, func(x *Totals) { x.Reroutes = Tally{1, 500_000} }),
		},
		"the source shrank": {
			guards: g, now: totals(11204, func(x *Totals) { x.SourceNow = 10000 }),
			texts: []string{"shrank: the source has 10,000 accounts, its last complete read had 11,204; limit 10 % of 11,204"},
		},
		"the source shrank a little": {
			guards: g, now: totals(11204, func(x *Totals) { x.SourceNow = 11000 }),
		},
		"the source answers nothing": {
			guards: g, now: totals(3, func(x *Totals) { x.SourceNow = 0 }),
			texts: []string{"shrank: the source has 0 accounts, its last complete read had 3; a source that answers nothing is never believed"},
		},
		"the last few of another role went": {
			guards: g, now: totals(19, func(x *Totals) { x.SourceRole, x.SourceNow = "contact", 0 }),
		},
		"another role answers nothing": {
			guards: g, now: totals(20, func(x *Totals) { x.SourceRole, x.SourceNow = "contact", 0 }),
			texts: []string{"shrank: the source has 0 contacts, its last complete read had 20; limit 10 % of 20"},
		},
		"the source answers nothing and the guard is off": {
			guards: Guards{}, now: totals(300, func(x *Totals) { x.SourceNow = 0 }),
		},
		"the first read": {
			guards: g, now: Totals{SourceNow: 0},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var texts []string
			for _, x := range tt.guards.Check(tt.now, tt.last) {
				texts = append(texts, x.Guard+": "+x.Text)
			}
			equal(t, "guards", texts, tt.texts)
		})
	}
}

func TestGuardsHoldTheirKindOrTheRun(t *testing.T) {
	t.Parallel()
	now := Totals{Updates: Tally{Count: 2}, Retires: Tally{Count: 2, ARR: 7}, SourceBefore: 100, SourceNow: 1}
	got := Guards{Shrank: Limit{Share: 0.1}, Updates: Limit{Count: 1, Run: true}, Retires: Limit{Count: 1}}.Check(now, Totals{})
	if len(got) != 3 || got[0].Class != Everything || got[1].Class != Everything || got[2].Class != Retires {
		t.Errorf("Check = %+v", got)
	}
	if got[2].Count != 2 || got[2].ARR != 7 || got[2].Limit != "limit 1" {
		t.Errorf("Check = %+v", got[2])
	}
}

func TestTotals(t *testing.T) {
	t.Parallel()
	organization := &helpdesk.Change{Ref: helpdesk.Ref{Kind: helpdesk.Organization}}
	member := &helpdesk.Change{Ref: helpdesk.Ref{Kind: helpdesk.Membership}}
	var a, b Totals
	a.Add(organization, Updates|Downgrades|Domains|Reroutes, 5)
	a.Add(organization, Creates, 1)
	a.Add(organization, Retires, 1)
	b.Add(member, Creates, 5) // counts with its organization
	b.Add(member, Removals, 2)
	b.Add(organization, Updates, 3)
	a.Organizations, b.Organizations = 7, 9
	one, both := Tally{1, 1}, Tally{2, 8}
	want := Totals{
		Organizations: 7, Creates: one, Updates: both, Retires: one, Removals: Tally{1, 2},
		Domains: Tally{1, 5}, Downgrades: Tally{1, 5}, Reroutes: Tally{1, 5},
	}
	if got := a.Plus(b); got != want {
		t.Errorf("Plus = %+v, want %+v", got, want)
	}
	var many Totals
	many.AddCount(helpdesk.Organization, Updates|Removals, 7, 70)
	if want := (Totals{Updates: Tally{7, 70}}); many != want {
		t.Errorf("AddCount = %+v, want %+v", many, want)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"0": "0", "999": "999", "1000": "1,000", "-31200.5": "-31,200.5", "123456789": "123,456,789", "0.0001": "0.0001"} {
		if got := grouped(in); got != want {
			t.Errorf("grouped(%s) = %s, want %s", in, got, want)
		}
	}
	amounts := []struct {
		amount   float64
		currency string
		want     string
	}{
		{1_900_000, "USD", "$1.9M"},
		{2_000_000, "EUR", "€2M"},
		{412_300, "USD", "$412k"},
		{950, "GBP", "£950"},
		{0, "USD", "$0"},
		{999_499, "USD", "$999k"},
		{999_500, "USD", "$1M"},
		{999.6, "USD", "$1k"},
		{12_000, "CHF", "CHF 12k"},
		{12_000, "", "12k"},
		{-5000, "USD", "-$5k"},
		{1_234_000_000, "USD", "$1,234M"},
	}
	for _, x := range amounts {
		if got := Money(x.amount, x.currency); got != x.want {
			t.Errorf("Money(%v, %s) = %s, want %s", x.amount, x.currency, got, x.want)
		}
	}
}
