package casefile

import (
	"fmt"
	"strings"
)

// check reports references that lead nowhere.
func (c *Case) check() {
	orgs, users := map[string]bool{}, map[string]bool{}
	for i := range c.Helpdesk.Organizations {
		orgs[number(string(c.Helpdesk.Organizations[i].ID), i)] = true
	}
	for i := range c.Helpdesk.Users {
		users[number(string(c.Helpdesk.Users[i].ID), i)] = true
	}
	for i, m := range c.Helpdesk.Members {
		at := fmt.Sprintf("helpdesk.members[%d]", i)
		c.known(at+".organization", "organization", string(m.Organization), orgs)
		c.known(at+".user", "user", string(m.User), users)
	}
	for i, t := range c.Helpdesk.Tickets {
		c.known(fmt.Sprintf("helpdesk.tickets[%d].organization", i), "organization", string(t.Organization), orgs)
	}
	c.checkExpect()
	if c.Expect != nil && c.Expect.Tickets.Given && len(c.Expect.Tickets.Items) != len(c.Helpdesk.Tickets) {
		c.doc.Report("expect.tickets", fmt.Sprintf("has %d policies for %d tickets", len(c.Expect.Tickets.Items), len(c.Helpdesk.Tickets)), "list one per ticket, in order; none for no policy")
	}
}

// checkExpect reports what stands in a place where nothing is looked at.
func (c *Case) checkExpect() {
	if c.Expect == nil {
		return
	}
	for name := range c.Expect.Members.All() {
		if !strings.Contains(name, "/") {
			c.doc.Report("expect.members."+name, "names no membership", "write the ids of account and contact, as ACCOUNT/CONTACT")
		}
	}
	for id, o := range c.Expect.Organizations.All() {
		c.apart("expect.organizations."+id, "want", o.Want)
		c.apart("expect.organizations."+id, "have", o.Have)
	}
}

// apart reports lists among the fields; they stand beside them.
func (c *Case) apart(path, side string, facts Facts) {
	for _, list := range []string{"tags", "domains", "groups"} {
		if facts.Get(list) != nil {
			c.doc.Report(path+"."+side+"."+list, "is no field", "write it beside "+side+", as "+list+": {"+side+": […]}")
		}
	}
}

func (c *Case) known(path, what, id string, ids map[string]bool) {
	if id != "" && !ids[id] {
		c.doc.Report(path, fmt.Sprintf("the case has no %s with the id %s", what, id), "add it under helpdesk."+what+"s, or correct the id")
	}
}

// number is the id of an object without one: its place in the list, from 1.
func number(id string, i int) string {
	if id == "" {
		return fmt.Sprint(i + 1)
	}
	return id
}
