package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func TestHoldsAreAKindAndASentence(t *testing.T) {
	t.Parallel()
	h := Hold(HoldConflict, "claimed by A: and B")
	if h != "conflict: claimed by A: and B" || HoldKind(h) != HoldConflict || holdText(h) != "claimed by A: and B" {
		t.Errorf("hold %q of kind %q says %q", h, HoldKind(h), holdText(h))
	}
	if h = Hold(HoldScope, ""); h != "not yet" || HoldKind(h) != HoldScope || holdText(h) != "not yet" {
		t.Errorf("hold %q of kind %q says %q", h, HoldKind(h), holdText(h))
	}
}

func TestWithhold(t *testing.T) {
	t.Parallel()
	create := func() *helpdesk.Change {
		return comparer().Diff(org("name=Acme", "domain:acme.com", "domain:b.org", "tag:gold"), Known{}, DiffOptions{MayCreate: true}).Change
	}
	update := func() *helpdesk.Change {
		return comparer().Diff(org("name=Acme", "domain:acme.com", "tag:gold"), Known{Exists: true, Last: f("name=A"), Have: f("name=A")}, DiffOptions{}).Change
	}
	tests := map[string]struct {
		change *helpdesk.Change
		fields []string
		held   int
		whole  bool
		writes []string
	}{
		"a domain of a create":            {create(), []string{"domain:acme.com"}, 1, false, []string{"domain:b.org", "name", "tag:gold"}},
		"all domains of a create":         {create(), []string{"domain:"}, 2, false, []string{"name", "tag:gold"}},
		"the name of a create":            {create(), []string{"name"}, 1, true, nil},
		"the name of an update":           {update(), []string{"name"}, 1, false, []string{"link", "domain:acme.com", "tag:gold"}},
		"the link of an update":           {update(), []string{"link"}, 1, true, nil},
		"no field: all of it":             {update(), nil, 4, true, nil},
		"part of a name is no name":       {update(), []string{"nam", "tag:gol"}, 0, false, []string{"link", "domain:acme.com", "name", "tag:gold"}},
		"a field that the change has not": {update(), []string{"domain:other.org"}, 0, false, []string{"link", "domain:acme.com", "name", "tag:gold"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := Withhold(tt.change, Hold(HoldConflict, "two claim it"), tt.fields...); n != tt.held {
				t.Errorf("Withhold(%v) = %d, want %d", tt.fields, n, tt.held)
			}
			if whole := tt.change.Hold != ""; whole != tt.whole {
				t.Errorf("the change is held: %q, want %t", tt.change.Hold, tt.whole)
			}
			var writes []string
			for d := range tt.change.Writes() {
				writes = append(writes, d.Field)
			}
			equal(t, "writes", writes, tt.writes)
			if tt.change.ID != ID(tt.change) {
				t.Error("the ID was not worked out again")
			}
		})
	}
	if Withhold(nil, "x", "name") != 0 {
		t.Error("nothing is withheld from no change")
	}
}

func TestWithholdTheEmailOfANewUser(t *testing.T) {
	t.Parallel()
	ch := &helpdesk.Change{Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.User}, Deltas: []helpdesk.Delta{{Field: "email"}, {Field: "name"}}}
	if Withhold(ch, "conflict: x", "name"); ch.Hold != "" {
		t.Error("a user is not created for want of a name")
	}
	if Withhold(ch, "conflict: x", "email"); ch.Hold == "" {
		t.Error("a user is created whose e-mail is in conflict")
	}
}

func TestHoldPlan(t *testing.T) {
	t.Parallel()
	c := comparer()
	known := here(f("field:level=gold", "field:aar#5", "name=A", "tag:gold", "tag:expired"), f("field:level=gold", "field:aar#5", "name=A", "tag:gold"))
	v := c.Diff(org("field:level=expired", "field:aar#0", "name=Acme"), known, DiffOptions{Policies: holding})
	before := v.Change.ID
	if !c.Lowers(v.Change, rank) {
		t.Error("gold to expired lowers no level")
	}
	c.HoldPlan(&v, `charge "Ultra" is in no row of the catalogue`)
	tells(t, v,
		"field:aar: 5 -> 0 moved unknown product", "field:level: gold -> expired moved unknown product", "name: A -> Acme moved",
		"tag:expired: true -> – found policy", "tag:gold: true -> – withdrawn unknown product",
		"item held/found tag:expired", "item held/unknown product")
	if v.Change.ID == before || v.Change.ID != ID(v.Change) {
		t.Error("the ID was not worked out again")
	}
	if got, want := v.Items[1].Text, `the level is held and not lowered: charge "Ultra" is in no row of the catalogue`; got != want {
		t.Errorf("the item says %q, want %q", got, want)
	}
	again := c.Diff(org("field:level=expired"), known, DiffOptions{})
	c.HoldPlan(&again, Hold(HoldUnknown, "x"))
	if got := again.Change.Deltas[0].Hold; got != "unknown product: x" {
		t.Errorf("a reason that names its kind already gives %q", got)
	}
	none := Verdict{}
	c.HoldPlan(&none, "x")
	if none.Items != nil {
		t.Error("an item about no change")
	}
	v = c.Diff(org("name=Acme"), here(f("name=A"), f("name=A")), DiffOptions{})
	c.HoldPlan(&v, "x")
	tells(t, v, "name: A -> Acme moved")
}

func TestHeld(t *testing.T) {
	t.Parallel()
	delta := func(hold string) helpdesk.Delta { return helpdesk.Delta{Field: "x", Hold: hold} }
	tests := map[string]struct {
		change helpdesk.Change
		held   bool
	}{
		"one delta is written":        {helpdesk.Change{Deltas: []helpdesk.Delta{delta("x"), delta("")}}, false},
		"every delta is held":         {helpdesk.Change{Deltas: []helpdesk.Delta{delta("x"), delta("y")}}, true},
		"the change is held":          {helpdesk.Change{Hold: "x", Deltas: []helpdesk.Delta{delta("")}}, true},
		"a deletion without a delta":  {helpdesk.Change{Op: helpdesk.Delete}, false},
		"a deletion that is held too": {helpdesk.Change{Op: helpdesk.Delete, Hold: "x"}, true},
	}
	for name, tt := range tests {
		if got := Held(&tt.change); got != tt.held {
			t.Errorf("%s: Held = %t, want %t", name, got, tt.held)
		}
	}
}

func TestHoldPlanHoldsAllTags(t *testing.T) {
	t.Parallel()
	s := organizationShape()
	s.Families["tag:"] = helpdesk.Family{Rule: &helpdesk.Rule{Path: "organizations.tags"}}
	c := New(helpdesk.Capabilities{}, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: s})
	v := c.Diff(org("domain:b.org"), here(f("tag:gold"), f("tag:gold")), DiffOptions{})
	c.HoldPlan(&v, "x")
	tells(t, v, "domain:b.org: – -> true new", "tag:gold: true -> – withdrawn unknown product", "item held/unknown product")
}
