package casefile

import "fmt"

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
	if c.Expect != nil && c.Expect.Tickets.Given && len(c.Expect.Tickets.Items) != len(c.Helpdesk.Tickets) {
		c.doc.Report("expect.tickets", fmt.Sprintf("has %d policies for %d tickets", len(c.Expect.Tickets.Items), len(c.Helpdesk.Tickets)), "list one per ticket, in order; none for no policy")
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
