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
// it is first seen here. Exempted ones are left alone, and protected ones are kept.
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

// Marked lists the organizations marked for deletion, and what EndMarked would make
// of each today; nothing is written. Exempted ones are listed too.
func (s *Store) Marked(ctx context.Context, today day.Day) ([]Ended, error) {
	var out []Ended
	for last := int64(0); ; {
		var rows []markedRow
		if err := s.read(ctx, "marked", &rows, markedQuery, last, s.opt.Retire.Field); err != nil || len(rows) == 0 {
			return out, err
		}
		for _, r := range rows {
			list, err := readEntries(r.Fields)
			if err != nil {
				return nil, err
			}
			e, err := s.fate(r, list, today)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		last = rows[len(rows)-1].ID
	}
}

var markedQuery = fmt.Sprintf(`
	SELECT `+namedColumns+`, o.fields, o.marked_on,
	       (SELECT count(*) FROM ticket t WHERE t.organization_id = o.id AND t.status <> 'closed') AS open
	FROM   organization o
	WHERE  o.id > ? AND CAST(o.fields ->> CAST(? AS text) AS text) IN ('true', '1')
	ORDER  BY o.id
	LIMIT  %d`, keysPerQuery)

// marked reads a page of marked organizations.
func (s *Store) marked(t *txn, after int64) ([]markedRow, error) {
	var rows []markedRow
	err := t.list(&rows, markedQuery, after, s.opt.Retire.Field)
	return rows, err
}

// end brings one marked organization to its fate of today; none is said of those
// that were exempted before.
func (s *Store) end(t *txn, r markedRow, today day.Day) (Ended, error) {
	list, err := readEntries(r.Fields)
	if err != nil || list.get(s.exempt()).True() {
		return Ended{}, err
	}
	e, err := s.fate(r, list, today)
	if err != nil {
		return e, err
	}
	switch e.Fate {
	case Exempted:
		list, _ = list.with(s.exempt(), helpdesk.BoolOf(true))
		_, err = t.change("organization", `UPDATE organization SET fields = ? WHERE id = ?`, list.write(), r.ID)
	case Waiting:
		_, err = t.change("organization", `UPDATE organization SET marked_on = ? WHERE id = ? AND coalesce(marked_on, '') = ''`, today.String(), r.ID)
	case Deleted:
		_, err = t.change("organization", `DELETE FROM organization WHERE id = ?`, r.ID)
	case Kept:
	}
	return e, err
}

// exempt is the checkbox that exempts from deletion.
func (s *Store) exempt() Field { return Field{Key: s.opt.Retire.Exempt, Type: helpdesk.Bool} }

// fate decides over one marked organization.
func (s *Store) fate(r markedRow, fields entries, today day.Day) (Ended, error) {
	since, err := day.Parse(r.MarkedOn.String)
	if err != nil {
		return Ended{}, err
	}
	if since == 0 {
		since = today
	}
	until := since + day.Day(s.opt.Retire.Days) //nolint:gosec // a number of days
	switch {
	case fields.get(s.exempt()).True():
		return Ended{r.named(), Exempted, s.opt.Retire.Exempt + " is set"}, nil
	case r.Open > 0:
		return Ended{r.named(), Exempted, fmt.Sprintf("%d of its tickets are not closed (solved is not closed)", r.Open)}, nil
	case s.opt.Retire.Merging[r.ExternalID.String]:
		return Ended{r.named(), Kept, "its account was merged into another one, and that waits for a decision (desksync merges)"}, nil
	case s.opt.Retire.Protected[r.ExternalID.String]:
		return Ended{r.named(), Kept, "its account is protected by the configuration"}, nil
	case !s.opt.Retire.Delete:
		return Ended{r.named(), Kept, "this store does not allow deletions"}, nil
	case until > today:
		return Ended{r.named(), Waiting, "marked on " + since.String() + ", to be deleted on " + until.String()}, nil
	}
	return Ended{r.named(), Deleted, "marked on " + since.String() + ", all its tickets are closed"}, nil
}
