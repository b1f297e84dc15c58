package org

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/sandbox/salesforce/soql"
)

// filter is made ready for one moment, and then says which records match.
type filter func(v view) func(r rec) bool

// compile checks a condition and makes it runnable.
func (p *Plan) compile(e soql.Expr) (filter, error) {
	switch e := e.(type) {
	case soql.And:
		return p.compileAll(e, false)
	case soql.Or:
		return p.compileAll(e, true)
	case soql.Not:
		f, err := p.compile(e.Of)
		return func(v view) func(rec) bool {
			match := f(v)
			return func(r rec) bool { return !match(r) }
		}, err
	case soql.Compare:
		return p.compileCompare(e)
	case soql.In:
		return p.compileIn(e)
	case soql.Includes:
		return p.compileIncludes(e)
	}
	return nil, refuse("MALFORMED_QUERY", "unknown condition")
}

// compileAll joins conditions: until one is true (OR), or one is false (AND).
func (p *Plan) compileAll(all []soql.Expr, until bool) (filter, error) {
	var parts []filter
	for _, e := range all {
		f, err := p.compile(e)
		if err != nil {
			return nil, err
		}
		parts = append(parts, f)
	}
	return func(v view) func(rec) bool {
		var ready []func(rec) bool
		for _, f := range parts {
			ready = append(ready, f(v))
		}
		return func(r rec) bool {
			return slices.ContainsFunc(ready, func(m func(rec) bool) bool { return m(r) == until }) == until
		}
	}, nil
}

// filtered finds a field that may stand in WHERE.
func (p *Plan) filtered(path soql.Path) (Column, error) {
	c, err := p.resolve(path)
	if err == nil && !c.Field.Filterable() {
		err = p.fault(path.At, "field '%s' can not be filtered in a query call", c.Field.Name)
	}
	return c, err
}

func (p *Plan) compileCompare(e soql.Compare) (filter, error) {
	c, err := p.filtered(e.Path)
	if err != nil {
		return nil, err
	}
	if !allowed(c.Field, e.Op) {
		return nil, &Error{Code: "INVALID_QUERY_FILTER_OPERATOR", Message: soql.Point(p.text, e.Path.At, "invalid operator on "+c.Field.Type+" field")}
	}
	test, err := p.test(c, e.Op, e.Value)
	if err != nil {
		return nil, err
	}
	return func(v view) func(rec) bool {
		holds := test(v)
		return func(r rec) bool { return holds(c.get(v, r)) }
	}, nil
}

// allowed says which operators a field takes (SOQL guide, Comparison Operators).
func allowed(f *Field, op string) bool {
	switch {
	case op == "=" || op == "!=":
		return true
	case op == "LIKE":
		return f.text() && f.Type != "multipicklist"
	}
	return f.Type != "boolean" && f.Type != "multipicklist"
}

func (p *Plan) compileIn(e soql.In) (filter, error) {
	c, err := p.filtered(e.Path)
	if err != nil {
		return nil, err
	}
	if e.Sub != nil {
		return p.compileSemiJoin(c, e)
	}
	set := map[any]bool{}
	for _, value := range e.Values {
		if value.Type == soql.Range {
			return nil, p.mistyped(c, value)
		}
		want, err := p.literal(c, value)
		if err != nil {
			return nil, err
		}
		set[keyOf(c.Field, want)] = true
	}
	return inSet(c, func(view) map[any]bool { return set }, e.Not), nil
}

func inSet(c Column, of func(view) map[any]bool, not bool) filter {
	return func(v view) func(rec) bool {
		set := of(v)
		return func(r rec) bool { return set[keyOf(c.Field, c.get(v, r))] != not }
	}
}

// keyOf makes values equal under == that SOQL takes for equal.
func keyOf(f *Field, v any) any {
	if s, ok := v.(string); ok && f.text() && !f.Case {
		return fold(s)
	}
	return v
}

// compileSemiJoin reads the set of ids from another object when the query runs.
func (p *Plan) compileSemiJoin(c Column, e soql.In) (filter, error) {
	o, ok := p.w.Object(e.Sub.From)
	if !ok {
		return nil, &Error{Code: "INVALID_TYPE", Message: soql.Point(p.text, e.Sub.FromAt, NotSupported(e.Sub.From).Message)}
	}
	sub, err := p.w.plan(e.Sub, p.text, o, p.all)
	if err != nil {
		return nil, err
	}
	if len(sub.Columns) != 1 || c.Field.Type != "id" && c.Field.Type != "reference" {
		return nil, &Error{Code: "MALFORMED_QUERY", Message: soql.Point(p.text, e.Path.At, "semi join sub-selects select one id, for an id field")}
	}
	inner, at := sub.Columns[0], e.Sub.Select[0].Path
	if outerTo, innerTo := p.leadsTo(e.Path, c.Field), sub.leadsTo(at, inner.Field); innerTo == "" || outerTo != innerTo {
		// the wording is from memory and unverified
		return nil, &Error{Code: "MALFORMED_QUERY", Message: soql.Point(p.text, at.At, "The selected field '"+inner.Name+"' in the subquery and the left operand field in the where expression in the outer query '"+c.Name+"' should point to the same object type")}
	}
	return inSet(c, func(v view) map[any]bool {
		set := map[any]bool{}
		for _, n := range sub.Run() {
			if id := sub.Columns[0].get(v, rec{sub.t, n}); id != nil {
				set[id] = true
			}
		}
		return set
	}, e.Not), nil
}

// leadsTo is the object whose ids a field holds; empty where it holds none.
func (p *Plan) leadsTo(path soql.Path, f *Field) string {
	if f.Type != "id" {
		return f.RefersTo
	}
	o := p.Object
	for _, step := range path.Steps[:len(path.Steps)-1] {
		if ref := p.w.relation(o, step); ref != nil {
			o, _ = p.w.Object(ref.RefersTo)
		}
	}
	return o.Name
}

func (p *Plan) compileIncludes(e soql.Includes) (filter, error) {
	c, err := p.filtered(e.Path)
	if err != nil {
		return nil, err
	}
	if c.Field.Type != "multipicklist" {
		return nil, &Error{Code: "INVALID_QUERY_FILTER_OPERATOR", Message: soql.Point(p.text, e.Path.At, "includes and excludes operators are only valid on multipicklist fields")}
	}
	return func(v view) func(rec) bool {
		return func(r rec) bool {
			text, _ := c.get(v, r).(string)
			have := strings.Split(fold(text), ";")
			return slices.ContainsFunc(e.Sets, func(set []string) bool { return hasAll(have, set) }) != e.Excludes
		}
	}, nil
}

func hasAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, fold(w)) })
}

// narrowing finds candidates where the condition asks for ids that lead to records at
// once; nil where all records have to be looked at.
func (p *Plan) narrowing(e soql.Expr) func() []rec {
	switch e := e.(type) {
	case soql.And:
		for _, part := range e {
			if f := p.narrowing(part); f != nil {
				return f
			}
		}
	case soql.Compare:
		if e.Op == "=" {
			return p.byIDs(e.Path, []soql.Value{e.Value})
		}
	case soql.In:
		if !e.Not && e.Sub == nil {
			return p.byIDs(e.Path, e.Values)
		}
	}
	return nil
}

func (p *Plan) byIDs(path soql.Path, values []soql.Value) func() []rec {
	f := p.t.obj.field(path.Steps[0])
	if len(path.Steps) > 1 || f == nil || f.Type != "id" && f.back == nil {
		return nil
	}
	if slices.ContainsFunc(values, func(v soql.Value) bool { return v.Type != soql.String }) {
		return nil
	}
	return func() []rec {
		var out []rec
		for _, value := range values {
			id, _ := fullID(value.Text)
			out = append(out, p.w.reached(p.t, f, id)...)
		}
		slices.SortFunc(out, func(a, b rec) int { return a.n - b.n })
		return slices.Compact(out)
	}
}

// reached are the records that have this id, or whose reference has it.
func (w *World) reached(t *table, f *Field, id string) []rec {
	if f.Type == "id" {
		if r, ok := t.find(id); ok {
			return []rec{r}
		}
		return nil
	}
	parent, ok := w.table(f.RefersTo).find(id)
	if !ok {
		return nil
	}
	return w.view().children(parent, link{t, f})
}
