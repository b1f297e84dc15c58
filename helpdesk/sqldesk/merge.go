package sqldesk

import (
	"context"
	"fmt"
	"strconv"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
)

var _ helpdesk.Merger = (*Store)(nil)

// PreviewMerge implements helpdesk.Merger: what Apply would move, and what of the loser
// is neither a field nor moves.
func (s *Store) PreviewMerge(ctx context.Context, loser, winner string) (helpdesk.MergeEffect, error) {
	var e helpdesk.MergeEffect
	err := s.db.Tx(ctx, "sqldesk.preview", func(tx *dbx.Tx) error {
		t := &txn{Tx: tx, ctx: ctx}
		ids, err := t.both(loser, winner)
		if err != nil {
			return err
		}
		for _, look := range []func(*helpdesk.MergeEffect, int64, int64) error{t.countPeople, t.countTickets, t.newDomains, t.drops} {
			if err := look(&e, ids[0], ids[1]); err != nil {
				return err
			}
		}
		return nil
	})
	return e, err
}

// both reads the ids of two organizations that have to be there.
func (t *txn) both(ids ...string) (out []int64, err error) {
	for _, text := range ids {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, invalid("preview merge", "%q is not the number of an organization", text)
		}
		if _, err := t.organization("preview merge", id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

func (t *txn) countPeople(e *helpdesk.MergeEffect, loser, winner int64) error {
	const managers = `
		SELECT count(*) FROM membership l
		WHERE  l.organization_id = ? AND l.manager
		   AND NOT EXISTS (SELECT 1 FROM membership w WHERE w.user_id = l.user_id AND w.organization_id = ?)`
	if err := t.get(&e.Users, `SELECT count(*) FROM membership WHERE organization_id = ?`, loser); err != nil {
		return err
	}
	return t.get(&e.Managers, managers, loser, winner)
}

func (t *txn) countTickets(e *helpdesk.MergeEffect, loser, _ int64) error {
	if err := t.get(&e.Tickets, `SELECT count(*) FROM ticket WHERE organization_id = ?`, loser); err != nil {
		return err
	}
	return t.get(&e.Open, `SELECT count(*) FROM ticket WHERE organization_id = ? AND status <> 'closed'`, loser)
}

func (t *txn) newDomains(e *helpdesk.MergeEffect, loser, winner int64) error {
	return t.list(&e.Domains, `
		SELECT domain FROM organization_domain WHERE organization_id = ?
		EXCEPT
		SELECT domain FROM organization_domain WHERE organization_id = ?
		ORDER BY domain`, loser, winner)
}

// drops names what else hangs on the loser alone: projects, sharing, its place in the
// hierarchy.
func (t *txn) drops(e *helpdesk.MergeEffect, loser, winner int64) error {
	var projects []string
	const missing = `
		SELECT p.name FROM project p JOIN project_organization x ON x.project_id = p.id
		WHERE  x.organization_id = ? AND p.id NOT IN (SELECT project_id FROM project_organization WHERE organization_id = ?)
		ORDER  BY p.name`
	if err := t.list(&projects, missing, loser, winner); err != nil {
		return err
	}
	for _, p := range projects {
		e.Drops = append(e.Drops, fmt.Sprintf("the service project %q", p))
	}
	var own struct {
		Shared   string `db:"shared"`
		Parent   string `db:"parent"`
		Children int    `db:"children"`
	}
	const row = `
		SELECT o.shared, coalesce(p.name, '') AS parent, (SELECT count(*) FROM organization c WHERE c.parent_id = o.id) AS children
		FROM   organization o LEFT JOIN organization p ON p.id = o.parent_id
		WHERE  o.id = ?`
	if err := t.get(&own, row, loser); err != nil {
		return err
	}
	if own.Shared != string(NotShared) {
		e.Drops = append(e.Drops, "its sharing ("+own.Shared+")")
	}
	if own.Parent != "" {
		e.Drops = append(e.Drops, "its place below "+own.Parent)
	}
	switch {
	case own.Children == 1:
		e.Drops = append(e.Drops, "its place above one organization")
	case own.Children > 1:
		e.Drops = append(e.Drops, fmt.Sprintf("its place above %d organizations", own.Children))
	}
	return nil
}
