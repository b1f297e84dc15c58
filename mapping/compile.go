package mapping

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sla"
)

// compilation is the work of Compile: it builds a mapper and collects faults.
type compilation struct {
	builder
	spec     Spec
	schema   crm.Schema
	caps     helpdesk.Capabilities
	m        *Mapper
	programs []*program
	problems []Problem
}

// Compile checks a mapping against what the source can read and what the target
// can hold, and reports every fault at once. The mapper is nil if there is any.
// Capabilities without fields stand for a target that is not connected: nothing
// is checked against it, and values keep the type of their rule.
func Compile(spec Spec, schema crm.Schema, caps helpdesk.Capabilities, rules *sla.Rules) (*Mapper, []Problem) {
	if rules == nil {
		rules, _ = sla.New(sla.Config{})
	}
	c := &compilation{spec: spec, schema: schema, caps: caps}
	c.builder = builder{env: newEnvironment(columnsOf(spec, schema)), places: schema.Places, slots: map[string]*slot{}, plans: rules.PlanNames(), ratesMove: spec.Money.moves()}
	c.env.reveal = schema.Reveal
	c.m = &Mapper{
		spec: spec, rules: rules, families: map[string]*family{}, currencyAt: map[crm.Role]int{},
		shapes: map[helpdesk.Kind]helpdesk.Shape{},
	}
	c.account()
	c.organization()
	c.members()
	c.mark()
	c.charges()
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	c.layout()
	c.m.digest = c.digest()
	return c.m, nil
}

// columnsOf is the schema as rules may use it; in an open mapping with every
// column that a rule names.
func columnsOf(spec Spec, schema crm.Schema) map[crm.Role][]column {
	out := map[crm.Role][]column{}
	for role, list := range schema.Columns {
		out[role] = make([]column, 0, len(list))
		for _, c := range list {
			out[role] = append(out[role], column{Column: c})
		}
	}
	if spec.Open {
		openColumns(out, spec)
	}
	return out
}

// account compiles the rules that decide whether there is an organization at all.
func (c *compilation) account() {
	c.m.only = c.condition(c.spec.Only, forAccount)
	c.m.wanted = c.condition(c.spec.Wanted, forAccount)
	c.m.create = c.condition(c.spec.Create, forAccount)
	c.m.scope = c.condition(c.spec.Scope, forAccount)
	c.m.retain = c.rule(c.spec.Retain.From, forAccount, "a date", dateKind, textKind)
	c.m.arr = c.rule(c.spec.ARR, forAccount, "a number", numberKind, textKind)
	c.watch(c.m.create)
	c.watch(c.m.scope)
}

// watch keeps a rule that looks at the day and that claims do without.
func (c *compilation) watch(p *program) {
	if p != nil && p.dated {
		c.m.watched = append(c.m.watched, p)
	}
}

func (c *compilation) condition(e Expr, a audience) *program {
	return c.rule(e, a, "true or false", boolKind)
}

// rule compiles an expression that has to yield one of these kinds; nil for an
// empty one and for one with faults.
func (c *compilation) rule(e Expr, a audience, wanted string, kinds ...kind) *program {
	if strings.TrimSpace(e.Text) == "" {
		return nil
	}
	p, found := c.program(e, a)
	c.problems = append(c.problems, found...)
	if p == nil || len(found) > 0 {
		return nil
	}
	c.programs = append(c.programs, p)
	if p.kind != anyKind && p.kind != nothingKind && len(kinds) > 0 && !slices.Contains(kinds, p.kind) {
		c.fault(e, 0, "the rule yields "+p.kind.String()+", and "+wanted+" is due", "convert it, or compare it with something")
	}
	return p
}

func (c *compilation) fault(e Expr, offset int, msg, fix string) {
	c.problems = append(c.problems, e.problem(offset, msg, fix))
}

// layout gives every column that the rules read its place.
func (c *compilation) layout() {
	c.m.columns = c.columns()
	for _, s := range c.list {
		if s.scope == groupScope {
			continue
		}
		s.column, _ = slices.BinarySearch(c.m.columns[scopeRoles[s.scope]], s.name)
		if s.scope.listed() {
			c.m.elements[s.scope] = append(c.m.elements[s.scope], s)
		}
	}
	c.m.slots = c.list
	for _, p := range c.programs {
		c.m.today = c.m.today || p.today
		c.m.parent = c.m.parent || p.parent
	}
	c.placeCharges()
	c.placeCurrencies()
	if c.m.related != nil {
		c.m.related.contactAt = c.place(crm.Relation, c.contactColumn())
	}
}

// columns collects the columns that are read, sorted, by role.
func (c *compilation) columns() map[crm.Role][]string {
	out := map[crm.Role][]string{crm.Account: {}}
	if c.m.people != nil || c.usesList("contacts") {
		out[crm.Contact] = []string{}
	}
	if c.spec.Charge.Product != "" || c.usesList("subscriptions") {
		out[crm.Subscription] = []string{}
	}
	if c.m.related != nil {
		out[crm.Relation] = []string{}
	}
	if c.usesList("team") {
		out[crm.Team] = []string{}
	}
	for _, s := range c.list {
		if s.scope != groupScope {
			out[scopeRoles[s.scope]] = append(out[scopeRoles[s.scope]], s.name)
		}
	}
	for role := range out {
		out[role] = append(out[role], c.plainColumns(role)...)
		slices.Sort(out[role])
		out[role] = slices.Compact(out[role])
	}
	return out
}

// plainColumns are read without any rule naming them.
func (c *compilation) plainColumns(role crm.Role) []string {
	var out []string
	switch ch := c.spec.Charge; role {
	case crm.Subscription:
		if ch.Product != "" {
			out = []string{ch.ID, ch.Product, ch.Quantity, ch.Start, ch.End, ch.Status, ch.ARR}
		}
	case crm.Relation:
		out = []string{c.contactColumn()}
	case crm.Account, crm.Contact, crm.Team:
	}
	if c.convertsMoney(role) {
		out = append(out, c.spec.Money.Column)
	}
	return slices.DeleteFunc(out, func(name string) bool { return name == "" })
}

func (c *compilation) usesList(name string) bool { return c.slots[name] != nil }

func (c *compilation) place(role crm.Role, name string) int {
	if i, ok := slices.BinarySearch(c.m.columns[role], name); ok && name != "" {
		return i
	}
	return -1
}

// usualContact is the column of a relation with its contact, as Salesforce names it.
const usualContact = "ContactId"

func (c *compilation) contactColumn() string {
	if c.spec.Related.Contact != "" {
		return c.spec.Related.Contact
	}
	if _, ok := c.env.column(crm.Relation, usualContact); ok {
		return usualContact
	}
	return ""
}
