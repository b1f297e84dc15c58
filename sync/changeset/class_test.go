package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func TestClassOf(t *testing.T) {
	t.Parallel()
	c := comparer()
	level := func(want, have, last string) *helpdesk.Change {
		return c.Diff(org("field:level="+want), here(f("field:level="+have), f("field:level="+last)), DiffOptions{Policies: correcting}).Change
	}
	member := func(op helpdesk.Op) *helpdesk.Change {
		return &helpdesk.Change{Op: op, Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: "001A/003B"}}
	}
	created := c.Diff(org("name=Acme", "domain:acme.com"), Known{}, DiffOptions{MayCreate: true}).Change
	withheld := c.Diff(org("name=Acme", "domain:acme.com"), Known{}, DiffOptions{MayCreate: true}).Change
	Withhold(withheld, "conflict: x", "domain:")
	tests := map[string]struct {
		change *helpdesk.Change
		facts  Facts
		class  Class
	}{
		"no change":                           {nil, Facts{Rank: rank}, 0},
		"the level rises":                     {level("gold", "silver", "silver"), Facts{Rank: rank}, Updates},
		"the level falls":                     {level("silver", "gold", "gold"), Facts{Rank: rank}, Updates | Downgrades},
		"the level is taken away":             {level("-", "gold", "gold"), Facts{Rank: rank}, Updates | Downgrades},
		"the level falls by a rule":           {level("silver", "gold", "gold"), Facts{Rank: rank, MovedBy: ByRule}, Updates | Downgrades},
		"the level falls on an announced day": {level("silver", "gold", "gold"), Facts{Rank: rank, MovedBy: ByClock}, Updates},
		"the level is taken away that day":    {level("-", "gold", "gold"), Facts{Rank: rank, MovedBy: ByClock}, Updates},
		"an edit that raised it is undone":    {level("silver", "gold", "silver"), Facts{Rank: rank, MovedBy: ByClock}, Updates | Downgrades},
		"a level outside the order comes":     {level("special", "gold", "gold"), Facts{Rank: rank}, Updates},
		"a level outside the order goes":      {level("gold", "special", "special"), Facts{Rank: rank}, Updates},
		"the first level of all":              {level("expired", "", ""), Facts{Rank: rank}, Updates},
		"no plan order":                       {level("silver", "gold", "gold"), Facts{}, Updates},
		"an SLA policy changes":               {level("gold", "silver", "silver"), Facts{Rank: rank, PolicyChanged: true}, Updates | Reroutes},
		"an organization is created":          {created, Facts{}, Creates | Domains},
		"its domains are withheld":            {withheld, Facts{}, Creates},
		"something else in a new account":     {member(helpdesk.Create), Facts{NewAccount: true}, Creates},
		"a member comes":                      {member(helpdesk.Create), Facts{}, 0},
		"a member has something like a domain": {
			&helpdesk.Change{Op: helpdesk.Update, Ref: member(helpdesk.Update).Ref, Deltas: []helpdesk.Delta{{Field: "domain:x.org"}}}, Facts{}, 0,
		},
		"a membership is removed":   {member(helpdesk.Retire), Facts{}, Removals},
		"an organization is marked": {c.Absent(here(f(), f()), gone(GoneMark, mark())).Change, Facts{}, Retires},
		"a mark is held":            {c.Absent(here(f(), f()), gone(GoneHold, mark())).Change, Facts{}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.ClassOf(tt.change, tt.facts); got != tt.class {
				t.Errorf("ClassOf(%+v) = %b, want %b", tt.change, got, tt.class)
			}
		})
	}
}

func TestAHeldLevelIsNoDowngrade(t *testing.T) {
	t.Parallel()
	c := comparer()
	v := c.Diff(org("field:level=silver", "name=New"), here(f("field:level=gold", "name=Old"), f("field:level=gold", "name=Old")), DiffOptions{})
	c.HoldPlan(&v, "x")
	if got := c.ClassOf(v.Change, Facts{Rank: rank}); got != Updates {
		t.Errorf("ClassOf = %b, want updates only", got)
	}
}

func TestLowers(t *testing.T) {
	t.Parallel()
	c := comparer()
	change := func(want string, have, last helpdesk.Fields) *helpdesk.Change {
		return c.Diff(org(want), here(have, last), DiffOptions{Policies: holding}).Change
	}
	if !c.Lowers(change("field:level=silver", f("field:level=bronze"), f("field:level=gold")), rank) {
		t.Error("what counts is the level last written, not what the helpdesk was edited to")
	}
	if c.Lowers(change("field:level=silver", f("field:level=gold"), f("field:level=bronze")), rank) {
		t.Error("silver is above the bronze last written")
	}
	if !c.Lowers(change("field:level=silver", f("field:level=gold"), f()), rank) {
		t.Error("where nothing was written, what the helpdesk holds counts")
	}
	if c.Lowers(change("field:level=gold", f("field:level=silver"), f("field:level=gold")), rank) {
		t.Error("putting back the level last written lowers nothing")
	}
	if c.Lowers(nil, rank) || c.Lowers(change("name=New", f(), f()), rank) {
		t.Error("nothing is lowered")
	}
	vanished := c.Diff(org("field:level=expired", "name=Acme"), Known{Last: f("field:level=gold")}, DiffOptions{MayCreate: true}).Change
	if !c.Lowers(vanished, rank) {
		t.Error("making a vanished organization again lowers its level")
	}
}

func TestLowersByTagsWhereNoFieldHoldsTheLevel(t *testing.T) {
	t.Parallel()
	s := organizationShape()
	delete(s.Fields, "field:level")
	c := New(helpdesk.Capabilities{}, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: s})
	diff := func(want ...string) *helpdesk.Change {
		return c.Diff(org(want...), here(f("tag:gold", "domain:a.org"), f("tag:gold", "domain:a.org")), DiffOptions{}).Change
	}
	if !c.Lowers(diff("domain:a.org"), rank) {
		t.Error("taking a plan tag away lowers the level")
	}
	if c.Lowers(diff("tag:gold", "tag:silver", "domain:a.org"), rank) {
		t.Error("a plan tag that comes lowers nothing")
	}
	aar := c.Diff(org("field:aar=-"), here(f("field:aar#5"), f("field:aar#5")), DiffOptions{}).Change
	if c.Lowers(aar, rank) {
		t.Error("taking a number away lowers no level")
	}
	if c.Lowers(diff("tag:gold"), rank) {
		t.Error("taking a domain away lowers no level")
	}
	tags := s.Families["tag:"]
	tags.Rule = &helpdesk.Rule{Path: "organizations.tags", Origin: "Account.Tags__c"}
	s.Families["tag:"] = tags
	plain := New(helpdesk.Capabilities{}, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: s})
	if plain.Lowers(diff("domain:a.org"), rank) {
		t.Error("a tag that no plan gave lowers no level")
	}
	if !comparer().isLevel(helpdesk.Organization, "field:level") || comparer().Lowers(diff("domain:a.org"), rank) {
		t.Error("where a field holds the level, tags do not count")
	}
}
