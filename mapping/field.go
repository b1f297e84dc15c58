package mapping

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sla"
)

// field is one rule for one named field.
type field struct {
	name string // with its prefix
	prog *program
	rule *helpdesk.Rule
	conv *converter
	// fixed is the value of a constant rule.
	fixed helpdesk.Value
	line  bool // a name: one line, whatever breaks the text
}

// step is one stop on the way through an organization's fields in order of name.
type step struct {
	field  *field
	family *family
}

// value evaluates the rule of a field.
func (w *Worker) value(f *field) (helpdesk.Value, error) {
	v, err := w.raw(f)
	if f.line {
		v = oneLine(v)
	}
	return v, err
}

// oneLine makes single spaces of the line breaks and tabs that people paste into names,
// and of other control characters: no helpdesk takes them. Nor does it keep the spaces
// before and behind a name: one that is wanted with them would be written for ever.
func oneLine(v helpdesk.Value) helpdesk.Value {
	if v.Type() != helpdesk.Text {
		return v
	}
	if !strings.ContainsFunc(v.Text(), unicode.IsControl) {
		return helpdesk.TextOf(strings.TrimSpace(v.Text()))
	}
	return helpdesk.TextOf(strings.Join(strings.Fields(strings.Map(spaced, v.Text())), " "))
}

func spaced(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

func (w *Worker) raw(f *field) (helpdesk.Value, error) {
	switch f.prog.form {
	case constant:
		return f.fixed, nil
	case plainColumn:
		return w.columnValue(f)
	case truthful:
		v, err := f.prog.yes(w)
		if err != nil {
			return helpdesk.Value{}, err
		}
		return f.conv.bool(v)
	case textual:
		s, ok, err := f.prog.text(w)
		if err != nil || !ok {
			return helpdesk.None, err
		}
		return f.conv.text(s)
	default:
		v, err := w.run(f.prog)
		if err != nil {
			return helpdesk.Value{}, err
		}
		return f.conv.value(v)
	}
}

func (w *Worker) columnValue(f *field) (helpdesk.Value, error) {
	s := f.prog.slot
	text := w.text(s)
	if s.typ == crm.Money && text != "" {
		return w.money(f, s, text)
	}
	return f.conv.column(s, text)
}

// money writes an amount that needs no conversion with every digit it came with.
func (w *Worker) money(f *field, s *slot, text string) (helpdesk.Value, error) {
	r := w.records[s.scope]
	if rate, err := w.rate(r); err == nil && rate == 1 {
		return f.conv.column(s, text)
	}
	v, err := w.amount(s, r, text)
	if err != nil {
		return helpdesk.Value{}, err
	}
	return f.conv.value(v)
}

// fieldOf returns a field of the organization: its value, its rule, and whether
// the rules have an opinion.
func (w *Worker) fieldOf(f *field) (helpdesk.Field, bool) {
	if f.prog == nil { // the helpdesk's own
		w.refuseOverride(f)
		return helpdesk.Field{}, false
	}
	v, err := w.value(f)
	if w.doubt && f.rule.Plan || w.noSeats && f.prog.seats {
		w.withheld = append(w.withheld, f.name)
		return helpdesk.Field{}, false
	}
	rule := w.ruleOf(f.rule)
	if o := w.overrideOf(f.name); o != nil {
		v, err = w.overridden(f, o)
		rule = overrule(f.rule, o)
	}
	if err != nil {
		w.failed(f, err)
		return helpdesk.Field{}, false
	}
	return helpdesk.Field{Name: f.name, Value: v, Rule: rule}, true
}

func (w *Worker) failed(f *field, err error) {
	stays := "the field stays as it is"
	if f == w.m.name {
		stays = "no organization is created, and one that there is keeps its name"
	}
	w.withheld = append(w.withheld, f.name)
	w.find("rule_failed", f.name, fmt.Sprintf("%s: %v; %s", f.name, err, stays))
}

// ruleOf names the override of the plan as the origin of what follows the plan.
func (w *Worker) ruleOf(r *helpdesk.Rule) *helpdesk.Rule {
	if w.sla.Override == nil || !r.Plan {
		return r
	}
	return overrule(r, w.sla.Override)
}

func (w *Worker) overrideOf(name string) *sla.Override {
	for i := range w.fields {
		if w.fields[i].Field == name {
			return &w.fields[i]
		}
	}
	return nil
}

// overridden reads the value of an override as the field's own type; an empty one
// wants the field empty.
func (w *Worker) overridden(f *field, o *sla.Override) (helpdesk.Value, error) {
	v, err := f.conv.text(o.Value)
	if err != nil {
		return v, fmt.Errorf("the override by %s (%s): %w", o.Author, o.Source, err)
	}
	return v, nil
}

func (w *Worker) refuseOverride(f *field) {
	if o := w.overrideOf(f.name); o != nil {
		w.find("unknown_field", o.Field, fmt.Sprintf("the override of %s (%s) does nothing: the helpdesk owns the field", o.Field, o.Source))
	}
}

// overrule is a rule with an override as its origin.
func overrule(r *helpdesk.Rule, o *sla.Override) *helpdesk.Rule {
	c := *r
	c.Origin = "override by " + o.Author + ": " + o.Reason + " (" + o.Source + ")"
	return &c
}

// fieldName completes the name of a field as people write it; "" if there is none.
func (m *Mapper) fieldName(name string) string {
	for prefix := range m.families {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			return name
		}
	}
	for _, full := range []string{name, helpdesk.FieldPrefix + name} {
		if _, ok := m.shapes[helpdesk.Organization].Fields[full]; ok {
			return full
		}
	}
	return ""
}
