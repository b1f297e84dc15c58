package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

// inverted renders an inverse and what is impossible.
func inverted(ch *helpdesk.Change, list []Impossible) []string {
	var out []string
	if ch != nil {
		out = append(out, string(ch.Op))
		for _, d := range ch.Deltas {
			out = append(out, d.Field+": "+d.Have.String()+" -> "+d.Want.String()+" "+string(d.Cause))
		}
	}
	for _, i := range list {
		out = append(out, "impossible "+i.Field+": "+i.Text)
	}
	return out
}

func TestInvert(t *testing.T) {
	t.Parallel()
	c := comparer()
	diff := func(have, last helpdesk.Fields, want ...string) helpdesk.Change {
		return *c.Diff(org(want...), here(have, last), DiffOptions{Policies: correcting}).Change
	}
	moved := diff(f("field:level=silver", "tag:silver"), f("field:level=silver", "tag:silver"), "field:level=gold", "tag:gold")
	linked := *c.Diff(org("name=Acme"), Known{Exists: true, TargetID: "119"}, DiffOptions{}).Change
	partly := diff(f("field:level=silver"), f("field:level=silver"), "field:level=gold", "name=Acme")
	Withhold(&partly, "conflict: x", "name")
	created := *c.Diff(org("name=Acme", "tag:gold"), Known{}, DiffOptions{MayCreate: true}).Change
	user := helpdesk.Change{Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.User, Key: "003B"}}
	joined := helpdesk.Change{Op: helpdesk.Create, Ref: member(), Deltas: []helpdesk.Delta{{Field: "position", Want: helpdesk.TextOf("CTO")}}}
	left := *c.Absent(here(f("position=CTO", "manager"), f("position=CTO", "manager")), Missing{Ref: member(), Policy: GoneMark}).Change
	marked := *c.Absent(here(f(), f()), gone(GoneMark, mark())).Change
	kept := moved
	kept.Hold = "guard: x"
	unmade := created
	unmade.Hold = "guard: x"
	counted := diff(f(), f(), "field:aar#5")
	tests := map[string]struct {
		change helpdesk.Change
		now    helpdesk.Fields
		mark   Mark
		lines  []string
	}{
		"values before the run are written back": {
			moved, f("field:level=gold", "tag:gold"), mark(),
			[]string{"update", "field:level: gold -> silver undone", "tag:gold: true -> – undone", "tag:silver: – -> true undone"},
		},
		"what somebody changed since is left alone": {
			moved, f("field:level=bronze", "tag:gold"), mark(),
			[]string{
				"update", "tag:gold: true -> – undone", "tag:silver: – -> true undone",
				`impossible field:level: level was changed since; the helpdesk holds "bronze"`,
			},
		},
		"what is back already is left alone":    {moved, f("field:level=silver", "tag:silver"), mark(), nil},
		"held fields were never written":        {partly, f("field:level=gold"), mark(), []string{"update", "field:level: gold -> silver undone"}},
		"held changes were never made":          {kept, f("field:level=gold", "tag:gold"), mark(), nil},
		"a create that was held was never made": {unmade, nil, mark(), nil},
		"zero is as good as unset":              {counted, f("field:aar#0"), mark(), nil},
		"a link stays": {
			linked, f("name=Acme"), mark(),
			[]string{"update", "name: Acme -> – undone", "impossible link: stays linked to its account"},
		},
		"a created organization is marked":  {created, f("name=Acme", "tag:gold"), mark(), []string{"retire", "field:mark: – -> true undone"}},
		"one that is marked already is not": {created, f("field:mark"), mark(), nil},
		"without a mark it stays": {
			created, f("name=Acme"), Mark{}, []string{"impossible : was created, and no mark field is configured"},
		},
		"a created user stays":               {user, f(), mark(), []string{"impossible : was created; a user is never deleted"}},
		"a created membership is removed":    {joined, f("position=CEO"), mark(), []string{"retire", "position: CEO -> – undone"}},
		"a bare membership is removed":       {joined, f("position="), mark(), []string{"retire"}},
		"a removed membership is made again": {left, nil, mark(), []string{"create", "manager: – -> true undone", "position: – -> CTO undone"}},
		"a mark is taken off":                {marked, f("field:mark"), mark(), []string{"update", "field:mark: true -> – undone"}},
		"a deletion stays":                   {helpdesk.Change{Op: helpdesk.Delete}, nil, mark(), []string{"impossible : was deleted"}},
		"a merge stays":                      {helpdesk.Change{Op: helpdesk.Merge}, nil, mark(), []string{"impossible : was merged; a merge cannot be undone"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv, list := Invert(tt.change, tt.now, tt.mark)
			equal(t, "inverse", inverted(inv, list), tt.lines)
			if inv != nil && (inv.ID != ID(inv) || inv.Ref != tt.change.Ref) {
				t.Errorf("the inverse is %+v", inv)
			}
			if inv != nil && (inv.TargetID == "") != (inv.Op == helpdesk.Create || tt.change.TargetID == "") {
				t.Errorf("the inverse names the target id %q", inv.TargetID)
			}
		})
	}
}

func member() helpdesk.Ref {
	return helpdesk.Ref{Kind: helpdesk.Membership, Key: helpdesk.MemberKey(acme, "003B")}
}

// TestUndoneStaysUndone plays a run, its undo, and the run after.
func TestUndoneStaysUndone(t *testing.T) {
	t.Parallel()
	c := comparer()
	opt := DiffOptions{Policies: correcting, MayCreate: true, Mark: mark(), Day: today}
	tests := map[string]struct {
		want  *helpdesk.Object
		known Known
		tells []string
	}{
		"a move": {
			org("field:level=gold"), here(f("field:level=silver"), f("field:level=silver")),
			[]string{"field:level: silver -> gold undone undone", "item held/undone field:level"},
		},
		"a correction": {
			org("field:level=gold"), here(f("field:level=silver"), f("field:level=gold")),
			[]string{"field:level: silver -> gold undone undone", "item held/undone field:level"},
		},
		"a withdrawal": {
			org("field:owner=-"), here(f("field:owner=Lee"), f("field:owner=Lee")),
			[]string{"field:owner: Lee -> – undone undone", "item held/undone field:owner"},
		},
		"a tag that came": {
			org("tag:gold"), here(f(), f()), []string{"tag:gold: – -> true undone undone", "item held/undone tag:gold"},
		},
		"a tag that went": {
			org(), here(f("tag:gold"), f("tag:gold")), []string{"tag:gold: true -> – undone undone", "item held/undone tag:gold"},
		},
		"an owned tag that went": {
			org(), here(f("tag:expired"), f()), []string{"tag:expired: true -> – undone undone", "item held/undone tag:expired"},
		},
		"a create": {
			org("name=Acme"), Known{}, []string{"field:mark: true -> – undone undone", "item held/undone field:mark"},
		},
		"a membership that came": {
			&helpdesk.Object{Ref: member(), Fields: f("position=CTO")},
			Known{},
			[]string{"create undone", "position: – -> CTO new", "item held/undone"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			did := c.Diff(tt.want, tt.known, opt).Change
			k := after(tt.known, did)
			inv, list := Invert(*did, k.Have, mark())
			if inv == nil || len(list) > 0 {
				t.Fatalf("Invert = %v, %v", inv, list)
			}
			k = after(k, inv)
			k.Decisions = Pins(*did, inv)
			tells(t, c.Diff(tt.want, k, opt), tt.tells...)
		})
	}
}

// after returns what is known once a change has been applied.
func after(k Known, ch *helpdesk.Change) Known {
	k.Have, k.Last = Apply(k.Have, ch), Record(k.Last, ch)
	k.Exists = !ends(ch)
	k.Linked = k.Exists
	return k
}

func TestUndoneAbsenceStaysUndone(t *testing.T) {
	t.Parallel()
	c := comparer()
	tests := map[string]struct {
		known   Known
		missing Missing
		tells   []string
	}{
		"a mark": {
			here(f("name=A"), f("name=A")), gone(GoneMark, mark()),
			[]string{"retire", "field:mark: – -> true undone undone", "item held/undone field:mark"},
		},
		"a removed membership": {
			here(f("position=CTO"), f("position=CTO")),
			Missing{Ref: member(), Policy: GoneMark},
			[]string{"retire undone", "position: CTO -> – gone", "item held/undone"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			did := c.Absent(tt.known, tt.missing).Change
			k := after(tt.known, did)
			inv, _ := Invert(*did, k.Have, mark())
			k = after(k, inv)
			k.Decisions = Pins(*did, inv)
			tells(t, c.Absent(k, tt.missing), tt.tells...)
		})
	}
	if Pins(helpdesk.Change{}, nil) != nil {
		t.Error("nothing undone leaves pins")
	}
}

func TestRejectionsHoldTheSameChange(t *testing.T) {
	t.Parallel()
	c := comparer()
	opt := DiffOptions{MayCreate: true, Policies: correcting}
	for name, k := range map[string]Known{"an update": here(f("name=A", "tag:old"), f("name=A", "tag:old")), "a create": {}} {
		want := org("name=Acme", "tag:gold")
		ch := c.Diff(want, k, opt).Change
		k.Decisions = Rejections(ch, "mona", "wrong")
		v := c.Diff(want, k, opt)
		if !Held(v.Change) {
			t.Errorf("%s that was rejected would be made: %+v", name, v.Change)
		}
		if v = c.Diff(org("name=Acme Inc", "tag:platinum"), k, opt); Held(v.Change) {
			t.Errorf("%s with another want is still held: %+v", name, v.Change)
		}
	}
	if got := Rejections(&helpdesk.Change{Op: helpdesk.Retire, Hold: "policy: x"}, "mona", ""); len(got) != 1 || got[0].Field != "" {
		t.Errorf("a change without fields is rejected by %+v", got)
	}
	for name, x := range map[string]struct {
		k Known
		m Missing
	}{
		"a mark":       {here(f("name=A"), f("name=A")), gone(GoneMark, mark())},
		"a deletion":   {here(f("field:mark"), f("field:mark")), gone(GoneMark, due())},
		"a membership": {here(f("manager"), f("manager")), Missing{Ref: member(), Policy: GoneMark}},
	} {
		x.k.Decisions = Rejections(c.Absent(x.k, x.m).Change, "mona", "wrong")
		if v := c.Absent(x.k, x.m); !Held(v.Change) {
			t.Errorf("%s that was rejected would be made: %+v", name, v.Change)
		}
	}
}
