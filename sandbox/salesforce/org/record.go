package org

// Record is one record as a query shows it: what was selected, in that order.
type Record struct {
	Type, ID string
	Cells    []Cell
}

// Cell is one entry of a Record. A parent that is not there is a nil Parent, children
// that are not there are nil Children.
type Cell struct {
	Name     string
	Field    *Field
	Value    any
	Parent   *Record
	Children *Children
}

// Children are what a sub-query found.
type Children struct {
	Plan    *Plan
	Numbers []int
}

// Record shows one of the records that Run found.
func (p *Plan) Record(n int) Record { return p.show(p.w.view(), rec{p.t, n}, p.nodes) }

func (p *Plan) show(v view, r rec, nodes []*node) Record {
	out := Record{Type: r.t.obj.Name, ID: r.id()}
	for _, n := range nodes {
		out.Cells = append(out.Cells, p.cell(v, r, n))
	}
	return out
}

func (p *Plan) cell(v view, r rec, n *node) Cell {
	c := Cell{Name: n.name, Field: n.field}
	switch {
	case n.sub != nil:
		if numbers := n.sub.under(v, r); len(numbers) > 0 {
			c.Children = &Children{n.sub, numbers}
		}
	case n.kids != nil:
		if parent, ok := v.follow(r, n.field); ok {
			shown := p.show(v, parent, n.kids)
			c.Parent = &shown
		}
	default:
		c.Value = v.get(r, n.field)
	}
	return c
}

// under runs a sub-query for one parent.
func (p *Plan) under(v view, parent rec) []int {
	return p.run(func(yield func(rec) bool) {
		for _, child := range v.children(parent, *p.link) {
			if !yield(child) {
				return
			}
		}
	})
}

// Values are the columns of one record, flat, as Bulk shows them.
func (p *Plan) Values(n int) []any {
	v := p.w.view()
	out := make([]any, len(p.Columns))
	for i, c := range p.Columns {
		out[i] = c.get(v, rec{p.t, n})
	}
	return out
}

// Get reads a whole record, or the named fields of it.
func (w *World) Get(object, id string, names []string) (Record, error) {
	o, ok := w.Object(object)
	if !ok {
		return Record{}, NotSupported(object)
	}
	full, ok := fullID(id)
	if !ok {
		return Record{}, NotFound()
	}
	r, ok := w.table(o.Name).find(full)
	v := w.view()
	if !ok {
		return Record{}, NotFound()
	}
	switch v.state(r) {
	case live:
	case binned:
		return Record{}, refuse("ENTITY_IS_DELETED", "entity is deleted")
	default:
		return Record{}, NotFound()
	}
	var fields []*node
	for _, f := range w.Fields(o) {
		fields = append(fields, &node{name: f.Name, field: f})
	}
	if len(names) > 0 {
		fields = fields[:0]
		for _, name := range names {
			f, ok := w.Field(o, name)
			if !ok {
				return Record{}, refuse("INVALID_FIELD", "No such column '%s' on sobject of type %s", name, o.Name)
			}
			fields = append(fields, &node{name: f.Name, field: f})
		}
	}
	return (&Plan{w: w}).show(v, r, fields), nil
}
