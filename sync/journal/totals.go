package journal

import (
	"context"
	"time"
)

// totalRow is a Count as selected.
type totalRow struct {
	Kind, Op, Class, Held int64
	Changes, Accounts     int
	ARR                   float64
}

func counts(rows []totalRow) []Count {
	out := make([]Count, len(rows))
	for i, r := range rows {
		out[i] = Count{
			Kind: nameOf(kindNames, r.Kind), Op: nameOf(opNames, r.Op), Class: uint32(r.Class), Held: r.Held != 0, //nolint:gosec // written from a uint32
			Changes: r.Changes, Accounts: r.Accounts, ARR: r.ARR,
		}
	}
	return out
}

const countChanges = `
	SELECT kind, op, class, CASE WHEN hold <> '' THEN 1 ELSE 0 END AS held, count(*) AS changes, count(DISTINCT account) AS accounts, sum(arr) AS arr
	FROM   change
	WHERE  id > ? AND id < ? AND dropped = ''
	GROUP  BY kind, op, class, CASE WHEN hold <> '' THEN 1 ELSE 0 END`

// Totals counts the changes of a run, dropped ones left out. Of a sealed run it
// tells what was sealed.
func (j *Journal) Totals(ctx context.Context, run int64) ([]Count, error) {
	var rows []totalRow
	const sealed = `SELECT kind, op, class, held, changes, accounts, arr FROM total WHERE run = ? ORDER BY kind, op, class, held`
	if err := j.all(ctx, "journal.totals", &rows, sealed, run); err != nil || len(rows) > 0 {
		return counts(rows), err
	}
	rows, err := j.countAll(ctx, run)
	return counts(rows), err
}

// TotalsSince adds up the sealed runs of a pipeline that sealed since then; held
// changes are left out, and what somebody looked at before it was written by hand.
// Accounts are added up run by run.
func (j *Journal) TotalsSince(ctx context.Context, pipe int64, since time.Time) ([]Count, error) {
	const q = `
		SELECT n.kind, n.op, n.class, 0 AS held, sum(n.changes) AS changes, sum(n.accounts) AS accounts, sum(n.arr) AS arr
		FROM   run r JOIN total n ON n.run = r.id
		WHERE  r.pipeline = ? AND r.sealed_at >= ? AND r.sealed_at > 0 AND n.held = 0 AND r.mode NOT IN ('approve', 'apply', 'undo')
		GROUP  BY n.kind, n.op, n.class
		ORDER  BY n.kind, n.op, n.class`
	var rows []totalRow
	err := j.all(ctx, "journal.totals", &rows, q, pipe, micro(since))
	return counts(rows), err
}

// countAll counts the changes of a run as they stand.
func (j *Journal) countAll(ctx context.Context, run int64) ([]totalRow, error) {
	var rows []totalRow
	from, to := span(run)
	err := j.all(ctx, "journal.totals", &rows, countChanges+` ORDER BY kind, op, class, held`, from, to)
	return rows, err
}

var totalList = list{table: "total", columns: "run, kind, op, class, held, changes, accounts, arr"}

// keepTotals stores the totals of a run that is being sealed.
func (t *tx) keepTotals(ctx context.Context, run int64, rows []totalRow) error {
	var args []any
	for _, r := range rows {
		args = append(args, run, r.Kind, r.Op, r.Class, r.Held, r.Changes, r.Accounts, r.ARR)
	}
	return t.put(ctx, &totalList, args)
}
