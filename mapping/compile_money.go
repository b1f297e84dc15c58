package mapping

import (
	"slices"

	"github.com/desksync/desksync/crm"
)

// charges checks the columns that subscriptions are read from.
func (c *compilation) charges() {
	ch := c.spec.Charge
	for _, x := range []struct{ what, name string }{
		{"id", ch.ID},
		{"product", ch.Product},
		{"quantity", ch.Quantity},
		{"start", ch.Start},
		{"end", ch.End},
		{"status", ch.Status},
		{"arr", ch.ARR},
	} {
		if x.name != "" {
			c.expectColumn(crm.Subscription, x.name, "accounts.subscriptions."+x.what)
		}
	}
	if name := c.spec.Related.Contact; name != "" && c.m.related != nil && c.env.offers(crm.Relation) {
		c.expectColumn(crm.Relation, name, "relations.contact")
	}
	c.currencyColumn()
}

// expectColumn reports a column that the source does not show.
func (c *compilation) expectColumn(role crm.Role, name, path string) {
	if _, ok := c.env.column(role, name); ok || c.spec.Open {
		return
	}
	meant, fix := c.otherColumn(role, name)
	p := Problem{Path: path, Msg: "the source has no column " + name + " on " + string(role) + "s" + meant, Fix: fix}
	if !c.env.offers(role) {
		p.Msg, p.Fix = "the source has no "+string(role)+"s", "leave it out, or let the source offer them"
	}
	c.problems = append(c.problems, p)
}

// currencyColumn checks that records say their currency somewhere. Where the source may
// hide the column, each role whose amounts are converted has to show it: those of a role
// that does not would be taken for amounts in the base currency.
func (c *compilation) currencyColumn() {
	c.problems = append(c.problems, c.spec.Money.badRates()...)
	name := c.spec.Money.Column
	if name == "" || c.spec.Money.Base == "" || c.spec.Open {
		return
	}
	if !slices.ContainsFunc(crm.Roles, c.saysCurrency) {
		c.expectColumn(crm.Account, name, "money.column")
		return
	}
	for _, role := range crm.Roles {
		if c.env.reveal != "" && c.env.offers(role) && c.hasAmounts(role) {
			c.expectColumn(role, name, "money.column")
		}
	}
}

func (c *compilation) saysCurrency(role crm.Role) bool {
	_, ok := c.env.column(role, c.spec.Money.Column)
	return ok
}

// convertsMoney reports whether amounts of a role are converted, and so whether
// its records' currency has to be read.
func (c *compilation) convertsMoney(role crm.Role) bool {
	return c.spec.Money.Base != "" && c.spec.Money.Column != "" && c.saysCurrency(role) && c.hasAmounts(role)
}

// hasAmounts reports whether rules read amounts of a role.
func (c *compilation) hasAmounts(role crm.Role) bool {
	if role == crm.Subscription && c.spec.Charge.ARR != "" {
		return true
	}
	if role == crm.Account && slices.ContainsFunc(c.programs, func(p *program) bool { return p.money }) {
		return true
	}
	return slices.ContainsFunc(c.list, func(s *slot) bool {
		return s.scope != groupScope && scopeRoles[s.scope] == role && s.typ == crm.Money
	})
}

func (c *compilation) placeCharges() {
	ch := c.spec.Charge
	at := func(name string) int { return c.place(crm.Subscription, name) }
	c.m.charge = chargeSlots{
		id: at(ch.ID), product: at(ch.Product), quantity: at(ch.Quantity),
		start: at(ch.Start), end: at(ch.End), status: at(ch.Status), arr: at(ch.ARR),
	}
}

func (c *compilation) placeCurrencies() {
	for code := range c.spec.Money.Rates {
		c.m.currencies = append(c.m.currencies, code)
	}
	slices.Sort(c.m.currencies)
	for role := range c.m.columns {
		if c.convertsMoney(role) {
			c.m.currencyAt[role] = c.place(role, c.spec.Money.Column)
		}
	}
}
