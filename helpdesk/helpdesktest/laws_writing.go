package helpdesktest

import (
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

var writingLaws = []law{
	{"twice is once", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		first := d.must(org("001A"))
		second := d.must(org("001A"))
		if objects, _, _ := d.list(helpdesk.Organization, ""); len(objects) != 1 || first[0] != second[0] {
			d.Errorf("two creates of one account made %d organizations (ids %s and %s), want one", len(objects), first[0], second[0])
		}
	}},
	{"a CRM id is unique, also within one call", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		a, b := org("001A"), org("001A", d.Field, text("the second"))
		b.ID = "another"
		d.apply(a, b)
		if objects, _, _ := d.list(helpdesk.Organization, ""); len(objects) != 1 {
			d.Errorf("two creates of one account in one call made %d organizations, want one", len(objects))
		}
	}},
	{"apply, then compare: nothing to do", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Update)
		for _, round := range []int{1, 2} {
			op := []helpdesk.Op{helpdesk.Create, helpdesk.Update}[round-1]
			c := change(op, helpdesk.Organization, "001A", "", d.sample(round)...)
			d.must(c)
			got := d.get(helpdesk.Organization, "001A")
			for _, delta := range c.Deltas {
				d.holds(got, delta.Field, delta.Want)
			}
		}
	}},
	{"emptied is empty", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Update)
		c := change(helpdesk.Create, helpdesk.Organization, "001A", "", d.sample(1)...)
		d.must(c)
		e := change(helpdesk.Update, helpdesk.Organization, "001A", "")
		for i, delta := range c.Deltas {
			if delta.Field != helpdesk.Name {
				e.Deltas = append(e.Deltas, helpdesk.Delta{Field: delta.Field, Want: []helpdesk.Value{{}, helpdesk.None}[i%2], Cause: helpdesk.Withdrawn})
			}
		}
		d.must(e)
		if got := d.get(helpdesk.Organization, "001A"); len(got.Fields) != 1 {
			for _, f := range got.Fields {
				if spec, _ := d.caps.Spec(helpdesk.Organization, f.Name); f.Name != helpdesk.Name && !(spec.ZeroIsEmpty && f.Value.IsZero()) {
					d.Errorf("%s still holds %v", f.Name, f.Value)
				}
			}
		}
	}},
	{"fields that a change does not name survive it", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Update)
		sample := d.sample(1)
		c := change(helpdesk.Create, helpdesk.Organization, "001A", "", sample...)
		d.must(c)
		for _, delta := range c.Deltas {
			d.must(change(helpdesk.Update, helpdesk.Organization, "001A", "", delta.Field, delta.Want))
		}
		d.must(change(helpdesk.Update, helpdesk.Organization, "001A", "", helpdesk.Name, text("Renamed")))
		got := d.get(helpdesk.Organization, "001A")
		for _, delta := range c.Deltas {
			if delta.Field != helpdesk.Name {
				d.holds(got, delta.Field, delta.Want)
			}
		}
	}},
	{"text in any script reads back", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Update)
		d.must(org("001A"))
		for _, s := range scripts {
			d.must(change(helpdesk.Update, helpdesk.Organization, "001A", "", d.Field, text(s)))
			d.holds(d.get(helpdesk.Organization, "001A"), d.Field, text(s))
		}
	}},
	{"cancelled writes nothing", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		ctx, cancel := context.WithCancel(d.Context())
		cancel()
		out, err := d.try(ctx, org("001A"), org("001B"))
		for id, o := range out {
			if o.State == helpdesk.Applied {
				d.Errorf("%s is said to be applied although the context was cancelled", id)
			}
		}
		if err == nil && len(out) < 2 {
			d.Error("Apply with a cancelled context ended without an error and without outcomes")
		}
		if objects, _, _ := d.list(helpdesk.Organization, ""); len(objects) != 0 {
			d.Errorf("a cancelled Apply made %v", objects)
		}
	}},
	{"an applying that is left early makes no more than was asked for", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		asked := 0
		changes := func(yield func(helpdesk.Change) bool) {
			for i := range 5000 {
				asked = i + 1
				if !yield(org("001A" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26))) {
					return
				}
			}
		}
		for _, err := range d.target.Apply(d.Context(), changes) {
			if err != nil {
				d.Fatal(err)
			}
			break
		}
		if asked == 5000 {
			d.Error("Apply read every change before it yielded its first outcome")
		}
	}},
	{"retired holds what the change says and is still there", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Retire)
		d.must(org("001A"))
		d.must(change(helpdesk.Retire, helpdesk.Organization, "001A", "", d.Field, text("marked")))
		d.holds(d.get(helpdesk.Organization, "001A"), d.Field, text("marked"))
		d.must(change(helpdesk.Retire, helpdesk.Organization, "001X", "", d.Field, text("marked")))
		if objects, _, _ := d.list(helpdesk.Organization, ""); len(objects) != 1 {
			d.Errorf("retiring what is not there made something: %v", objects)
		}
	}},
	{"deleted is gone, and deleting it again is no fault", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Delete)
		ids := d.must(org("001A"), org("001B"))
		del := change(helpdesk.Delete, helpdesk.Organization, "001A", ids[0])
		d.must(del)
		d.must(del)
		if objects, _, _ := d.list(helpdesk.Organization, ""); len(objects) != 1 {
			d.Errorf("after the deletion of one of two, %d are listed", len(objects))
		}
	}},
	{"a stranger is tied to its account and keeps what it holds", func(d *desk) {
		if d.Stranger == nil {
			d.Skip("the harness makes no strangers")
		}
		id := d.Stranger(d.T, d.target, "Long Here Ltd")
		link := change(helpdesk.Update, helpdesk.Organization, "001A", id, d.Field, text("now known"))
		d.must(link)
		got := d.get(helpdesk.Organization, "001A")
		if got.ID != id {
			d.Errorf("account 001A is organization %s, want the stranger %s", got.ID, id)
		}
		d.holds(got, helpdesk.Name, text("Long Here Ltd"))
		other := change(helpdesk.Update, helpdesk.Organization, "001B", id, d.Field, text("mine"))
		if o := d.apply(other)[other.ID]; o.State != helpdesk.Failed || o.Err == nil {
			d.Errorf("a second account took the organization of the first: %+v", o)
		}
	}},
	{"an organization passes from the account it was to another only where the change says so", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Update)
		ids := d.must(org("001A"))
		pass := change(helpdesk.Update, helpdesk.Organization, "001B", ids[0])
		pass.Was = "001X"
		if o := d.apply(pass)[pass.ID]; o.State != helpdesk.Failed || o.Err == nil {
			d.Errorf("the organization of 001A passes on as that of 001X: %s (%v), want it failed", o.State, o.Err)
		}
		pass.Was = "001A"
		d.must(pass)
		d.must(pass)
		if got := d.get(helpdesk.Organization, "001B"); got.ID != ids[0] {
			d.Errorf("account 001B has organization %s, want %s", got.ID, ids[0])
		}
		if got, err := d.target.Get(d.Context(), helpdesk.Organization, []string{"001A"}); err != nil || len(got) != 0 {
			d.Errorf("account 001A still has %v (%v)", got, err)
		}
	}},
}

var scripts = []string{
	"Ünïcödé GmbH & Co. KG", "株式会社デスク", "شركة الاختبار", "Ελληνική Εταιρεία", "Пример ООО", "🦊 emoji & <b>html</b>", `quotes " ' and \ backslash`,
	"two\nlines", "'; DROP TABLE organization; --", "{\"json\": [1, 2]}", "e\u0301 is not é", strings.Repeat("long ", 100) + "end",
}

// sample returns one name and value per field that can be written, different in
// each round.
func (d *desk) sample(round int) []any {
	out := []any{helpdesk.Name, text([]string{"", "Ace Tomato", "Ace Tomato Ltd"}[round])}
	for _, s := range d.caps.Specs[helpdesk.Organization] {
		if v := sampleOf(s, round); s.Name != helpdesk.Name && !s.ReadOnly && !v.IsEmpty() && s.Name != "field:ignore_deletion" {
			out = append(out, s.Name, v)
		}
	}
	if slices.Contains(d.caps.Families, helpdesk.TagPrefix) {
		out = append(out, helpdesk.TagPrefix+"always", helpdesk.BoolOf(true), helpdesk.TagPrefix+"sometimes", helpdesk.BoolOf(round == 1))
	}
	if slices.Contains(d.caps.Families, helpdesk.DomPrefix) {
		out = append(out, helpdesk.DomPrefix+"acetomato.example", helpdesk.BoolOf(true), helpdesk.DomPrefix+"tomato.example", helpdesk.BoolOf(round == 1))
	}
	if slices.Contains(d.caps.Families, helpdesk.GroupPrefix) {
		out = append(out, helpdesk.GroupPrefix+"vips", helpdesk.BoolOf(round == 1), helpdesk.GroupPrefix+"everyone", helpdesk.BoolOf(true))
	}
	return out
}

func sampleOf(s helpdesk.Spec, round int) helpdesk.Value {
	switch s.Type {
	case helpdesk.Text:
		return text([]string{"", "first", "second"}[round])
	case helpdesk.Choice:
		return helpdesk.ChoiceOf(s.Choices[round%len(s.Choices)].Value)
	case helpdesk.Integer:
		return helpdesk.IntOf([]int64{0, 25, -7}[round])
	case helpdesk.Decimal:
		return helpdesk.DecimalOf([]float64{0, 31200, 0.25}[round])
	case helpdesk.Bool:
		return helpdesk.BoolOf(round == 1)
	case helpdesk.Date:
		return helpdesk.DateOf(day.MustParse([]string{"", "2027-06-30", "2024-02-29"}[round]))
	default:
		return helpdesk.Value{}
	}
}
