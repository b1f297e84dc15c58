package sqldesk

import (
	"cmp"
	"context"
	"slices"
	"strconv"
)

// Status is how far a ticket is. Solved is not closed.
type Status string

// The statuses.
const (
	StatusNew     Status = "new"
	StatusOpen    Status = "open"
	StatusPending Status = "pending"
	StatusHold    Status = "hold"
	StatusSolved  Status = "solved"
	StatusClosed  Status = "closed"
)

// Ticket is a request, as far as organizations have to do with it.
type Ticket struct {
	ID           int64 // to make one: 0 lets the store give it
	Organization int64 // 0: none; a new one gets its requester's default organization
	Requester    int64
	Subject      string
	Status       Status
	Form, Stage  string
	Tags         []string // sorted
	CC           []int64  // users copied on it
	Policy       string   // the SLA policy it gets; empty: none. Computed, never stored
}

// CreateTicket makes a ticket. It takes the tags of its organization over, and
// copies the managers who asked for it.
func (s *Store) CreateTicket(ctx context.Context, n Ticket) (Ticket, error) {
	err := s.write(ctx, "create ticket", func(t *txn) (err error) {
		if err := t.checkTicket(&n); err != nil {
			return err
		}
		columns := []string{"organization_id", "requester_id", "subject", "status", "form", "stage", "created_at", "updated_at"}
		args := []any{nullID(n.Organization), nullID(n.Requester), n.Subject, n.Status, n.Form, n.Stage, t.now(s), t.now(s)}
		if n.ID, err = t.insert("ticket", n.ID, columns, args); err != nil {
			return err
		}
		for _, tag := range n.Tags {
			if err := t.tagTicket(n.ID, tag); err != nil {
				return err
			}
		}
		if err := t.copyTags(n.ID); err != nil {
			return err
		}
		return t.copyPeople(n)
	})
	if err != nil {
		return Ticket{}, err
	}
	return s.Ticket(ctx, n.ID)
}

func (t *txn) checkTicket(n *Ticket) error {
	n.Status = cmp.Or(n.Status, StatusNew)
	if !n.Status.known() {
		return invalid("create ticket", "%q is no status; write new, open, pending, hold, solved or closed", n.Status)
	}
	if held, err := t.find(new(int64), `SELECT id FROM ticket WHERE id = ?`, n.ID); err != nil || held {
		return cmp.Or(err, invalid("create ticket", "the number %d is taken by another ticket", n.ID))
	}
	if n.Requester != 0 {
		if _, err := t.user("create ticket", n.Requester); err != nil {
			return err
		}
	}
	if n.Organization != 0 {
		_, err := t.organization("create ticket", n.Organization)
		return err
	}
	_, err := t.find(&n.Organization, `SELECT organization_id FROM membership WHERE user_id = ? AND is_default`, n.Requester)
	return err
}

func (st Status) known() bool {
	return slices.Contains([]Status{StatusNew, StatusOpen, StatusPending, StatusHold, StatusSolved, StatusClosed}, st)
}

func nullID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func (t *txn) tagTicket(ticket int64, tag string) error {
	if tag == "" || !plainText(tag) || len(tag) > maxName {
		return invalid("create ticket", "%q cannot be a tag", tag)
	}
	_, err := t.change("ticket_tag", `INSERT INTO ticket_tag (ticket_id, tag) VALUES (?, ?) ON CONFLICT (ticket_id, tag) DO NOTHING`, ticket, tag)
	return err
}

// copyTags gives a ticket every tag of its organization.
func (t *txn) copyTags(ticket int64) error {
	_, err := t.change("ticket_tag", `
		INSERT INTO ticket_tag (ticket_id, tag)
		SELECT DISTINCT t.id, e.tag
		FROM   ticket t JOIN organization_every_tag e ON e.organization_id = t.organization_id
		WHERE  t.id = ?
		ON     CONFLICT (ticket_id, tag) DO NOTHING`, ticket)
	return err
}

// copyPeople copies on a new ticket whom it names, and the managers who asked for it.
func (t *txn) copyPeople(n Ticket) error {
	const q = `INSERT INTO ticket_cc (ticket_id, user_id) SELECT ?, u.id FROM helpdesk_user u WHERE u.id IN (?) ON CONFLICT (ticket_id, user_id) DO NOTHING`
	var managers []int64
	if err := t.list(&managers, `SELECT user_id FROM membership WHERE organization_id = ? AND manager AND copy_on_new AND user_id <> ?`, n.Organization, n.Requester); err != nil {
		return err
	}
	people := slices.Concat(n.CC, managers)
	if len(people) == 0 {
		return nil
	}
	_, err := t.change("ticket_cc", q, n.ID, people)
	return err
}

// SetTicketStatus moves a ticket on. A closed ticket stays closed.
func (s *Store) SetTicketStatus(ctx context.Context, ticket int64, status Status) error {
	if !status.known() {
		return invalid("set status", "%q is no status; write new, open, pending, hold, solved or closed", status)
	}
	return s.write(ctx, "set status", func(t *txn) error {
		n, err := t.change("ticket", `UPDATE ticket SET status = ?, updated_at = ? WHERE id = ? AND (status <> 'closed' OR ? = 'closed')`, status, t.now(s), ticket, string(status))
		if err == nil && n == 0 {
			err = notFound("set status", "there is no ticket %d, or it is closed and stays so", ticket)
		}
		return err
	})
}

// TieTicket puts a ticket under an organization. It takes the organization's tags
// over only if it was under none before.
func (s *Store) TieTicket(ctx context.Context, ticket, organization int64) error {
	return s.write(ctx, "tie ticket", func(t *txn) error {
		if _, err := t.organization("tie ticket", organization); err != nil {
			return err
		}
		first, err := t.change("ticket", `UPDATE ticket SET organization_id = ?, updated_at = ? WHERE id = ? AND organization_id IS NULL`, organization, t.now(s), ticket)
		if err != nil {
			return err
		}
		if first > 0 {
			return t.copyTags(ticket)
		}
		n, err := t.change("ticket", `UPDATE ticket SET organization_id = ?, updated_at = ? WHERE id = ?`, organization, t.now(s), ticket)
		if err == nil && n == 0 {
			err = notFound("tie ticket", "there is no ticket %d", ticket)
		}
		return err
	})
}

// OpenTickets implements helpdesk.TicketCounter. Organizations without a ticket
// that is not closed are missing from the answer.
func (s *Store) OpenTickets(ctx context.Context, ids []string) (map[string]int, error) {
	const q = `
		SELECT organization_id, count(*) AS n
		FROM   ticket
		WHERE  status <> 'closed' AND organization_id IN (?)
		GROUP  BY organization_id`
	out := map[string]int{}
	for chunk := range slices.Chunk(ids, keysPerQuery) {
		var rows []struct {
			ID int64 `db:"organization_id"`
			N  int   `db:"n"`
		}
		if err := s.read(ctx, "tickets", &rows, q, numbers(chunk)); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[idText(r.ID)] = r.N
		}
	}
	return out, nil
}

// numbers reads ids; what is none becomes 0, which nothing has.
func numbers(ids []string) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i], _ = strconv.ParseInt(id, 10, 64) // as said
	}
	return out
}
