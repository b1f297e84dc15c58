package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"strings"
)

// runRow is a Run as selected.
type runRow struct {
	ID, Pipeline, Parent, Target             int64
	TargetName                               string `db:"target_name"`
	Mode, Cause, Holder, Day, Digest, Config string
	State, Phase, Changeset, Totals, Error   string
	StartedAt                                int64 `db:"started_at"`
	SealedAt                                 int64 `db:"sealed_at"`
	FinishedAt                               int64 `db:"finished_at"`
	Done, Failed, Skipped                    int
}

const selectRun = `
	SELECT r.id, r.pipeline, r.parent, r.target, t.name AS target_name, r.mode, r.cause, r.holder, r.day, r.digest, r.config, r.state,
	       r.phase, r.changeset, r.totals, r.error, r.started_at, r.sealed_at, r.finished_at,
	       r.done, r.failed, r.skipped
	FROM   run r
	JOIN   peer t ON t.id = r.target `

func (r runRow) run() Run {
	return Run{
		ID: r.ID, Pipeline: r.Pipeline, Parent: r.Parent, Target: r.TargetName, Mode: Mode(r.Mode), Trigger: r.Cause, Holder: r.Holder,
		Day: dayOf(r.Day), Digest: r.Digest, Config: r.Config, State: State(r.State), Phase: Phase(r.Phase),
		Started: timeOf(r.StartedAt), Sealed: timeOf(r.SealedAt), Finished: timeOf(r.FinishedAt),
		Changeset: r.Changeset, Totals: json.RawMessage(r.Totals), Done: r.Done, Failed: r.Failed, Skipped: r.Skipped, Error: r.Error,
		target: r.Target,
	}
}

// run reads one run; its fence stays 0, so that it gives no right to write.
func (t *tx) run(ctx context.Context, id int64) (Run, error) {
	var row runRow
	err := t.get(ctx, &row, selectRun+`WHERE r.id = ?`, id)
	if errors.Is(err, sql.ErrNoRows) {
		err = noRun(id)
	}
	return row.run(), err
}

func noRun(id int64) error {
	return notFound("journal.run", "there is no run "+strconv.FormatInt(id, 10)+"; desksync runs lists them")
}

// RunByID returns one run; an unknown one is fault.NotFound.
func (j *Journal) RunByID(ctx context.Context, id int64) (Run, error) {
	var row runRow
	ok, err := j.get(ctx, "journal.run", &row, selectRun+`WHERE r.id = ?`, id)
	if err == nil && !ok {
		err = noRun(id)
	}
	return row.run(), err
}

// runsPage is how many runs are read at once: whoever goes through them most often
// stops at one of the first.
const runsPage = 20

// EachRun yields all runs, the newest first.
func (j *Journal) EachRun(ctx context.Context, f RunFilter) iter.Seq2[Run, error] {
	return pages(runsPage, func(last *Run) ([]Run, error) {
		if last != nil {
			f.Before = last.ID
		}
		return j.Runs(ctx, f, runsPage)
	})
}

// Runs lists runs, newest first.
func (j *Journal) Runs(ctx context.Context, f RunFilter, limit int) ([]Run, error) {
	var w where
	w.number("r.pipeline = ?", f.Pipeline)
	w.text("r.state = ?", string(f.State))
	w.text("r.mode = ?", string(f.Mode))
	w.number("r.id < ?", f.Before)
	var rows []runRow
	if err := j.all(ctx, "journal.runs", &rows, selectRun+w.String()+` ORDER BY r.id DESC LIMIT ?`, append(w.args, limit)...); err != nil {
		return nil, err
	}
	out := make([]Run, len(rows))
	for i, r := range rows {
		out[i] = r.run()
	}
	return out, nil
}

// where gathers the conditions that a filter asks for.
type where struct {
	conds []string
	args  []any
}

func (w *where) add(cond string, args ...any) {
	w.conds, w.args = append(w.conds, cond), append(w.args, args...)
}

func (w *where) number(cond string, n int64) {
	if n != 0 {
		w.add(cond, n)
	}
}

func (w *where) text(cond, s string) {
	if s != "" {
		w.add(cond, s)
	}
}

// String renders the clause; empty without conditions.
func (w *where) String() string {
	if len(w.conds) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(w.conds, " AND ")
}
