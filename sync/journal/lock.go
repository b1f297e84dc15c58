package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// Locked says that another run holds the target. It comes inside a fault.Unsafe.
type Locked struct {
	Target, Holder string
	Run            int64
	Since, Beat    time.Time
}

// Error names the holder and since when.
func (l *Locked) Error() string {
	return fmt.Sprintf("run %d holds %s since %s (%s); wait for it, or stop that process", l.Run, l.Target, l.Since.UTC().Format(time.RFC3339), l.Holder)
}

// lockRow is the lock of a target as selected; Run 0: free.
type lockRow struct {
	Run, Fence, Since, Beat, Clock int64
	Holder                         string
}

// clock is the time by which locks live, in microseconds, as SQL and its arguments: that
// of the server where Options.ServerClock says so, else this process's.
func (j *Journal) clock() (expr string, args []any) {
	if j.db.Dialect == dbx.Postgres && j.opt.ServerClock {
		return dbx.ServerClock, nil
	}
	return "CAST(? AS bigint)", []any{j.now()}
}

// lockQuery selects a target's lock, and the time it is.
func (j *Journal) lockQuery(target int64) (q string, args []any) {
	now, args := j.clock()
	return `SELECT run, holder, fence, since, beat, ` + now + ` AS clock FROM target_lock WHERE target = ?`, append(args, target)
}

// alive reports that someone holds the lock and may still be at work. A beat that lies
// ahead by more than the lease was made before the clock was set back, and says nothing.
func (j *Journal) alive(l lockRow) bool {
	silent := time.Duration(l.Clock-l.Beat) * time.Microsecond
	return l.Run != 0 && silent.Abs() < j.opt.Lease && !j.opt.Dead(l.Holder)
}

// Held says which run holds a target, in a process that may still be at work; nil: none.
func (j *Journal) Held(ctx context.Context, target string) (*Locked, error) {
	var l lockRow
	now, args := j.clock()
	q := `
		SELECT l.run, l.holder, l.fence, l.since, l.beat, ` + now + ` AS clock
		FROM   target_lock l JOIN peer p ON p.id = l.target
		WHERE  p.side = ? AND p.name = ?`
	ok, err := j.get(ctx, "journal.held", &l, q, append(args, TargetSide, target)...)
	if err != nil || !ok || !j.alive(l) {
		return nil, err
	}
	return lockedBy(target, l), nil
}

// take gives the target's lock to a run and returns the new fence; a live holder
// keeps it.
func (t *tx) take(ctx context.Context, target int64, name string, run int64, holder string) (int64, error) {
	var old lockRow
	q, args := t.j.lockQuery(target)
	err := t.get(ctx, &old, q, args...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if t.j.alive(old) {
		return 0, locked(name, old)
	}
	clock, now := t.j.clock()
	insert := `
		INSERT INTO target_lock (target, run, holder, fence, since, beat) VALUES (?, ?, ?, 1, ?, ` + clock + `)
		ON CONFLICT (target) DO UPDATE SET run = excluded.run, holder = excluded.holder, fence = target_lock.fence + 1,
			since = excluded.since, beat = excluded.beat
		WHERE target_lock.fence = ?
		RETURNING fence`
	var fence int64
	err = t.get(ctx, &fence, insert, append(append([]any{target, run, holder, t.j.now()}, now...), old.Fence)...)
	if errors.Is(err, sql.ErrNoRows) { // someone was quicker
		if err = t.get(ctx, &old, q, args...); err == nil {
			err = locked(name, old)
		}
	}
	return fence, err
}

func locked(target string, l lockRow) error {
	return &fault.Error{Op: "journal.begin", Kind: fault.Unsafe, Err: lockedBy(target, l)}
}

func lockedBy(target string, l lockRow) *Locked {
	return &Locked{Target: target, Holder: l.Holder, Run: l.Run, Since: timeOf(l.Since), Beat: timeOf(l.Beat)}
}

// guard makes a transaction that of the run's holder, and counts as a heartbeat:
// who lost the lock changes nothing any more.
func (t *tx) guard(ctx context.Context, run Run) error {
	clock, args := t.j.clock()
	n, err := t.exec(ctx, `UPDATE target_lock SET beat = `+clock+` WHERE target = ? AND run = ? AND fence = ?`, append(args, run.target, run.ID, run.fence)...)
	if err != nil || n > 0 {
		return err
	}
	return &fault.Error{Op: "journal.write", Kind: fault.Raced, Err: fmt.Errorf(
		"run %d no longer holds %s: another process took it over; this one must stop", run.ID, run.Target)}
}

// softGuard is guard for a transaction that need not wait for the disk; see soft.
func (t *tx) softGuard(ctx context.Context, run Run) error {
	if err := t.soft(ctx); err != nil {
		return err
	}
	return t.guard(ctx, run)
}

// free gives the lock back.
func (t *tx) free(ctx context.Context, run Run) error {
	const q = `UPDATE target_lock SET run = 0, holder = '' WHERE target = ? AND run = ?`
	_, err := t.exec(ctx, q, run.target, run.ID)
	return err
}

// Beat says that the run's process lives; call it more often than the lease.
func (j *Journal) Beat(ctx context.Context, run Run) error {
	return j.inTx(ctx, "journal.beat", func(t *tx) error { return t.guard(ctx, run) })
}
