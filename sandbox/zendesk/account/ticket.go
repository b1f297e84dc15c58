package account

import "slices"

// Ticket is a small ticket: enough to see tags arrive and which SLA policy it gets.
type Ticket struct {
	ID                      int64
	Subject, Status         string
	Requester, Organization int64
	Tags                    []string
	Policy                  int64 // SLA policy it got when it was last written; 0 is none
	Created, Updated        int64
}

var statuses = []string{"new", "open", "pending", "hold", "solved", "closed"}

// Ticket returns one, or nil.
func (a *Account) Ticket(id int64) *Ticket { return a.tickets.get(id) }

// TicketsOf are those of an organization.
func (a *Account) TicketsOf(organization int64) []*Ticket {
	var out []*Ticket
	for _, t := range a.tickets.rows {
		if t.Organization == organization {
			out = append(out, t)
		}
	}
	return out
}

// CreateTicket makes a ticket. Without an organization it gets the requester's default.
func (a *Account) CreateTicket(p Patch) (*Ticket, []string, *Problem) {
	t := &Ticket{Status: "new", Created: a.second()}
	dropped, err := a.fillTicket(t, p)
	if err != nil {
		return nil, dropped, err
	}
	if u := a.User(t.Requester); u == nil {
		return nil, dropped, blank("requester", "Requester")
	} else if t.Organization == 0 {
		t.Organization = u.Organization()
	}
	a.settleTicket(t)
	t.ID = a.tickets.add(t)
	return t, dropped, nil
}

// UpdateTicket changes a ticket; one that is closed cannot be.
func (a *Account) UpdateTicket(t *Ticket, p Patch) ([]string, *Problem) {
	if t.Status == "closed" {
		return nil, invalid("status", "Status", "closed prevents ticket update", "InvalidValue")
	}
	draft := *t
	dropped, err := a.fillTicket(&draft, p)
	if err != nil {
		return dropped, err
	}
	a.settleTicket(&draft)
	*t = draft
	return dropped, nil
}

func (a *Account) fillTicket(t *Ticket, p Patch) (dropped []string, err *Problem) {
	for _, key := range p.keys() {
		switch key {
		case "subject":
			t.Subject, err = p.Text(key)
		case "status":
			t.Status, err = p.Text(key)
		case "requester_id":
			t.Requester, err = p.ID(key)
		case "organization_id":
			t.Organization, err = p.ID(key)
		case "tags":
			t.Tags, err = p.Words(key)
		case "comment", "priority", "type":
			// a real ticket has them
		default:
			dropped = append(dropped, "ticket."+key)
		}
		if err != nil {
			return dropped, err
		}
	}
	if !slices.Contains(statuses, t.Status) {
		return dropped, invalid("status", "Status", t.Status+" is not a status", "InvalidValue")
	}
	if t.Organization != 0 && a.Organization(t.Organization) == nil {
		return dropped, blank("organization", "Organization")
	}
	return dropped, nil
}

// settleTicket lets the organization's tags flow and picks the policy; both happen when a
// ticket is written, not when the organization changes (reference §10).
func (a *Account) settleTicket(t *Ticket) {
	if o := a.Organization(t.Organization); o != nil {
		t.Tags = append(slices.Clone(t.Tags), without(o.Tags, t.Tags)...)
	}
	t.Policy = 0
	if p := a.PolicyFor(t); p != nil {
		t.Policy = p.ID
	}
	t.Updated = a.second()
}

// detachTickets takes an organization off tickets that are not closed; user 0 is anybody.
func (a *Account) detachTickets(organization, user int64) {
	for _, t := range a.tickets.rows {
		if t.Organization == organization && (user == 0 || t.Requester == user) && t.Status != "closed" {
			t.Organization = 0
		}
	}
}

// Tickets are all, by id.
func (a *Account) Tickets() []*Ticket { return a.tickets.rows }
