package sqldesk

import (
	"context"
	"strings"

	"github.com/desksync/desksync/internal/dbx"
)

// Concern is the existing users whom a domain of an organization is about. A domain
// acts on new users only: these are for a person to decide on.
type Concern struct {
	Domain    string  // in canonical form
	Free      []User  // in no organization: proposed
	Elsewhere []User  // in another organization: only on an explicit choice
	Others    []Named // organizations that hold the same domain
}

// Attach says which of the concerned users join when a domain is added.
type Attach struct {
	Free      bool // those in no organization
	Elsewhere bool // those in another one: they leave it where a user has only one
}

// Concerned returns whom a domain would concern if the organization had it. Who is
// in it already, who belongs to a longer domain of another organization, and the
// helpdesk's own people are not concerned.
func (s *Store) Concerned(ctx context.Context, organization int64, domain string) (Concern, error) {
	var c Concern
	err := s.db.Tx(ctx, "sqldesk.concerned", func(tx *dbx.Tx) (err error) {
		c, err = s.concern(&txn{Tx: tx, ctx: ctx}, organization, domain)
		return err
	})
	return c, err
}

func (s *Store) concern(t *txn, organization int64, domain string) (c Concern, err error) {
	if _, err := t.organization("domain", organization); err != nil {
		return c, err
	}
	if c.Domain, err = s.opt.CleanDomain(domain); err != nil {
		return c, invalid("domain", "the domain %s cannot be used: %w", domain, err)
	}
	holders, err := t.holders(organization, c.Domain)
	if err != nil {
		return c, err
	}
	for _, h := range holders {
		if h.Domain == c.Domain {
			c.Others = append(c.Others, h.named())
		}
	}
	var rows []struct {
		personRow
		In int `db:"n"`
	}
	const q = `
		SELECT ` + personColumns + `, (SELECT count(*) FROM membership m WHERE m.user_id = u.id) AS n
		FROM   helpdesk_user u
		WHERE  u.role = 'end_user' AND (u.email_fold LIKE ? OR u.email_fold LIKE ?)
		   AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.user_id = u.id AND m.organization_id = ?)
		ORDER  BY u.email_fold`
	if err := t.list(&rows, q, "%@"+c.Domain, "%."+c.Domain, organization); err != nil {
		return c, err
	}
	for _, r := range rows {
		switch {
		case s.longer(r.Email, c.Domain, holders) || !under(domainOf(r.Email), c.Domain):
		case r.In == 0:
			c.Free = append(c.Free, r.user())
		default:
			c.Elsewhere = append(c.Elsewhere, r.user())
		}
	}
	return c, nil
}

// holders returns the other organizations with this domain or one under it.
func (t *txn) holders(organization int64, domain string) ([]holderRow, error) {
	var rows []holderRow
	const q = `
		SELECT ` + namedColumns + `, d.domain
		FROM   organization_domain d JOIN organization o ON o.id = d.organization_id
		WHERE  d.organization_id <> ? AND (d.domain = ? OR d.domain LIKE ?)
		ORDER  BY o.id, d.domain`
	err := t.list(&rows, q, organization, domain, "%."+domain)
	return rows, err
}

// longer reports whether another organization has a longer domain of this address.
func (s *Store) longer(email, domain string, holders []holderRow) bool {
	for _, h := range holders {
		if h.Domain != domain && under(domainOf(email), h.Domain) {
			return true
		}
	}
	return false
}

// under reports whether name is domain or ends with it, label by label.
func under(name, domain string) bool { return name == domain || strings.HasSuffix(name, "."+domain) }

// AddDomain gives an organization a domain, so that new users with an address there
// join it, and attaches those of the concerned users that were chosen. Whoever
// cannot join is reported in the result. On a shared organization the domain is a
// finding.
func (s *Store) AddDomain(ctx context.Context, who Actor, organization int64, domain string, attach Attach) (Concern, []Added, []Finding, error) {
	if attach != (Attach{}) {
		if err := s.may(who, "add domain"); err != nil {
			return Concern{}, nil, nil, err
		}
	}
	var c Concern
	var added []Added
	err := s.write(ctx, "add domain", func(t *txn) (err error) {
		if c, err = s.concern(t, organization, domain); err != nil {
			return err
		}
		if _, err = t.change("organization_domain", `INSERT INTO organization_domain (organization_id, domain) VALUES (?, ?) ON CONFLICT (organization_id, domain) DO NOTHING`, organization, c.Domain); err != nil {
			return err
		}
		added, err = s.attach(t, organization, c, attach)
		return err
	})
	if err != nil {
		return c, nil, nil, err
	}
	findings, err := s.findings(ctx, ` AND o.id = ?`, organization)
	return c, added, findings, err
}

func (s *Store) attach(t *txn, organization int64, c Concern, attach Attach) ([]Added, error) {
	var chosen []User
	if attach.Free {
		chosen = append(chosen, c.Free...)
	}
	if attach.Elsewhere {
		chosen = append(chosen, c.Elsewhere...)
	}
	var out []Added
	for _, u := range chosen {
		a := Added{Email: u.Email, User: u.ID}
		if s.opt.MaxMemberships == 1 {
			if _, err := t.change("membership", `DELETE FROM membership WHERE user_id = ?`, u.ID); err != nil {
				return nil, err
			}
		}
		if a.Joined, a.Err = s.join(t, "add domain", u, organization); a.Err != nil && !isRefusal(a.Err) {
			return nil, a.Err
		}
		out = append(out, a)
	}
	return out, nil
}

// RemoveDomain takes a domain from an organization. Nobody leaves it by that.
func (s *Store) RemoveDomain(ctx context.Context, organization int64, domain string) error {
	return s.write(ctx, "remove domain", func(t *txn) error {
		o, err := t.organization("remove domain", organization)
		if err != nil {
			return err
		}
		n, err := t.change("organization_domain", `DELETE FROM organization_domain WHERE organization_id = ? AND domain IN (?)`, organization, []string{domain, foldEmail(domain)})
		if err == nil && n == 0 {
			err = notFound("remove domain", "%s does not have the domain %s", o, domain)
		}
		return err
	})
}
