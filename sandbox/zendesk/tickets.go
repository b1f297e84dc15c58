package zendesk

import (
	"net/http"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// ticket is a ticket as replies show it. The policy it got is for the admin API alone.
type ticket struct {
	URL            string   `json:"url"`
	ID             int64    `json:"id"`
	Subject        string   `json:"subject"`
	Status         string   `json:"status"`
	RequesterID    int64    `json:"requester_id"`
	OrganizationID *int64   `json:"organization_id"`
	Tags           []string `json:"tags"`
	CreatedAt      string   `json:"created_at"`
	UpdatedAt      string   `json:"updated_at"`
}

func (s *Sandbox) ticket(c *call, t *account.Ticket) ticket {
	return ticket{
		URL: s.url(c, "tickets/"+itoa(t.ID)), ID: t.ID, Subject: t.Subject, Status: t.Status, RequesterID: t.Requester,
		OrganizationID: idOrNull(t.Organization), Tags: list(t.Tags), CreatedAt: stamp(t.Created), UpdatedAt: stamp(t.Updated),
	}
}

func (s *Sandbox) fewTickets(c *call, all []*account.Ticket) reply {
	show := func(t *account.Ticket) any { return s.ticket(c, t) }
	return s.list(c, several("tickets", all, func(t *account.Ticket) int64 { return t.ID }, show))
}

func (s *Sandbox) listTickets(c *call) reply { return s.fewTickets(c, s.account.Tickets()) }

func (s *Sandbox) ticketsOf(c *call) reply {
	return s.of(c, func(o *account.Organization) reply { return s.fewTickets(c, s.account.TicketsOf(o.ID)) })
}

func (s *Sandbox) getTicket(c *call) reply {
	t := s.account.Ticket(c.id(0))
	if t == nil {
		return notFound()
	}
	return ok(map[string]any{"ticket": s.ticket(c, t)})
}

func (s *Sandbox) createTicket(c *call) reply {
	p, refusal := c.object("ticket")
	if refusal != nil {
		return *refusal
	}
	if _, named := p["requester_id"]; !named {
		p["requester_id"] = []byte(itoa(c.who.ID))
	}
	t, dropped, err := s.account.CreateTicket(p)
	c.dropped = dropped
	if err != nil {
		return refused(err)
	}
	return jsonReply(http.StatusCreated, map[string]any{"ticket": s.ticket(c, t)}).with("Location", s.url(c, "tickets/"+itoa(t.ID)))
}

func (s *Sandbox) updateTicket(c *call) reply {
	t := s.account.Ticket(c.id(0))
	if t == nil {
		return notFound()
	}
	p, refusal := c.object("ticket")
	if refusal != nil {
		return *refusal
	}
	dropped, err := s.account.UpdateTicket(t, p)
	c.dropped = dropped
	if err != nil {
		return refused(err)
	}
	return ok(map[string]any{"ticket": s.ticket(c, t)})
}
