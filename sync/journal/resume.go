package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/desksync/desksync/internal/fault"
)

var errUnfinished = errors.New("a run cannot finish as running; name the state it ends in")

// Interrupted lists the unfinished runs of a pipeline that no live process holds,
// oldest first. Sealed ones are to be resumed, the others abandoned.
func (j *Journal) Interrupted(ctx context.Context, pipe int64) ([]Run, error) {
	var rows []runRow
	if err := j.all(ctx, "journal.interrupted", &rows, selectRun+`WHERE r.pipeline = ? AND r.state = ? ORDER BY r.id`, pipe, string(Running)); err != nil {
		return nil, err
	}
	var out []Run
	for _, r := range rows {
		var l lockRow
		q, args := j.lockQuery(r.Target)
		if _, err := j.get(ctx, "journal.interrupted", &l, q, args...); err != nil {
			return nil, err
		}
		if l.Run != r.ID || !j.alive(l) {
			out = append(out, r.run())
		}
	}
	return out, nil
}

// held returns an error if a live process works on the run.
func (t *tx) held(ctx context.Context, run Run) error {
	var l lockRow
	q, args := t.j.lockQuery(run.target)
	err := t.get(ctx, &l, q, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil && l.Run == run.ID && l.Fence != run.fence && t.j.alive(l) {
		return locked(run.Target, l)
	}
	return err
}

// Abandon ends an unsealed run. Sealed ones are refused: their writes may be under
// way. Its changes are dropped right after, in slices of their own; what a crash
// leaves of them Prune removes.
func (j *Journal) Abandon(ctx context.Context, run Run, why string) error {
	err := j.inTx(ctx, "journal.abandon", func(t *tx) error {
		now, err := t.run(ctx, run.ID)
		if err != nil {
			return err
		}
		if !now.Sealed.IsZero() {
			return fault.New("journal.abandon", fault.Unsafe, fmt.Errorf("run %d is sealed and may have written; resume it", run.ID))
		}
		now.fence = run.fence
		if err := t.held(ctx, now); err != nil {
			return err
		}
		return errors.Join(t.end(ctx, run.ID, Result{State: Interrupted, Error: why}), t.free(ctx, now))
	})
	if err != nil {
		return err
	}
	return j.dropRun(ctx, run.ID)
}

// dropRun deletes the changes of a run in slices.
func (j *Journal) dropRun(ctx context.Context, run int64) error {
	from, to := span(run)
	const q = `DELETE FROM change WHERE id IN (SELECT id FROM change WHERE id > ? AND id < ? ORDER BY id LIMIT 5000)`
	for {
		var n int64
		err := j.inTx(ctx, "journal.drop", func(t *tx) (err error) {
			n, err = t.exec(ctx, q, from, to)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// Resume takes the lock for a sealed, unfinished run.
func (j *Journal) Resume(ctx context.Context, run Run, holder string) (Run, error) {
	var out Run
	err := j.inTx(ctx, "journal.resume", func(t *tx) error {
		now, err := t.run(ctx, run.ID)
		if err != nil {
			return err
		}
		if now.Sealed.IsZero() || now.State != Running {
			return fault.New("journal.resume", fault.Invalid, fmt.Errorf("run %d is %s and not waiting to be resumed", run.ID, stage(now)))
		}
		fence, err := t.take(ctx, now.target, now.Target, now.ID, holder)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE run SET holder = ? WHERE id = ?`, holder, run.ID); err != nil {
			return err
		}
		out = now
		out.Holder, out.fence = holder, fence
		return nil
	})
	return out, err
}

// HandOver frees the target of a sealed run that does not end here: the next process that
// looks finds it Interrupted, and resumes it.
func (j *Journal) HandOver(ctx context.Context, run Run) error {
	return j.inTx(ctx, "journal.handover", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		return t.free(ctx, run)
	})
}

// stage says in a word where a run stands.
func stage(r Run) string {
	if r.State == Running {
		return "not sealed"
	}
	return string(r.State)
}
