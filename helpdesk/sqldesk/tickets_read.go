package sqldesk

import (
	"context"
	"slices"
)

type ticketRow struct {
	ID           int64  `db:"id"`
	Organization int64  `db:"organization"`
	Requester    int64  `db:"requester"`
	Subject      string `db:"subject"`
	Status       Status `db:"status"`
	Form         string `db:"form"`
	Stage        string `db:"stage"`
}

const ticketQuery = `
	SELECT t.id, coalesce(t.organization_id, 0) AS organization, coalesce(t.requester_id, 0) AS requester, t.subject, t.status, t.form, t.stage
	FROM   ticket t
	WHERE  `

// Ticket returns one ticket, with the SLA policy it gets as its tags are now.
func (s *Store) Ticket(ctx context.Context, id int64) (Ticket, error) {
	list, err := s.tickets(ctx, `t.id = ?`, id)
	if err != nil {
		return Ticket{}, err
	}
	if len(list) == 0 {
		return Ticket{}, notFound("ticket", "there is no ticket %d", id)
	}
	return list[0], nil
}

// Tickets returns the tickets of an organization, oldest first; open ones only
// leaves out the closed.
func (s *Store) Tickets(ctx context.Context, organization int64, openOnly bool) ([]Ticket, error) {
	if openOnly {
		return s.tickets(ctx, `t.organization_id = ? AND t.status <> 'closed' ORDER BY t.id`, organization)
	}
	return s.tickets(ctx, `t.organization_id = ? ORDER BY t.id`, organization)
}

func (s *Store) tickets(ctx context.Context, where string, args ...any) ([]Ticket, error) {
	var rows []ticketRow
	if err := s.read(ctx, "tickets", &rows, ticketQuery+where, args...); err != nil {
		return nil, err
	}
	out := make([]Ticket, 0, len(rows))
	for chunk := range slices.Chunk(rows, keysPerQuery) {
		list, err := s.complete(ctx, chunk)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// complete adds tags, people and policy to ticket rows.
func (s *Store) complete(ctx context.Context, rows []ticketRow) ([]Ticket, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	tags, err := s.namesOf(ctx, `SELECT ticket_id AS organization_id, tag AS name FROM ticket_tag WHERE ticket_id IN (?) ORDER BY ticket_id, tag`, ids)
	if err != nil {
		return nil, err
	}
	var cc []struct {
		Ticket int64 `db:"ticket_id"`
		User   int64 `db:"user_id"`
	}
	if err := s.read(ctx, "tickets", &cc, `SELECT ticket_id, user_id FROM ticket_cc WHERE ticket_id IN (?) ORDER BY ticket_id, user_id`, ids); err != nil {
		return nil, err
	}
	out := make([]Ticket, len(rows))
	for i, r := range rows {
		out[i] = Ticket{ID: r.ID, Organization: r.Organization, Requester: r.Requester, Subject: r.Subject, Status: r.Status, Form: r.Form, Stage: r.Stage, Tags: tags[r.ID]}
		out[i].Policy, _ = s.PolicyFor(out[i].Tags, r.Form, r.Stage)
		for _, c := range cc {
			if c.Ticket == r.ID {
				out[i].CC = append(out[i].CC, c.User)
			}
		}
	}
	return out, nil
}

// Seen is a ticket that a user sees, and by which right.
type Seen struct {
	Ticket
	Why        string // own, copied, manager or shared
	MayComment bool
}

// TicketsSeenBy returns the tickets that a user sees: their own, those they are
// copied on, and those of organizations that they manage or that share.
func (s *Store) TicketsSeenBy(ctx context.Context, user int64) ([]Seen, error) {
	list, err := s.tickets(ctx, `
		   t.requester_id = ?
		OR t.id IN (SELECT ticket_id FROM ticket_cc WHERE user_id = ?)
		OR t.organization_id IN (
			SELECT m.organization_id
			FROM   membership m JOIN organization o ON o.id = m.organization_id
			WHERE  m.user_id = ? AND (m.manager OR o.shared <> 'none'))
		ORDER BY t.id`, user, user, user)
	if err != nil {
		return nil, err
	}
	var rights []struct {
		Organization int64   `db:"organization_id"`
		Manager      bool    `db:"manager"`
		Shared       Sharing `db:"shared"`
	}
	const q = `SELECT m.organization_id, m.manager, o.shared FROM membership m JOIN organization o ON o.id = m.organization_id WHERE m.user_id = ?`
	if err := s.read(ctx, "tickets", &rights, q, user); err != nil {
		return nil, err
	}
	out := make([]Seen, len(list))
	for i, t := range list {
		out[i] = Seen{Ticket: t, Why: "shared"}
		for _, r := range rights {
			if r.Organization == t.Organization {
				out[i].MayComment = r.Shared == WriteAll
				if r.Manager {
					out[i].Why = "manager"
				}
			}
		}
		switch {
		case t.Requester == user:
			out[i].Why, out[i].MayComment = "own", true
		case slices.Contains(t.CC, user):
			out[i].Why, out[i].MayComment = "copied", true
		}
	}
	return out, nil
}
