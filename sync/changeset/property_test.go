package changeset

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/helpdesk"
)

// world is one object with everything that may be known of it.
type world struct {
	shape helpdesk.Shape
	c     *Comparer
	want  *helpdesk.Object
	known Known
	opt   DiffOptions
}

var (
	scalars   = []string{"name", "field:level", "field:aar", "field:zero", "field:owner", "field:once", "field:theirs"}
	strangers = []string{"field:unnamed", "notes", "group:emea", "field:old"}
	elems     = []string{"tag:gold", "tag:vip", "tag:expired", "domain:acme.com", "domain:b.org"}
)

func drawValue(t *rapid.T, field string, none bool) helpdesk.Value {
	if element(field) {
		return yes
	}
	values := []helpdesk.Value{empty, gold, silver, bronze, no, helpdesk.IntOf(0), helpdesk.IntOf(5)}
	if none {
		values = append(values, helpdesk.None)
	}
	return rapid.SampledFrom(values).Draw(t, field)
}

func drawFields(t *rapid.T, label string, names []string, none bool) helpdesk.Fields {
	out := helpdesk.Fields{}
	for _, name := range names {
		if rapid.IntRange(0, 2).Draw(t, label+" has "+name) > 0 {
			out = append(out, helpdesk.Field{Name: name, Value: drawValue(t, name, none)})
		}
	}
	return out.Sort()
}

func drawPolicies(t *rapid.T) Policies {
	p := rapid.SampledFrom([]helpdesk.Policy{helpdesk.Hold, helpdesk.Correct})
	return Policies{p.Draw(t, "on_found"), p.Draw(t, "on_drift"), p.Draw(t, "on_clash")}
}

func draw(t *rapid.T) world {
	w := world{shape: organizationShape(), c: comparer()}
	fields := drawFields(t, "want", append(slices.Clone(scalars), elems...), true)
	fields = ruled(w.shape, fields.With(helpdesk.Name, gold))
	w.want = &helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: acme}, Fields: fields}
	all := slices.Concat(scalars, strangers, elems)
	w.known = Known{MovedBy: BySource, Exists: rapid.Bool().Draw(t, "exists"), Linked: rapid.Bool().Draw(t, "linked")}
	if rapid.IntRange(0, 3).Draw(t, "written") > 0 {
		w.known.Last = drawFields(t, "last", all, false)
	}
	if w.known.Exists {
		w.known.Have, w.known.TargetID = drawFields(t, "have", all, false), "119"
	}
	w.opt = DiffOptions{MayCreate: true, Day: today, Policies: drawPolicies(t), Mark: mark()}
	return w
}

func (w world) diff() Verdict { return w.c.Diff(w.want, w.known, w.opt) }

// take plays what a run does with a verdict.
func (w world) take(v Verdict) world {
	w.known.Last = Remember(w.known.Last, v.Notes)
	if v.Change == nil || v.Change.Hold != "" {
		return w
	}
	w.known = after(w.known, v.Change)
	w.known.TargetID = "119"
	return w
}

func writesOf(v Verdict) []helpdesk.Delta {
	if v.Change == nil {
		return nil
	}
	return slices.Collect(v.Change.Writes())
}

// TestApplyThenCompareIsEmpty: what was written is not written again, what is held
// stays held in the same words, and what was let go is not mentioned twice.
func TestApplyThenCompareIsEmpty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		first := w.diff()
		w = w.take(first)
		second := w.diff()
		if w.known.Exists && len(writesOf(second)) > 0 {
			t.Fatalf("after\n%s\nthe next run writes\n%s", story(first), story(second))
		}
		for _, i := range second.Items {
			if i.Class == ItemFinding {
				t.Fatalf("told twice: %s", i.Text)
			}
		}
		w = w.take(second)
		third := w.diff()
		if len(third.Notes) > 0 {
			t.Fatalf("the third run still notes\n%s", story(third))
		}
		if story(third) != story(w.take(third).diff()) || id(third) != id(w.diff()) {
			t.Fatalf("what is held changes from run to run:\n%s", story(third))
		}
		if w.opt.Policies == correcting && !third.InStep {
			t.Fatalf("where everything is corrected, something is left:\n%s", story(third))
		}
	})
}

func id(v Verdict) string {
	if v.Change == nil {
		return ""
	}
	return v.Change.ID
}

func TestFieldsThatAreNotNamedNeverAppear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		v := w.diff()
		for _, d := range deltasOf(v) {
			_, wanted := w.want.Fields.Get(d.Field)
			_, wrote := w.known.Last.Get(d.Field)
			if !wanted && !wrote && d.Field != LinkField && d.Field != "tag:expired" {
				t.Fatalf("%s is not ours and appears:\n%s", d.Field, story(v))
			}
			if slices.Contains(strangers, d.Field) || d.Field == "field:theirs" {
				t.Fatalf("%s is never written and appears:\n%s", d.Field, story(v))
			}
		}
		for _, n := range v.Notes {
			if _, wrote := w.known.Last.Get(n.Field); n.Forget && !wrote {
				t.Fatalf("%s is forgotten and was never known", n.Field)
			}
		}
	})
}

func deltasOf(v Verdict) []helpdesk.Delta {
	if v.Change == nil {
		return nil
	}
	return v.Change.Deltas
}

func TestElementsThatAreNotOursSurvive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		before := w.known
		v := w.diff()
		now := w.take(v).known
		for _, x := range before.Have {
			_, wanted := w.want.Fields.Get(x.Name)
			_, wrote := before.Last.Get(x.Name)
			if v, _ := now.Have.Get(x.Name); !wanted && !wrote && x.Name != "tag:expired" && v != x.Value {
				t.Fatalf("%s was %v and became %v", x.Name, x.Value, v)
			}
		}
	})
}

// TestOrderDoesNotMatter: the lists may come in any order before they are sorted.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		v := w.diff()
		shuffled := func(f helpdesk.Fields, label string) helpdesk.Fields {
			if f == nil {
				return nil
			}
			return rapid.Permutation(f).Draw(t, label).Sort()
		}
		o := w
		o.want = &helpdesk.Object{Ref: w.want.Ref, Fields: shuffled(w.want.Fields, "want order")}
		o.known.Have, o.known.Last = shuffled(w.known.Have, "have order"), shuffled(w.known.Last, "last order")
		if a, b := story(v), story(o.diff()); a != b {
			t.Fatalf("order matters:\n%s\n%s", a, b)
		}
		deltas := deltasOf(v)
		if len(deltas) > 0 && deltas[0].Field == LinkField {
			deltas = deltas[1:]
		}
		if !slices.IsSortedFunc(deltas, func(a, b helpdesk.Delta) int { return strings.Compare(a.Field, b.Field) }) {
			t.Fatalf("deltas are not in order:\n%s", story(v))
		}
	})
}

// TestTheShortcutChangesNothing: with a decision that concerns nothing, the compare
// takes no shortcut.
func TestTheShortcutChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		o := w
		o.known.Decisions = []Decision{{ID: 1, Field: "no such field", Action: Keep}}
		if a, b := story(w.diff()), story(o.diff()); a != b {
			t.Fatalf("the shortcut gives\n%s\nthe long way\n%s", a, b)
		}
	})
}

// TestInvertRestores: undo of an update puts back every value, and the run after
// writes nothing.
func TestInvertRestores(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		w.known.Exists, w.known.Linked = true, true
		before := w.known.Have
		v := w.diff()
		if v.Change == nil {
			return
		}
		w = w.take(v)
		inv, impossible := Invert(*v.Change, w.known.Have, mark())
		if len(impossible) > 0 {
			t.Fatalf("impossible: %v", impossible)
		}
		if inv == nil {
			return
		}
		w.known = after(w.known, inv)
		for _, name := range slices.Concat(scalars, strangers, elems) {
			was, _ := before.Get(name)
			is, _ := w.known.Have.Get(name)
			if !alike(was, is) {
				t.Fatalf("%s was %v, is %v after undo of\n%s", name, was, is, story(v))
			}
		}
		w.known.Decisions = Pins(*v.Change, inv)
		if again := w.diff(); len(writesOf(again)) > 0 {
			t.Fatalf("after undo of\n%s\nthe next run writes\n%s", story(v), story(again))
		}
	})
}

// TestAbsentTwiceIsOnce: what was retired is not retired again.
func TestAbsentTwiceIsOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		m := gone(rapid.SampledFrom([]GonePolicy{GoneHold, GoneMark, GoneDelete}).Draw(t, "policy"), mark())
		m.Policies = w.opt.Policies
		w = w.take(w.c.Absent(w.known, m))
		v := w.c.Absent(w.known, m)
		if len(writesOf(v)) > 0 {
			t.Fatalf("the second time it writes\n%s", story(v))
		}
		if story(v) != story(w.take(v).c.Absent(w.known, m)) {
			t.Fatalf("not stable:\n%s", story(v))
		}
	})
}
