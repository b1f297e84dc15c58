package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

// TestDiff walks the rows of the table as whole objects.
func TestDiff(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want, have, last []string
		tells            []string
	}{
		"in step": {
			want: []string{"name=Acme", "tag:gold"}, have: []string{"name=Acme", "tag:gold", "tag:vip"}, last: []string{"name=Acme", "tag:gold"},
			tells: []string{"in step"},
		},
		"a value found as wanted is noted as written": {
			want: []string{"name=Acme", "tag:gold"}, have: []string{"name=Acme", "tag:gold"}, last: []string{"name=Acme"},
			tells: []string{"note tag:gold true", "in step"},
		},
		"an empty value found as wanted is noted too": {
			want: []string{"name="}, have: []string{}, last: []string{},
			tells: []string{"note name –", "in step"},
		},
		"both sides moved to one value": {
			want: []string{"name=New"}, have: []string{"name=New"}, last: []string{"name=Old"},
			tells: []string{"note name New", "in step"},
		},
		"the source moved": {
			want: []string{"field:level=gold"}, have: []string{"field:level=silver"}, last: []string{"field:level=silver"},
			tells: []string{"field:level: silver -> gold moved"},
		},
		"a tag is added, a domain comes": {
			want: []string{"tag:gold", "domain:acme.com"}, have: []string{}, last: []string{},
			tells: []string{"domain:acme.com: – -> true new", "tag:gold: – -> true new"},
		},
		"a tag that we wrote and nobody wants any more is withdrawn": {
			want: []string{}, have: []string{"tag:gold", "tag:vip"}, last: []string{"tag:gold"},
			tells: []string{"tag:gold: true -> – withdrawn"},
		},
		"a tag that we wrote, nobody wants and someone removed is let go": {
			want: []string{}, have: []string{"tag:vip"}, last: []string{"tag:gold"},
			tells: []string{"forget tag:gold", "item finding/let go tag:gold"},
		},
		"a tag that someone removed is drift": {
			want: []string{"tag:gold"}, have: []string{}, last: []string{"tag:gold"},
			tells: []string{"tag:gold: – -> true drifted policy", "item drift/drifted tag:gold"},
		},
		"an owned tag that we never wrote is found": {
			want: []string{"tag:gold"}, have: []string{"tag:expired", "tag:gold", "tag:vip"}, last: []string{"tag:gold"},
			tells: []string{"tag:expired: true -> – found policy", "item held/found tag:expired"},
		},
		"an owned tag that is wanted is in step": {
			want: []string{"tag:expired"}, have: []string{"tag:expired"}, last: []string{"tag:expired"},
			tells: []string{"in step"},
		},
		"an owned tag that we wrote is withdrawn": {
			want: []string{}, have: []string{"tag:expired"}, last: []string{"tag:expired"},
			tells: []string{"tag:expired: true -> – withdrawn"},
		},
		"a rule that yields nothing takes back what we wrote": {
			want: []string{"field:owner=-"}, have: []string{"field:owner=Lee"}, last: []string{"field:owner=Lee"},
			tells: []string{"field:owner: Lee -> – withdrawn"},
		},
		"a rule that yields nothing leaves what others wrote": {
			want: []string{"field:owner=-"}, have: []string{"field:owner=Lee"}, last: []string{},
			tells: []string{"in step"},
		},
		"a rule that yields nothing lets an edited value go": {
			want: []string{"field:owner=-"}, have: []string{"field:owner=Ortiz"}, last: []string{"field:owner=Lee"},
			tells: []string{"forget field:owner", "item finding/let go field:owner"},
		},
		"a rule that yields nothing lets go what was filled since we emptied it": {
			want: []string{"field:owner=-"}, have: []string{"field:owner=Ortiz"}, last: []string{"field:owner="},
			tells: []string{"forget field:owner", "item finding/let go field:owner"},
		},
		"a rule that yields nothing forgets an empty value in silence": {
			want: []string{"field:owner=-"}, have: []string{}, last: []string{"field:owner="},
			tells: []string{"forget field:owner", "in step"},
		},
		"no opinion on a field leaves it alone": {
			want: []string{}, have: []string{"field:owner=Ortiz"}, last: []string{"field:owner=Lee"},
			tells: []string{"in step"},
		},
		"a field that no rule names any more is let go": {
			want: []string{}, have: []string{"field:old=x"}, last: []string{"field:old=x"},
			tells: []string{"forget field:old", "item finding/rule removed field:old"},
		},
		"a family that no rule names any more is let go": {
			want: []string{}, have: []string{"group:emea"}, last: []string{"group:emea"},
			tells: []string{"forget group:emea", "item finding/rule removed group:emea"},
		},
		"an empty value that no rule names any more is forgotten in silence": {
			want: []string{}, have: []string{}, last: []string{"field:old="},
			tells: []string{"forget field:old", "in step"},
		},
		"elements that are not ours never appear": {
			want: []string{"name=Acme"}, have: []string{"name=Acme", "tag:vip", "domain:x.org", "field:other=1", "notes=hi"}, last: []string{"name=Acme"},
			tells: []string{"in step"},
		},
		"a field owned by create is left alone later": {
			want: []string{"field:once=b"}, have: []string{"field:once=c"}, last: []string{"field:once=a"},
			tells: []string{"in step"},
		},
		"a field owned by the helpdesk is never written": {
			want: []string{"field:theirs=b"}, have: []string{"field:theirs=c"}, last: []string{},
			tells: []string{"in step"},
		},
		"a field that came to be owned by the helpdesk is let go": {
			want: []string{"field:theirs=b"}, have: []string{"field:theirs=b"}, last: []string{"field:theirs=b"},
			tells: []string{"forget field:theirs", "item finding/rule removed field:theirs"},
		},
		"zero is empty where the target cannot tell": {
			want: []string{"field:zero#0"}, have: []string{}, last: []string{},
			tells: []string{"note field:zero –", "in step"},
		},
		"empty is zero where the target cannot tell": {
			want: []string{"field:zero="}, have: []string{"field:zero#0"}, last: []string{"field:zero#0"},
			tells: []string{"in step"},
		},
		"zero is a value where the target can tell": {
			want: []string{"field:aar#0"}, have: []string{}, last: []string{},
			tells: []string{"field:aar: – -> 0 new"},
		},
		"an unchecked tag is an absent tag": {
			want: []string{"!tag:gold"}, have: []string{}, last: []string{"!tag:gold"},
			tells: []string{"in step"},
		},
		"an object never written takes what is there as found": {
			want: []string{"name=Acme", "field:level=gold"}, have: []string{"name=ACME"}, last: nil,
			tells: []string{"field:level: – -> gold new", "name: ACME -> Acme found policy", "item held/found name"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			last := f(tt.last...)
			if tt.last == nil {
				last = nil
			}
			v := comparer().Diff(org(tt.want...), here(f(tt.have...), last), DiffOptions{Day: today, Policies: holding})
			tells(t, v, tt.tells...)
		})
	}
}

func TestDiffObject(t *testing.T) {
	t.Parallel()
	want := org("name=Acme", "field:aar#5", "field:owner=-", "field:once=first", "field:theirs=x", "field:flag=", "tag:gold")
	tests := map[string]struct {
		known Known
		opt   DiffOptions
		tells []string
	}{
		"an organization that does not exist is created with what is wanted": {
			opt: DiffOptions{MayCreate: true},
			tells: []string{
				"create", "field:aar: – -> 5 new", "field:once: – -> first new", "name: – -> Acme new", "tag:gold: – -> true new",
			},
		},
		"an organization that may not be created is absent": {
			tells: []string{"absent"},
		},
		"an organization that vanished is made again by policy": {
			known: Known{TargetID: "119", Last: f("name=Acme", "tag:old")},
			opt:   DiffOptions{MayCreate: true, Policies: correcting},
			tells: []string{
				"create", "field:aar: – -> 5 drifted", "field:once: – -> first drifted", "name: – -> Acme drifted", "tag:gold: – -> true drifted",
			},
		},
		"an organization that vanished is held by policy": {
			known: Known{TargetID: "119", Last: f("name=Acme")},
			opt:   DiffOptions{MayCreate: true, Policies: holding},
			tells: []string{
				"create policy", "field:aar: – -> 5 drifted", "field:once: – -> first drifted", "name: – -> Acme drifted", "tag:gold: – -> true drifted",
				"item drift/drifted",
			},
		},
		"an organization that vanished and may not be created is let go": {
			known: Known{Last: f("name=Acme")},
			tells: []string{"item finding/let go", "absent", "forget all"},
		},
		"an organization found by its name is linked": {
			known: Known{TargetID: "119", Exists: true, Have: f("name=Acme", "field:aar#5", "tag:gold")},
			tells: []string{"link: – -> 001A linked", "note field:aar 5", "note field:flag –", "note name Acme", "note tag:gold true"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tells(t, comparer().Diff(want, tt.known, tt.opt), tt.tells...)
		})
	}
}

func TestDiffFillsInTheChange(t *testing.T) {
	t.Parallel()
	v := comparer().Diff(org("name=New"), here(f("name=Old"), f("name=Old")), DiffOptions{})
	ch := *v.Change
	if ch.Op != helpdesk.Update || ch.TargetID != "119" || ch.Account != acme || ch.Name != "New" || ch.Ref.Key != acme || len(ch.ID) != 32 {
		t.Errorf("Diff gives %+v", ch)
	}
	if got, want := ch.Deltas[0].Origin, "Account.Name by rule organizations.name"; got != want {
		t.Errorf("origin is %q, want %q", got, want)
	}
}

func TestDiffSaysWhatMoved(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]string{
		BySource:   "plan.name by rule organizations.fields.level",
		ByRule:     "plan.name by rule organizations.fields.level; the rule changed",
		ByClock:    "plan.name by rule organizations.fields.level; its day came",
		ByOverride: "plan.name by rule organizations.fields.level; an override changed",
	} {
		k := here(f("field:level=silver"), f("field:level=silver"))
		k.MovedBy = by
		v := comparer().Diff(org("field:level=gold"), k, DiffOptions{})
		if got := v.Change.Deltas[0].Origin; got != want {
			t.Errorf("moved by %s: origin is %q, want %q", by, got, want)
		}
	}
}

func TestDiffTakesTheOriginOfAnOverride(t *testing.T) {
	t.Parallel()
	want := org("field:level=gold")
	want.Fields[0].Rule = &helpdesk.Rule{Path: "overrides", Origin: "override by mona"}
	v := comparer().Diff(want, here(f("field:level=silver"), f("field:level=silver")), DiffOptions{})
	if got := v.Change.Deltas[0].Origin; got != "override by mona by rule overrides" {
		t.Errorf("origin is %q", got)
	}
}

func TestRulePoliciesBeatThePipelines(t *testing.T) {
	t.Parallel()
	want := org("name=Acme")
	want.Fields[0].Rule = &helpdesk.Rule{OnDrift: helpdesk.Correct, OnFound: helpdesk.Correct, OnClash: helpdesk.Correct}
	for cause, known := range map[string]Known{
		"drifted": here(f("name=X"), f("name=Acme")),
		"found":   here(f("name=X"), f()),
		"clashed": here(f("name=X"), f("name=Y")),
	} {
		t.Run(cause, func(t *testing.T) {
			t.Parallel()
			tells(t, comparer().Diff(want, known, DiffOptions{Policies: holding}), "name: X -> Acme "+cause)
		})
	}
}

func TestPoliciesThatAreNotSetHold(t *testing.T) {
	t.Parallel()
	v := comparer().Diff(org("name=Acme"), here(f("name=X"), f("name=Acme")), DiffOptions{})
	tells(t, v, "name: X -> Acme drifted policy", "item drift/drifted name")
}

func TestPipelinePolicyByCause(t *testing.T) {
	t.Parallel()
	known := map[string]Known{
		"drifted": here(f("name=X"), f("name=Acme")),
		"found":   here(f("name=X"), f()),
		"clashed": here(f("name=X"), f("name=Y")),
	}
	for cause, policies := range map[string]Policies{
		"drifted": {OnDrift: helpdesk.Correct}, "found": {OnFound: helpdesk.Correct}, "clashed": {OnClash: helpdesk.Correct},
	} {
		for name, k := range known {
			v := comparer().Diff(org("name=Acme"), k, DiffOptions{Policies: policies})
			if held := v.Change.Deltas[0].Hold != ""; held != (name != cause) {
				t.Errorf("%s under a policy that corrects what is %s: held %t", name, cause, held)
			}
		}
	}
}

func TestSilentFieldsHaveNoOpinion(t *testing.T) {
	t.Parallel()
	known := here(f("tag:gold", "tag:expired", "name=X"), f("tag:gold", "name=Acme"))
	v := comparer().Diff(org("name=Acme"), known, DiffOptions{Silent: []string{"tag:", "name"}, Policies: correcting})
	tells(t, v, "in step")
	v = comparer().Diff(org("name=Acme"), Known{}, DiffOptions{Silent: []string{"name"}, MayCreate: true})
	tells(t, v, "create incomplete", "item held/incomplete")
}

func TestAMarkIsTakenOffWhatIsWantedAgain(t *testing.T) {
	t.Parallel()
	mark := Mark{Field: "field:mark", Exempt: "field:exempt"}
	known := here(f("name=Acme", "field:mark", "field:exempt"), f("name=Acme", "field:mark", "field:exempt"))
	v := comparer().Diff(org("name=Acme"), known, DiffOptions{Mark: mark})
	tells(t, v, "field:exempt: true -> – withdrawn", "field:mark: true -> – withdrawn")
	v = comparer().Diff(org("name=Acme"), here(f("name=Acme", "field:mark"), f("name=Acme")), DiffOptions{Mark: mark})
	tells(t, v, "in step")
}

func TestWhatTheTargetCannotDoIsHeld(t *testing.T) {
	t.Parallel()
	caps := helpdesk.Capabilities{Ops: map[helpdesk.Kind][]helpdesk.Op{helpdesk.Organization: {helpdesk.Update}}}
	c := New(caps, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: organizationShape()})
	v := c.Diff(org("name=Acme"), Known{}, DiffOptions{MayCreate: true})
	if v.Change.Hold != "unsupported: this helpdesk cannot create organizations" {
		t.Errorf("a create is held with %q", v.Change.Hold)
	}
	if v = c.Diff(org("name=Acme"), here(nil, nil), DiffOptions{}); v.Change.Hold != "" {
		t.Errorf("an update is held with %q", v.Change.Hold)
	}
}

func TestAKindThatNoRuleNames(t *testing.T) {
	t.Parallel()
	user := &helpdesk.Object{Ref: helpdesk.Ref{Kind: "robot", Key: "r"}, Fields: f("email=a@b.example")}
	v := comparer().Diff(user, Known{Exists: true, Linked: true, Last: f("x=1"), Have: f("x=1")}, DiffOptions{})
	tells(t, v, "update unsupported", "email: – -> a@b.example new", "forget x", "item finding/rule removed x")
}

func TestAHeldChangeKeepsItsReason(t *testing.T) {
	t.Parallel()
	c := New(helpdesk.Capabilities{Ops: map[helpdesk.Kind][]helpdesk.Op{}}, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: organizationShape()})
	v := c.Diff(org("name=Acme"), Known{Last: f("name=Acme")}, DiffOptions{MayCreate: true, Policies: holding})
	if v.Change.Hold != "policy: on_drift" {
		t.Errorf("the change is held with %q", v.Change.Hold)
	}
}

func TestATargetWhoseOperationsAreNotKnown(t *testing.T) {
	t.Parallel()
	c := New(helpdesk.Capabilities{}, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: organizationShape()})
	v := c.Diff(org("name=Acme"), Known{TargetID: "119", Last: f("name=Acme")}, DiffOptions{MayCreate: true, Policies: correcting})
	tells(t, v, "create", "name: – -> Acme drifted")
	if v.Change.TargetID != "" {
		t.Errorf("a create names the target id %s", v.Change.TargetID)
	}
}

func TestTheAccountOfAChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		ref           helpdesk.Ref
		option, want  string
		name, renamed string
	}{
		{ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: acme}, want: acme, name: acme},
		{ref: member(), want: acme, name: "001A/003B"},
		{ref: member(), option: "001X", renamed: "Jo", want: "001X", name: "Jo"},
		{ref: helpdesk.Ref{Kind: helpdesk.User, Key: "003B"}, want: "", name: "003B"},
		{ref: helpdesk.Ref{Kind: helpdesk.User, Key: "003B"}, option: acme, want: acme, name: "003B"},
	} {
		want := &helpdesk.Object{Ref: tt.ref, Fields: f("x=1")}
		ch := comparer().Diff(want, here(f(), f()), DiffOptions{Account: tt.option, Name: tt.renamed}).Change
		if ch.Account != tt.want || ch.Name != tt.name {
			t.Errorf("a change of %s is of account %q, named %q; want %q, %q", tt.ref, ch.Account, ch.Name, tt.want, tt.name)
		}
	}
}

func TestOnlyOrganizationsAreMarked(t *testing.T) {
	t.Parallel()
	want := &helpdesk.Object{Ref: member(), Fields: f()}
	v := comparer().Diff(want, here(f("field:mark"), f("field:mark")), DiffOptions{Mark: mark()})
	tells(t, v, "forget field:mark", "item finding/rule removed field:mark")
}

// TestAWholeObjectFollowsWhatAllRulesSay where the pipeline does not say it.
func TestAWholeObjectFollowsWhatAllRulesSay(t *testing.T) {
	t.Parallel()
	rule := func(p helpdesk.Policy) *helpdesk.Rule { return &helpdesk.Rule{OnDrift: p} }
	tests := map[string]struct {
		shape    helpdesk.Shape
		policies Policies
		hold     string
	}{
		"all correct": {shape: helpdesk.Shape{
			Fields:   map[string]*helpdesk.Rule{"name": rule(helpdesk.Correct), "theirs": {Owner: helpdesk.OwnerHelpdesk}, "none": nil},
			Families: map[string]helpdesk.Family{"tag:": {Rule: rule(helpdesk.Correct)}, "domain:": {}},
		}},
		"they differ": {hold: "policy: on_drift", shape: helpdesk.Shape{
			Fields: map[string]*helpdesk.Rule{"name": rule(helpdesk.Correct)}, Families: map[string]helpdesk.Family{"tag:": {Rule: rule(helpdesk.Hold)}},
		}},
		"the pipeline says otherwise": {hold: "policy: on_drift", policies: holding, shape: helpdesk.Shape{
			Fields: map[string]*helpdesk.Rule{"name": rule(helpdesk.Correct)},
		}},
		"no rules": {hold: "policy: on_drift"},
	}
	for name, tt := range tests {
		c := New(helpdesk.Capabilities{}, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: tt.shape})
		v := c.Diff(org("name=Acme"), Known{Last: f("name=Acme")}, DiffOptions{MayCreate: true, Policies: tt.policies})
		if v.Change.Hold != tt.hold {
			t.Errorf("%s: held with %q, want %q", name, v.Change.Hold, tt.hold)
		}
	}
}
