package sqldesk

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// Fate is what became of a marked organization.
type Fate string

// The fates.
const (
	Deleted  Fate = "deleted"
	Exempted Fate = "exempted" // a ticket is not closed
	Waiting  Fate = "waiting"  // its days are not over
	Kept     Fate = "kept"     // this store does not allow deletions
)

// Ended is a marked organization and what became of it.
type Ended struct {
	Named
	Fate Fate
	Why  string
}

type markedRow struct {
	namedRow
	Fields   string         `db:"fields"`
	MarkedOn sql.NullString `db:"marked_on"`
	Open     int            `db:"open"`
}

// EndMarked goes through the organizations marked for deletion: one with a ticket
// that is not closed is exempted; one without is deleted once its days are over, if
// the store allows it. A mark that somebody else set counts from the day on which
// it is first seen here. Exempted ones are left alone.
func (s *Store) EndMarked(ctx context.Context, who Actor, today day.Day) ([]Ended, error) {
	if err := s.may(who, "end marked"); err != nil {
		return nil, err
	}
	var out []Ended
	for last := int64(0); ; {
		var rows []markedRow
		err := s.write(ctx, "end marked", func(t *txn) (err error) {
			if rows, err = s.marked(t, last); err != nil {
				return err
			}
			for _, r := range rows {
				e, err := s.end(t, r, today)
				if err != nil {
					return err
				}
				if e.Fate != "" {
					out = append(out, e)
				}
			}
			return nil
		})
		if err != nil || len(rows) == 0 {
			return out, err
		}
		last = rows[len(rows)-1].ID
	}
}

// marked reads a page of marked organizations.
func (s *Store) marked(t *txn, after int64) ([]markedRow, error) {
	const q = `
		SELECT ` + namedColumns + `, o.fields, o.marked_on,
		       (SELECT count(*) FROM ticket t WHERE t.organization_id = o.id AND t.status <> 'closed') AS open
		FROM   organization o
		WHERE  o.id > ? AND CAST(o.fields ->> CAST(? AS text) AS text) IN ('true', '1')
		ORDER  BY o.id
		LIMIT  %d`
	var rows []markedRow
	err := t.list(&rows, fmt.Sprintf(q, keysPerQuery), after, s.opt.Retire.Field)
	return rows, err
}

// end decides over one marked organization.
func (s *Store) end(t *txn, r markedRow, today day.Day) (Ended, error) {
	list, err := readEntries(r.Fields)
	if err != nil {
		return Ended{}, err
	}
	exempt := Field{Key: s.opt.Retire.Exempt, Type: helpdesk.Bool}
	since, err := day.Parse(r.MarkedOn.String)
	switch {
	case err != nil || list.get(exempt).True():
		return Ended{}, err
	case r.Open > 0:
		list, _ = list.with(exempt, helpdesk.BoolOf(true))
		_, err := t.change("organization", `UPDATE organization SET fields = ? WHERE id = ?`, list.write(), r.ID)
		return Ended{r.named(), Exempted, fmt.Sprintf("%d of its tickets are not closed (solved is not closed)", r.Open)}, err
	case !s.opt.Retire.Delete:
		return Ended{r.named(), Kept, "this store does not allow deletions"}, nil
	case since == 0:
		_, err := t.change("organization", `UPDATE organization SET marked_on = ? WHERE id = ?`, today.String(), r.ID)
		since = today
		if err != nil || s.opt.Retire.Days > 0 {
			return s.waits(r, since), err
		}
	case since+day.Day(s.opt.Retire.Days) > today: //nolint:gosec // a number of days
		return s.waits(r, since), nil
	}
	_, err = t.change("organization", `DELETE FROM organization WHERE id = ?`, r.ID)
	return Ended{r.named(), Deleted, "marked on " + since.String() + ", all its tickets are closed"}, err
}

func (s *Store) waits(r markedRow, since day.Day) Ended {
	until := since + day.Day(s.opt.Retire.Days) //nolint:gosec // a number of days
	return Ended{r.named(), Waiting, "marked on " + since.String() + ", to be deleted on " + until.String()}
}
