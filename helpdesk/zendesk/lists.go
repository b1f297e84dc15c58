package zendesk

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// parts are the elements of a list that a change adds and removes.
type parts struct{ add, remove []string }

func (p parts) none() bool { return len(p.add)+len(p.remove) == 0 }

// partsOf returns what a change does to the tags or the domains.
func partsOf(w *work, prefix string) parts {
	var p parts
	for _, d := range w.writes {
		name, ok := strings.CutPrefix(d.Field, prefix)
		switch {
		case !ok:
		case d.Want.True():
			p.add = append(p.add, name)
		default:
			p.remove = append(p.remove, name)
		}
	}
	return p
}

// listed reports a change of tags or domains, for which the lists have to be known.
func listed(w *work) bool {
	return !partsOf(w, helpdesk.TagPrefix).none() || !partsOf(w, helpdesk.DomPrefix).none()
}

// layLists writes the lists that change, with all that others put there.
func (s *sight) layLists(body map[string]any, w *work, have *organization) {
	if have == nil {
		have = &organization{}
	}
	if p := partsOf(w, helpdesk.DomPrefix); !p.none() {
		if list := p.merge(have.Domains, nil); !same(list, have.Domains) {
			body["domain_names"] = list
		}
	}
	if p := partsOf(w, helpdesk.TagPrefix); !p.none() {
		old, born := s.coupled(w, have)
		kept := slices.DeleteFunc(slices.Clone(have.Tags), func(tag string) bool { return slices.Contains(old, tag) && !slices.Contains(born, tag) })
		list := p.merge(append(kept, born...), born)
		if !same(list, have.Tags) {
			body["tags"] = list
		}
	}
}

// merge returns a list with what is added and without what is removed; what is fixed
// stays in any case. It is sorted, each element once, and never nil.
func (p parts) merge(have, fixed []string) []string {
	out := append(append([]string{}, have...), p.add...)
	out = slices.DeleteFunc(out, func(s string) bool {
		return slices.ContainsFunc(p.remove, func(r string) bool { return strings.EqualFold(r, s) }) && !slices.Contains(fixed, s)
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// same reports whether two lists have the same elements.
func same(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// coupled returns the tags that the fields bring now, and those that they bring once the
// change is made: a list of tags without them would fight with the fields.
func (s *sight) coupled(w *work, have *organization) (old, born []string) {
	old = s.born(have)
	for key, raw := range have.Fields {
		if f, ok := s.fields[key]; ok && !names(w, key) {
			born = append(born, f.tags(raw)...)
		}
	}
	for _, d := range w.writes {
		key, ok := strings.CutPrefix(d.Field, helpdesk.FieldPrefix)
		f, known := s.fields[key]
		switch {
		case !ok || !known:
		case d.Want.True() && f.Tag != "":
			born = append(born, f.Tag)
		case d.Want.Type() == helpdesk.Choice:
			born = append(born, d.Want.Text())
		}
	}
	return old, born
}

// names reports whether a change writes a custom field.
func names(w *work, key string) bool {
	_, ok := w.want(helpdesk.FieldPrefix + key)
	return ok
}
