package sqldesk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// Sharing says what members see of each other's tickets.
type Sharing string

// The kinds of sharing.
const (
	NotShared Sharing = "none"  // their own tickets only
	ReadAll   Sharing = "read"  // all tickets of the organization
	WriteAll  Sharing = "write" // the same, and may comment on them
)

// Finding is a domain on a shared organization: whoever has an address there comes
// to see the tickets of all. Someone must say why that is right.
type Finding struct {
	Organization Named
	Domain       string
	Shared       Sharing
}

// String says it in a sentence.
func (f Finding) String() string {
	return fmt.Sprintf("%s is shared (%s) and has the domain %s: everyone with an address there will see its tickets; acknowledge it with a reason, or take one of the two away", f.Organization, f.Shared, f.Domain)
}

// Share widens or narrows what members see, and returns the findings that come of
// it. What was acknowledged for another kind of sharing is open again.
func (s *Store) Share(ctx context.Context, organization int64, to Sharing) ([]Finding, error) {
	switch to {
	case NotShared, ReadAll, WriteAll:
	default:
		return nil, invalid("share", "%q is no kind of sharing; write none, read or write", to)
	}
	err := s.write(ctx, "share", func(t *txn) error {
		if _, err := t.organization("share", organization); err != nil {
			return err
		}
		_, err := t.change("organization", `UPDATE organization SET shared = ? WHERE id = ? AND shared <> ?`, to, organization, to)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.findings(ctx, ` AND o.id = ?`, organization)
}

// Findings returns the domains on shared organizations that nobody acknowledged.
func (s *Store) Findings(ctx context.Context) ([]Finding, error) { return s.findings(ctx, "") }

func (s *Store) findings(ctx context.Context, and string, args ...any) ([]Finding, error) {
	const q = `
		SELECT ` + namedColumns + `, o.shared, d.domain
		FROM   organization o
		JOIN   organization_domain d ON d.organization_id = o.id
		LEFT   JOIN finding_acknowledgement a ON a.organization_id = o.id AND a.domain = d.domain
		WHERE  o.shared <> 'none' AND a.reason IS NULL`
	var rows []struct {
		namedRow
		Shared Sharing `db:"shared"`
		Domain string  `db:"domain"`
	}
	if err := s.read(ctx, "findings", &rows, q+and+` ORDER BY o.id, d.domain`, args...); err != nil {
		return nil, err
	}
	out := make([]Finding, len(rows))
	for i, r := range rows {
		out[i] = Finding{r.named(), r.Domain, r.Shared}
	}
	return out, nil
}

// Acknowledge records who says why a domain on a shared organization is right. It
// holds until the sharing changes or the domain goes.
func (s *Store) Acknowledge(ctx context.Context, who Actor, organization int64, domain, reason string) error {
	if strings.TrimSpace(reason) == "" || strings.TrimSpace(who.Name) == "" {
		return invalid("acknowledge", "an acknowledgement needs a name and a reason")
	}
	return s.write(ctx, "acknowledge", func(t *txn) error {
		const q = `
			INSERT INTO finding_acknowledgement (organization_id, domain, shared, by_whom, reason, at)
			SELECT d.organization_id, d.domain, o.shared, CAST(? AS text), CAST(? AS text), CAST(? AS ` + "%s" + `)
			FROM   organization o JOIN organization_domain d ON d.organization_id = o.id
			WHERE  o.id = ? AND d.domain = ? AND o.shared <> 'none'
			ON     CONFLICT (organization_id, domain) DO UPDATE SET shared = excluded.shared, by_whom = excluded.by_whom, reason = excluded.reason, at = excluded.at`
		n, err := t.change("finding_acknowledgement", fmt.Sprintf(q, t.timeType()), who.Name, reason, t.now(s), organization, domain)
		if err == nil && n == 0 {
			err = notFound("acknowledge", "organization %d is not shared or has no domain %s: there is nothing to acknowledge", organization, domain)
		}
		return err
	})
}

// Warnings implements helpdesk.Warner: the findings of some organizations.
func (s *Store) Warnings(ctx context.Context, ids []string) (map[string][]helpdesk.Warning, error) {
	out := map[string][]helpdesk.Warning{}
	for chunk := range slices.Chunk(ids, keysPerQuery) {
		found, err := s.findings(ctx, ` AND o.id IN (?)`, numbers(chunk))
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			id := idText(f.Organization.ID)
			out[id] = append(out[id], helpdesk.Warning{Field: helpdesk.DomPrefix + f.Domain, Text: f.String()})
		}
	}
	return out, nil
}
