package journal

import (
	"context"
	"time"
)

// RunCount is how much one run did of something.
type RunCount struct {
	Run      int64
	Changes  int
	ARR      float64
	Finished time.Time
}

// Did lists the runs, among the last 500 of a pipeline, that finished since a time and
// changed organizations in any of some classes, what was held left out; the oldest first.
func (j *Journal) Did(ctx context.Context, pipe int64, class uint32, since time.Time) ([]RunCount, error) {
	const q = `
		SELECT r.id, r.finished_at, sum(n.changes) AS changes, sum(n.arr) AS arr
		FROM   (SELECT id, finished_at, done FROM run WHERE pipeline = ? ORDER BY id DESC LIMIT 500) r
		JOIN   total n ON n.run = r.id
		WHERE  r.finished_at >= ? AND r.done > 0 AND n.held = 0 AND n.kind = 1 AND (n.class & ?) <> 0
		GROUP  BY r.id, r.finished_at
		ORDER  BY r.id`
	var rows []struct {
		ID         int64
		FinishedAt int64 `db:"finished_at"`
		Changes    int
		ARR        float64
	}
	err := j.all(ctx, "journal.runs", &rows, q, pipe, micro(since), int64(class))
	out := make([]RunCount, len(rows))
	for i, r := range rows {
		out[i] = RunCount{Run: r.ID, Changes: r.Changes, ARR: r.ARR, Finished: timeOf(r.FinishedAt)}
	}
	return out, err
}

// HeldAccounts names the accounts whose changes a run holds for exactly this reason, those
// of the most ARR first, at most limit of them, and says how many there are.
func (j *Journal) HeldAccounts(ctx context.Context, run int64, reason string, limit int) (some []string, of int, err error) {
	from, to := span(run)
	const which = ` FROM change WHERE id > ? AND id < ? AND hold = ? AND dropped = '' AND account <> ''`
	if _, err := j.get(ctx, "journal.changes", &of, `SELECT count(DISTINCT account)`+which, from, to, reason); err != nil || of == 0 {
		return nil, 0, err
	}
	const q = `SELECT account` + which + ` GROUP BY account ORDER BY max(arr) DESC, account LIMIT ?`
	err = j.all(ctx, "journal.changes", &some, q, from, to, reason, limit)
	return some, of, err
}

// good are the runs that leave a pipeline as true as it can be: passes over all accounts
// that came to their end without an error, whatever guards and policies held. A preview
// is none, unless the pipeline only observes; nor is one that somebody declined, or that
// left changes waiting because the helpdesk went away.
const good = `
	finished_at > 0 AND error = '' AND totals->>'only' IS NULL AND coalesce(CAST(totals->>'waiting' AS integer), 0) = 0
	AND (mode = 'reconcile' AND state IN ('in step', 'applied', 'partly', 'held') OR mode = 'observe' AND state IN ('in step', 'previewed', 'partly', 'held'))`

// LastGood is when the last good run of a pipeline ended; zero: there is none.
func (j *Journal) LastGood(ctx context.Context, pipe int64) (time.Time, error) {
	const q = `SELECT finished_at FROM run WHERE pipeline = ? AND ` + good + ` ORDER BY id DESC LIMIT 1`
	var at int64
	_, err := j.get(ctx, "journal.runs", &at, q, pipe)
	return timeOf(at), err
}

// FirstStart is when the first run of a pipeline began that is still recorded; zero:
// none is.
func (j *Journal) FirstStart(ctx context.Context, pipe int64) (time.Time, error) {
	var at int64
	_, err := j.get(ctx, "journal.runs", &at, `SELECT started_at FROM run WHERE pipeline = ? ORDER BY id LIMIT 1`, pipe)
	return timeOf(at), err
}
