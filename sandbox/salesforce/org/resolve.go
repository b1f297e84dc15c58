package org

import (
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/soql"
)

// accessor reads a value of a record, through parents if need be.
type accessor func(v view, r rec) any

func compareTimes(a, b any) int {
	x, _ := a.(time.Time)
	y, _ := b.(time.Time)
	return x.Compare(y)
}

// resolve finds the field that a path names.
func (p *Plan) resolve(path soql.Path) (Column, error) {
	o := p.Object
	var name []string
	var refs []*Field
	if len(path.Steps) > 1 && strings.EqualFold(path.Steps[0], o.Name) && p.w.relation(o, path.Steps[0]) == nil {
		path.Steps = path.Steps[1:] // the object's own name may stand before its fields, as an alias may
	}
	if len(path.Steps) > soql.MaxLevels+1 {
		return Column{}, p.fault(path.At, "%s: a relationship path climbs at most %d levels", path, soql.MaxLevels)
	}
	for _, step := range path.Steps[:len(path.Steps)-1] {
		f := p.w.relation(o, step)
		if f == nil {
			return Column{}, p.fault(path.At, "Didn't understand relationship '%s' in field path.%s", step, appendR)
		}
		o, _ = p.w.Object(f.RefersTo)
		refs, name = append(refs, f), append(name, f.Relation)
	}
	last := path.Steps[len(path.Steps)-1]
	f, ok := p.w.Field(o, last)
	if !ok {
		return Column{}, p.fault(path.At, "No such column '%s' on entity '%s'.%s", last, o.Name, appendC)
	}
	return Column{strings.Join(append(name, f.Name), "."), f, through(refs, f)}, nil
}

// relation finds the reference of this relationship name that can be seen.
func (w *World) relation(o *Object, name string) *Field {
	i := slices.IndexFunc(o.Fields, func(f *Field) bool { return f.Relation != "" && strings.EqualFold(f.Relation, name) })
	if i < 0 {
		return nil
	}
	if _, ok := w.Field(o, o.Fields[i].Name); !ok {
		return nil
	}
	return o.Fields[i]
}

func through(refs []*Field, f *Field) accessor {
	return func(v view, r rec) any {
		for _, ref := range refs {
			next, ok := v.follow(r, ref)
			if !ok {
				return nil
			}
			r = next
		}
		return v.get(r, f)
	}
}

// node is one entry of a record as JSON shows it: a field, a parent with entries of its
// own, or children.
type node struct {
	name  string
	field *Field // of a parent: the reference
	kids  []*node
	sub   *Plan
}

// choose adds an entry of the SELECT list.
func (p *Plan) choose(item soql.Item) error {
	if item.Sub != nil {
		return p.chooseSub(item.Sub)
	}
	c, err := p.resolve(item.Path)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.Columns, func(x Column) bool { return x.Name == c.Name }) {
		return p.fault(item.Path.At, "duplicate field selected: %s", c.Name)
	}
	p.Columns = append(p.Columns, c)
	at, o := &p.nodes, p.Object
	steps := strings.Split(c.Name, ".")
	for _, step := range steps[:len(steps)-1] {
		ref := p.w.relation(o, step)
		at, o = parentNode(at, ref), p.w.table(ref.RefersTo).obj
	}
	*at = append(*at, &node{name: c.Field.Name, field: c.Field})
	return nil
}

// parentNode finds the entry of a parent, or makes it.
func parentNode(at *[]*node, ref *Field) *[]*node {
	for _, n := range *at {
		if n.name == ref.Relation {
			return &n.kids
		}
	}
	n := &node{name: ref.Relation, field: ref}
	*at = append(*at, n)
	return &n.kids
}

func (p *Plan) chooseSub(q *soql.Query) error {
	for _, l := range p.t.links {
		o, visible := p.w.Object(l.from.obj.Name)
		if !visible || !strings.EqualFold(l.field.Children, q.From) {
			continue
		}
		if slices.ContainsFunc(p.nodes, func(n *node) bool { return n.sub != nil && n.name == l.field.Children }) {
			// an answer has one place for it; the wording is not known
			return &Error{Code: "MALFORMED_QUERY", Message: soql.Point(p.text, q.FromAt, "duplicate relationship selected: "+l.field.Children)}
		}
		sub, err := p.w.plan(q, p.text, o, p.all)
		if err != nil {
			return err
		}
		sub.link = &l
		p.nodes = append(p.nodes, &node{name: l.field.Children, sub: sub})
		p.Subs++
		return nil
	}
	return &Error{Code: "INVALID_TYPE", Message: soql.Point(p.text, q.FromAt, "Didn't understand relationship '"+q.From+"' in FROM part of query call."+appendR)}
}
