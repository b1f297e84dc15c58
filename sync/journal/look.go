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

// LastGood is when the last run of a pipeline ended that came to its end without an
// error, previews left out; zero: there is none.
func (j *Journal) LastGood(ctx context.Context, pipe int64) (time.Time, error) {
	const q = `
		SELECT finished_at FROM run
		WHERE  pipeline = ? AND finished_at > 0 AND error = '' AND mode IN ('reconcile', 'observe') AND state NOT IN ('failed', 'interrupted')
		ORDER  BY id DESC LIMIT 1`
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
