package changeset

import (
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// cursor walks over sorted fields.
type cursor struct {
	rest helpdesk.Fields
}

// take returns the field of this name and steps over it; names before it are
// passed by.
func (c *cursor) take(name string) (helpdesk.Field, bool) {
	for len(c.rest) > 0 && c.rest[0].Name < name {
		c.rest = c.rest[1:]
	}
	if len(c.rest) == 0 || c.rest[0].Name != name {
		return helpdesk.Field{}, false
	}
	f := c.rest[0]
	c.rest = c.rest[1:]
	return f, true
}

// next returns the lowest name that any of the cursors stands on.
func next(cursors ...*cursor) (string, bool) {
	name, found := "", false
	for _, c := range cursors {
		if len(c.rest) > 0 && (!found || c.rest[0].Name < name) {
			name, found = c.rest[0].Name, true
		}
	}
	return name, found
}

// walk calls each field that is wanted, was written or is owned, in order of name.
func (d *differ) walk(wanted helpdesk.Fields) {
	want, last, have := cursor{wanted}, cursor{d.known.Last}, cursor{d.known.Have}
	leads := []*cursor{&want, &last, &have}
	if len(d.kind.owned) == 0 {
		leads = leads[:2]
	}
	for {
		if len(d.known.Decisions) == 0 {
			skipAgreed(&want, &last, &have)
		}
		name, ok := next(leads...)
		if !ok {
			return
		}
		d.step(name, &want, &last, &have)
	}
}

// skipAgreed passes by the fields on which all three agree: nearly all of them,
// nearly always.
func skipAgreed(want, last, have *cursor) {
	w, l, h := want.rest, last.rest, have.rest
	n := 0
	for n < len(w) && n < len(l) && n < len(h) && agree(&w[n], &l[n], &h[n]) {
		n++
	}
	want.rest, last.rest, have.rest = w[n:], l[n:], h[n:]
}

func agree(w, l, h *helpdesk.Field) bool {
	return w.Value == h.Value && w.Value == l.Value && w.Name == h.Name && w.Name == l.Name &&
		w.Value != helpdesk.None && (w.Rule == nil || w.Rule.Owner != helpdesk.OwnerHelpdesk)
}

// step compares the field of this name.
func (d *differ) step(name string, want, last, have *cursor) {
	w, wants := want.take(name)
	l, wrote := last.take(name)
	h, _ := have.take(name)
	_, owned := d.kind.owned[name]
	if !wants && !wrote && !owned {
		return
	}
	if t, speaks := d.triple(name, w, wants); speaks {
		t.owned = owned
		t.have, t.last, t.wrote = d.kind.norm(name, h.Value), d.kind.norm(name, l.Value), wrote
		d.field(t)
	}
}

// triple says what the rules want of a field, and whether they have an opinion.
func (d *differ) triple(name string, w helpdesk.Field, wants bool) (triple, bool) {
	t := triple{field: name, rule: w.Rule, want: helpdesk.None, named: true}
	if d.silent(name) {
		return t, false
	}
	if wants {
		t.want = d.kind.norm(name, w.Value)
	}
	if t.rule == nil {
		t.rule = d.kind.rule(name)
	}
	if wants || d.marks(name) {
		return t, true
	}
	if _, scalar := d.kind.shape.Fields[name]; scalar {
		return t, false // named, and without an opinion this time
	}
	_, t.named = d.kind.family(name)
	return t, true
}

// silent reports whether the rules have no opinion on a field this time.
func (d *differ) silent(name string) bool {
	for _, s := range d.opt.Silent {
		if s == name || strings.HasSuffix(s, ":") && strings.HasPrefix(name, s) {
			return true
		}
	}
	return false
}

// marks reports whether a field is one that retiring sets.
func (d *differ) marks(name string) bool {
	return d.ref.Kind == helpdesk.Organization && name != "" && (name == d.opt.Mark.Field || name == d.opt.Mark.Exempt)
}

// norm makes false and 0 empty where the target cannot tell them apart.
func (k *kind) norm(field string, v helpdesk.Value) helpdesk.Value {
	if v.IsEmpty() || !v.IsZero() {
		return v
	}
	if _, element := k.family(field); element || k.zeroEmpty[field] {
		return helpdesk.Value{}
	}
	return v
}
