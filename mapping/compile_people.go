package mapping

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
)

// members compiles the rules of users and memberships.
func (c *compilation) members() {
	s := c.spec.Members
	if s.Off || !c.canHavePeople() {
		return
	}
	p := &people{limit: s.Cap}
	if strings.TrimSpace(s.Who.Text) != "contacts" {
		p.who = c.condition(s.Who, forContact)
	}
	p.email = c.rule(s.Email, forContact, "a text", textKind)
	p.order = c.rule(s.Order, forContact, "a text, a number or a date", textKind, numberKind, dateKind)
	c.users(p)
	c.memberships(p)
	if p.email != nil {
		c.m.people = p
	}
	c.relations(p)
}

// canHavePeople reports what stands against users before any rule is looked at.
func (c *compilation) canHavePeople() bool {
	switch s := c.spec.Members; {
	case !c.env.offers(crm.Contact):
		c.fault(s.Email, 0, "the source has no contacts, and members are made of them", "leave members out, or let the source offer contacts")
	case len(c.caps.Ops) > 0 && !c.caps.Can(helpdesk.User, helpdesk.Create) && !c.caps.Can(helpdesk.Membership, helpdesk.Create):
		c.fault(s.Email, 0, "the target takes no members", "leave members out")
	case strings.TrimSpace(s.Email.Text) == "":
		c.problems = append(c.problems, Problem{Path: "members.email", Msg: "users have no rule for their e-mail", Fix: "write email: contact.Email"})
	default:
		return true
	}
	return false
}

func (c *compilation) users(p *people) {
	s := c.spec.Members
	shape := helpdesk.Shape{Fields: map[string]*helpdesk.Rule{}}
	c.m.shapes[helpdesk.User] = shape
	p.emailRule = c.helpdeskRule(s.Email, helpdesk.OwnerCRM, s.Policies)
	if p.email != nil {
		c.describe(p.emailRule, p.email)
	}
	shape.Fields[helpdesk.Email] = p.emailRule
	rules := slices.Clone(s.UserFields)
	if strings.TrimSpace(s.Name.Text) != "" {
		rules = append(rules, FieldRule{Name: helpdesk.Name, Native: true, Expr: s.Name})
	}
	p.user = c.personal(helpdesk.User, shape, rules, forContact)
	p.emailAt, _ = slices.BinarySearchFunc(p.user, helpdesk.Email, func(f *field, name string) int { return strings.Compare(f.name, name) })
}

func (c *compilation) memberships(p *people) {
	s := c.spec.Members
	shape := helpdesk.Shape{Fields: map[string]*helpdesk.Rule{}}
	c.m.shapes[helpdesk.Membership] = shape
	if s.Default != "" && s.Default != "none" && c.hasDefault() {
		p.defaultRule = c.helpdeskRule(s.Email, helpdesk.OwnerCRM, s.Policies)
		p.defaultRule.Path, p.defaultRule.Origin = "members.default", "the contact's own account"
		shape.Fields[helpdesk.Default] = p.defaultRule
	}
	p.member = c.personal(helpdesk.Membership, shape, roleRules(s.Position, s.Manager), forContact)
}

// hasDefault reports whether the target knows a user's default organization.
func (c *compilation) hasDefault() bool {
	_, ok := c.caps.Spec(helpdesk.Membership, helpdesk.Default)
	return ok || len(c.caps.Specs[helpdesk.Membership]) == 0
}

func roleRules(position, manager Expr) []FieldRule {
	var out []FieldRule
	if strings.TrimSpace(position.Text) != "" {
		out = append(out, FieldRule{Name: helpdesk.Position, Native: true, Expr: position})
	}
	if strings.TrimSpace(manager.Text) != "" {
		out = append(out, FieldRule{Name: helpdesk.Manager, Native: true, Expr: manager})
	}
	return out
}

// personal compiles fields of users or memberships, sorted by name, under the
// policies of members.
func (c *compilation) personal(k helpdesk.Kind, shape helpdesk.Shape, rules []FieldRule, a audience) []*field {
	var out []*field
	for _, r := range rules {
		r.Policies = policiesOf(r.Policies, c.spec.Members.Policies)
		if f := c.scalar(k, shape, r, a); f != nil && f.prog != nil {
			out = append(out, f)
			c.m.peopleWatched = c.m.peopleWatched || f.prog.dated
		}
	}
	slices.SortFunc(out, func(a, b *field) int { return strings.Compare(a.name, b.name) })
	return out
}

func policiesOf(p, or Policies) Policies {
	if p.OnFound == helpdesk.PolicyUnset {
		p.OnFound = or.OnFound
	}
	if p.OnDrift == helpdesk.PolicyUnset {
		p.OnDrift = or.OnDrift
	}
	if p.OnClash == helpdesk.PolicyUnset {
		p.OnClash = or.OnClash
	}
	return p
}

// relations compiles the rules of contacts of other accounts. A target on which
// a user is in one organization has no room for them. A source without relations is
// compiled as if it had them: what it showed earlier is then missed and not given up.
func (c *compilation) relations(p *people) {
	if len(c.caps.Specs) > 0 && !c.caps.MultiOrg {
		return
	}
	s := c.spec.Related
	r := &related{who: c.condition(s.Who, forRelation), defaultRule: p.defaultRule}
	shape := helpdesk.Shape{Fields: map[string]*helpdesk.Rule{}}
	r.member = c.personal(helpdesk.Membership, shape, roleRules(s.Position, s.Manager), forRelation)
	for name, rule := range shape.Fields {
		if c.m.shapes[helpdesk.Membership].Fields[name] == nil {
			c.m.shapes[helpdesk.Membership].Fields[name] = rule
		}
	}
	c.m.related = r
	c.m.peopleWatched = c.m.peopleWatched || r.who != nil && r.who.dated
}

// mark checks the checkboxes that a retired organization gets.
func (c *compilation) mark() {
	specs := c.caps.Specs[helpdesk.Organization]
	if len(specs) == 0 {
		return
	}
	for _, x := range []struct{ what, name string }{{"field", c.spec.Mark.Field}, {"exempt", c.spec.Mark.Exempt}} {
		if x.name == "" {
			continue
		}
		spec, ok := c.caps.Spec(helpdesk.Organization, helpdesk.FieldPrefix+x.name)
		e := Expr{Path: "mark." + x.what, Line: c.spec.Mark.Line, Column: c.spec.Mark.Column}
		if c.spec.Mark.Path != "" {
			e.Path = c.spec.Mark.Path + "." + x.what
		}
		switch {
		case !ok:
			c.fault(e, 0, "the target has no organization field "+x.name, "create it in the helpdesk as a checkbox")
		case spec.Type != helpdesk.Bool:
			c.fault(e, 0, "the field "+x.name+" is "+article(spec.Type)+", and a checkbox is due", "name a checkbox")
		}
	}
}
