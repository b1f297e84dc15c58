package sqldesk

import (
	"context"
	"strings"
)

// SetParent puts an organization under another; 0 takes it out from under one. An
// organization cannot be under its own descendant, and nothing is inherited.
func (s *Store) SetParent(ctx context.Context, child, parent int64) error {
	return s.write(ctx, "set parent", func(t *txn) error {
		c, err := t.organization("set parent", child)
		if err != nil {
			return err
		}
		if parent == 0 {
			_, err := t.change("organization", `UPDATE organization SET parent_id = NULL WHERE id = ? AND parent_id IS NOT NULL`, child)
			return err
		}
		p, err := t.organization("set parent", parent)
		if err != nil {
			return err
		}
		if err := t.refuseCycle(c, p); err != nil {
			return err
		}
		_, err = t.change("organization", `UPDATE organization SET parent_id = ? WHERE id = ? AND (parent_id IS NULL OR parent_id <> ?)`, parent, child, parent)
		return err
	})
}

// refuseCycle walks up from the wanted parent; meeting the child there, it says how.
func (t *txn) refuseCycle(child, parent Named) error {
	if child.ID == parent.ID {
		return invalid("set parent", "%s cannot be its own parent", child)
	}
	above, err := t.above(parent.ID)
	if err != nil {
		return err
	}
	chain := []string{parent.String()}
	for _, o := range above {
		chain = append(chain, o.String())
		if o.ID == child.ID {
			return invalid("set parent", "%s cannot be under %s, which is under it: %s", child, parent, strings.Join(chain, " under "))
		}
	}
	return nil
}

const aboveQuery = `
	WITH RECURSIVE above (id, depth) AS (
		SELECT parent_id, 1 FROM organization WHERE id = ?
		UNION ALL
		SELECT o.parent_id, above.depth + 1 FROM organization o JOIN above ON o.id = above.id
	)
	SELECT ` + namedColumns + `
	FROM   above JOIN organization o ON o.id = above.id
	ORDER  BY above.depth`

// above returns the ancestors of an organization, nearest first. The schema keeps
// cycles out, so the walk ends.
func (t *txn) above(id int64) ([]Named, error) {
	var rows []namedRow
	err := t.list(&rows, aboveQuery, id)
	return nameds(rows), err
}

// Ancestors returns what an organization is under, nearest first.
func (s *Store) Ancestors(ctx context.Context, id int64) ([]Named, error) {
	var rows []namedRow
	err := s.read(ctx, "ancestors", &rows, aboveQuery, id)
	return nameds(rows), err
}

// Children returns the organizations directly under one.
func (s *Store) Children(ctx context.Context, id int64) ([]Named, error) {
	var rows []namedRow
	err := s.read(ctx, "children", &rows, `SELECT `+namedColumns+` FROM organization o WHERE o.parent_id = ? ORDER BY o.id`, id)
	return nameds(rows), err
}
