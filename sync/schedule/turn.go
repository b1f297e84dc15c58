package schedule

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// turn is the right to work at a pipeline's ticks.
type turn struct {
	Pipeline string
	Fence    int64
}

// turns reads all turns.
func (s *store) turns(ctx context.Context) (map[string]turnRow, error) {
	var rows []turnRow
	err := s.db.Reader.SelectContext(ctx, &rows, s.selectTurn())
	out := make(map[string]turnRow, len(rows))
	for _, r := range rows {
		out[r.Pipeline] = r
	}
	return out, s.db.Fault("schedule.turns", err)
}

type turnRow struct {
	Pipeline string
	Holder   string
	Fence    int64
	Age      int64 // since the last beat, in microseconds
	Wait     int64 // until the next try is due, in microseconds
	Held     int64 // since it was taken, in microseconds
	Beat     int64
	Phase    string
	Failures int
	Error    string
	Rescued  int
}

// selectTurn reads turns, and the time that went by or has to since.
func (s *store) selectTurn() string {
	now := s.clock()
	return `SELECT pipeline, holder, fence, beat, phase, failures, error, rescued, ` + now + ` - beat AS age, ` + now + ` - since AS held, not_before - ` + now + ` AS wait
		FROM turn `
}

// look reads a turn; one that nobody ever had is free.
func (s *store) look(ctx context.Context, pipeline string) (r turnRow, err error) {
	err = s.db.Reader.GetContext(ctx, &r, s.db.Rebind(s.selectTurn()+`WHERE pipeline = ?`), pipeline)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return r, s.db.Fault("schedule.turn", err)
}

// take takes a turn that nobody holds, or whose holder is dead or was silent for longer
// than the lease. Of several that try at once one has it.
func (s *store) take(ctx context.Context, pipeline string, old turnRow, holder string) (turn, bool, error) {
	q := `
		INSERT INTO turn (pipeline, holder, fence, since, beat) VALUES (?, ?, 1, ` + s.clock() + `, ` + s.clock() + `)
		ON CONFLICT (pipeline) DO UPDATE SET holder = excluded.holder, fence = turn.fence + 1, since = excluded.since, beat = excluded.beat,
			phase = '', rescued = turn.rescued + CASE WHEN turn.holder = '' THEN 0 ELSE 1 END
		WHERE turn.fence = ? AND turn.beat = ? AND turn.holder = ?
		RETURNING fence`
	t := turn{Pipeline: pipeline}
	err := s.db.GetContext(ctx, &t.Fence, s.db.Rebind(q), pipeline, holder, old.Fence, old.Beat, old.Holder)
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	return t, err == nil, s.db.Fault("schedule.take", err)
}

var errLost = errors.New("another process took this pipeline's turn over; this one must stop")

// guard makes a transaction that of the turn's holder.
func (s *store) guard(ctx context.Context, tx *dbx.Tx, t turn) error {
	q := `UPDATE turn SET beat = ` + s.clock() + ` WHERE pipeline = ? AND fence = ? AND holder <> ''`
	res, err := tx.ExecContext(ctx, tx.Rebind(q), t.Pipeline, t.Fence)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return fault.New("schedule.turn", fault.Raced, fmt.Errorf("%s: %w", t.Pipeline, errLost))
}

// beat says that the holder lives, and where it is.
func (s *store) beat(ctx context.Context, t turn, phase string) error {
	return s.db.Tx(ctx, "schedule.beat", func(tx *dbx.Tx) error {
		if err := s.guard(ctx, tx, t); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE turn SET phase = ? WHERE pipeline = ?`), phase, t.Pipeline)
		return err
	})
}

// free gives the turn back. Wait is how long the next try shall wait; failures are those
// in a row, the last of which text tells of.
func (s *store) free(ctx context.Context, t turn, failures int, wait time.Duration, text string) error {
	q := `UPDATE turn SET holder = '', phase = '', failures = ?, error = ?, not_before = ` + s.clock() + ` + ? WHERE pipeline = ? AND fence = ?`
	_, err := s.exec(ctx, "schedule.free", q, failures, text, wait.Microseconds(), t.Pipeline, t.Fence)
	return err
}
