package org

import (
	"cmp"
	"slices"
	"strings"

	"github.com/desksync/desksync/sandbox/salesforce/soql"
)

// maxOffset is the largest OFFSET (SOQL guide, OFFSET).
const maxOffset = 2000

// Plan is a query that was checked against the objects. Fields are found when it is made,
// values when it runs.
type Plan struct {
	Object  *Object
	Count   bool
	Columns []Column
	Subs    int // sub-queries in the list

	w      *World
	text   string
	t      *table
	all    bool // with what is in the bin
	nodes  []*node
	filter filter
	narrow func() []rec // candidates, where the filter names ids; nil: all records
	order  []sorter
	limit  int
	offset int
	link   *link // of a sub-query: from whose children it reads
}

// Column is a selected field: its path in canonical letter case.
type Column struct {
	Name  string
	Field *Field
	get   accessor
}

type sorter struct {
	field     *Field
	get       accessor
	desc      bool
	nullsLast bool
}

// Plan checks a statement. all adds what is in the recycle bin, as queryAll does.
func (w *World) Plan(text string, all bool) (*Plan, error) {
	q, err := soql.Parse(text)
	if err != nil {
		return nil, &Error{Code: "MALFORMED_QUERY", Message: err.Error()}
	}
	o, ok := w.Object(q.From)
	if !ok {
		return nil, &Error{Code: "INVALID_TYPE", Message: soql.Point(text, q.FromAt, NotSupported(q.From).Message)}
	}
	return w.plan(q, text, o, all)
}

func (w *World) plan(q *soql.Query, text string, o *Object, all bool) (*Plan, error) {
	p := &Plan{w: w, text: text, Object: o, t: w.table(o.Name), all: all, limit: q.Limit, offset: q.Offset, Count: q.Count}
	if q.Offset > maxOffset {
		return nil, refuse("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is %d", maxOffset)
	}
	for _, item := range q.Select {
		if err := p.choose(item); err != nil {
			return nil, err
		}
	}
	if err := p.where(q.Where); err != nil {
		return nil, err
	}
	return p, p.sortBy(q.Order)
}

func (p *Plan) where(e soql.Expr) error {
	if e == nil {
		p.filter = func(view) func(rec) bool { return func(rec) bool { return true } }
		return nil
	}
	var err error
	p.filter, err = p.compile(e)
	p.narrow = p.narrowing(e)
	return err
}

func (p *Plan) sortBy(order []soql.Order) error {
	for _, o := range order {
		c, err := p.resolve(o.Path)
		if err != nil {
			return err
		}
		if !c.Field.Sortable() {
			return p.fault(o.Path.At, "field '%s' can not be sorted in a query call", c.Name)
		}
		p.order = append(p.order, sorter{c.Field, c.get, o.Desc, o.NullsLast})
	}
	return nil
}

// Ordered says whether the statement asks for an order.
func (p *Plan) Ordered() bool { return len(p.order) > 0 }

// Run finds the records: their numbers, in order.
func (p *Plan) Run() []int { return p.run(p.candidates()) }

func (p *Plan) candidates() func(yield func(rec) bool) {
	if p.narrow != nil {
		return slices.Values(p.narrow())
	}
	return func(yield func(rec) bool) {
		for n := range p.t.count {
			if !yield(rec{p.t, n}) {
				return
			}
		}
	}
}

func (p *Plan) run(candidates func(yield func(rec) bool)) []int {
	v := p.w.view()
	match := p.filter(v)
	var found []rec
	for r := range candidates {
		if s := v.state(r); (s == live || p.all && s == binned) && match(r) {
			found = append(found, r)
		}
	}
	p.sort(v, found)
	found = found[min(p.offset, len(found)):]
	if p.limit >= 0 {
		found = found[:min(p.limit, len(found))]
	}
	out := make([]int, len(found))
	for i, r := range found {
		out[i] = r.n
	}
	return out
}

func (p *Plan) sort(v view, found []rec) {
	if len(p.order) == 0 {
		return
	}
	keys := make(map[int][]any, len(found))
	for _, r := range found {
		for _, s := range p.order {
			keys[r.n] = append(keys[r.n], s.get(v, r))
		}
	}
	slices.SortStableFunc(found, func(a, b rec) int {
		for i, s := range p.order {
			if c := s.compare(keys[a.n][i], keys[b.n][i]); c != 0 {
				return c
			}
		}
		return 0
	})
}

func (s sorter) compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil || b == nil:
		first := 1
		if (a == nil) != s.nullsLast {
			first = -1
		}
		return first
	}
	c := compare(s.field, a, b)
	if s.desc {
		return -c
	}
	return c
}

func (p *Plan) fault(at int, format string, args ...any) *Error {
	return &Error{Code: "INVALID_FIELD", Message: soql.Point(p.text, at, refuse("", format, args...).Message)}
}

// LongTexts is how many long texts are selected; two of them make pages small.
func (p *Plan) LongTexts() int {
	n := 0
	for _, c := range p.Columns {
		if c.Field.LongText() {
			n++
		}
	}
	return n
}

// fold makes texts that differ in letter case only the same.
func fold(s string) string { return strings.ToLower(s) }

// compare orders two values of a field; texts without letter case, ids with it.
func compare(f *Field, a, b any) int {
	switch x := a.(type) {
	case string:
		y, _ := b.(string)
		if !f.text() {
			return strings.Compare(x, y)
		}
		return strings.Compare(fold(x), fold(y))
	case float64:
		y, _ := b.(float64)
		return cmp.Compare(x, y)
	case bool:
		y, _ := b.(bool)
		return cmp.Compare(bit(x), bit(y))
	}
	return compareTimes(a, b)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
