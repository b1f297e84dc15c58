package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/desksync/desksync/config/strict"
)

// DecodeYAML reads the names and their entries.
func (m *Map[T]) DecodeYAML(n strict.Node) {
	if n.Kind() != strict.Mapping {
		n.Wrong("a mapping of names")
		return
	}
	entries := n.Entries()
	*m = make(Map[T], len(entries))
	for i, e := range entries {
		(*m)[i].Name = e.Key
		e.Value.Into(&(*m)[i].Value)
	}
}

// DecodeYAML reads the name of the database, or the whole section.
func (j *Journal) DecodeYAML(n strict.Node) {
	type plain Journal
	strict.Defaults((*plain)(j))
	if n.Kind() == strict.Text {
		n.Into(&j.DSN)
		return
	}
	n.Into((*plain)(j))
}

// DecodeYAML reads an expression with its place.
func (e *Expr) DecodeYAML(n strict.Node) {
	if !n.Scalar() {
		n.Wrong("an expression; put it in quotes if it begins with [ or {")
		return
	}
	if strings.TrimSpace(n.Text()) == "" {
		n.Report("is empty", "write an expression or remove the line")
		return
	}
	if n.Truncated() {
		n.Report("the expression ends where a comment begins, at the #", "put the whole expression in quotes")
	}
	line, column := n.Place()
	*e = Expr{Text: n.Text(), Path: strict.Short(n.Path()), Line: line, Column: column}
}

// DecodeYAML reads an expression, or the whole rule.
func (r *FieldRule) DecodeYAML(n strict.Node) {
	type plain FieldRule
	strict.Defaults((*plain)(r))
	switch {
	case n.Scalar():
		n.Into(&r.Value)
	case n.Kind() == strict.Mapping:
		n.Into((*plain)(r))
	default:
		n.Wrong("an expression, or {value: …, owner: …}; put an expression that begins with [ in quotes")
	}
}

// DecodeYAML reads an expression, or the whole section.
func (g *Groups) DecodeYAML(n strict.Node) {
	if n.Scalar() {
		n.Into(&g.From)
		return
	}
	type plain Groups
	n.Into((*plain)(g))
}

// DecodeYAML reads a policy's name, or the whole policy.
func (p *SLAPolicy) DecodeYAML(n strict.Node) {
	if n.Kind() == strict.Text {
		n.Into(&p.Name)
		return
	}
	type plain SLAPolicy
	n.Into((*plain)(p))
}

// DecodeYAML reads an option's value, or the whole option.
func (o *Option) DecodeYAML(n strict.Node) {
	if n.Kind() == strict.Text {
		n.Into(&o.Value)
		return
	}
	type plain Option
	n.Into((*plain)(o))
}

// DecodeYAML reads one of the column types.
func (t *ColumnType) DecodeYAML(n strict.Node) {
	known := []string{"text", "number", "currency", "checkbox", "date", "multi"}
	if n.Kind() != strict.Text {
		n.Wrong("the type of a column: text, number, currency, checkbox, date or multi")
		return
	}
	if !slices.Contains(known, n.Text()) {
		fix := "write text, number, currency, checkbox, date or multi"
		if s := strict.Closest(n.Text(), known); s != "" {
			fix += "; did you mean " + s + "?"
		}
		n.Report(fmt.Sprintf("%q is not the type of a column", n.Text()), fix)
		return
	}
	*t = ColumnType(n.Text())
}

// Limit is how many are too many: a count, a share, an amount of money, or
// several of them, each of which holds by itself. The file writes 10, 5%, off
// or {count: 10, share: 0.5%, arr: 500000}.
type Limit struct {
	// No limit at all, not even the built-in one. Written as the word off.
	Off bool `yaml:"-"`
	// More than so many.
	Count *int `yaml:"count" jsonschema:"minimum=0"`
	// More than this share.
	Share *Share `yaml:"share"`
	// More than this yearly amount, in the base currency.
	ARR *Amount `yaml:"arr"`
}

// DecodeYAML reads a count, a share, off, or a mapping.
func (l *Limit) DecodeYAML(n strict.Node) {
	switch {
	case n.Kind() == strict.Mapping:
		type plain Limit
		if n.Into((*plain)(l)); len(n.Entries()) == 0 {
			n.Report("limits nothing", "write off, a count, a share, or {count: 10, share: 0.5%}")
		}
	case n.Kind() == strict.Text && n.Text() == "off":
		l.Off = true
	case n.Kind() == strict.Number:
		l.count(n)
	case n.Kind() == strict.Text && strings.HasSuffix(n.Text(), "%"):
		n.Into(&l.Share)
	default:
		n.Wrong("off, a count such as 10, a share such as 5%, or {count: 10, share: 0.5%}")
	}
}

func (l *Limit) count(n strict.Node) {
	c, err := strconv.Atoi(n.Text())
	if err != nil || c < 0 || c > math.MaxInt32 {
		n.Wrong("a whole number of 0 or more, or a share such as 5%")
		return
	}
	l.Count = &c
}

// IDList is a list of ids, written out or in a file.
type IDList struct {
	IDs  []string
	File Path
}

// DecodeYAML reads a list, or file:NAME.
func (l *IDList) DecodeYAML(n strict.Node) {
	name, isFile := strings.CutPrefix(n.Text(), "file:")
	switch {
	case n.Kind() == strict.Sequence:
		n.Into(&l.IDs)
	case n.Kind() == strict.Text && isFile && name != "":
		l.File = Path(name)
	default:
		n.Wrong("a list of account ids, or file:NAME")
	}
}
