package schedule

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/desksync/desksync/internal/dbx"
)

//go:embed migrations
var migrations embed.FS

// store keeps ticks and turns.
type store struct {
	db  *dbx.DB
	now func() time.Time // the replica's clock: for nominal times, never for leases
}

// openStore opens the queue in the journal's database, on connections of its own: a
// queue that waits for those of a pass would lose its lease.
func openStore(ctx context.Context, dsn string, now func() time.Time) (*store, error) {
	db, err := dbx.Open(ctx, dsn, dbx.SmallStatements)
	if err != nil {
		return nil, err
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err == nil {
		err = dbx.Migrate(ctx, db, dir, "queue")
	}
	if err == nil {
		err = migrateRiver(ctx, db)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &store{db: db, now: now}, nil
}

// clock is the database's own time in microseconds: replicas whose clocks are apart
// agree about it.
func (s *store) clock() string {
	if s.db.Dialect == dbx.Postgres {
		return dbx.ServerClock
	}
	return "CAST(unixepoch('now', 'subsec') * 1000000 AS integer)"
}

func (s *store) exec(ctx context.Context, op, q string, args ...any) (int64, error) {
	res, err := s.db.ExecContext(ctx, s.db.Rebind(q), args...)
	if err != nil {
		return 0, s.db.Fault(op, err)
	}
	n, err := res.RowsAffected()
	return n, s.db.Fault(op, err)
}

// last is the newest nominal time of an entry that is on record; if there is none, the
// entry is new, and what lies before now was not missed.
func (s *store) last(ctx context.Context, e Entry) (time.Time, error) {
	const op, q = "schedule.last", `SELECT coalesce(max(nominal), 0) FROM tick WHERE pipeline = ? AND kind = ? AND spec = ?`
	var n int64
	if err := s.db.GetContext(ctx, &n, s.db.Rebind(q), e.Pipeline, string(e.Kind), e.Spec); err != nil {
		return time.Time{}, s.db.Fault(op, err)
	}
	now := s.now()
	if n == 0 {
		t := e.tick(now)
		t.Due = now
		_, err := s.add(ctx, t, now)
		return now, err
	}
	last := time.UnixMicro(n)
	if ahead := last.Sub(now); ahead > clocksApart {
		return now, s.forgetFuture(ctx, e, now.Add(clocksApart))
	}
	return last, nil
}

// clocksApart is how far clocks of replicas may be apart. Ticks that lie further ahead
// are those of a clock that was wrong and was set back.
const clocksApart = 15 * time.Minute

// forgetFuture makes room for times that were ticks before the clock was set back.
func (s *store) forgetFuture(ctx context.Context, e Entry, from time.Time) error {
	const q = `DELETE FROM tick WHERE pipeline = ? AND kind = ? AND nominal > ? AND done > 0`
	_, err := s.exec(ctx, "schedule.forget", q, e.Pipeline, string(e.Kind), from.UnixMicro())
	return err
}

// add records a tick; done is zero unless it needs no run. It reports whether the tick
// was new: another replica may have been first.
func (s *store) add(ctx context.Context, t Tick, done time.Time) (bool, error) {
	const q = `INSERT INTO tick (pipeline, kind, nominal, due, spec, done) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (pipeline, kind, nominal) DO NOTHING`
	at := int64(0)
	if !done.IsZero() {
		at = done.UnixMicro()
	}
	n, err := s.exec(ctx, "schedule.tick", q, t.Pipeline, string(t.Kind), t.Nominal.UnixMicro(), t.Due.UnixMicro(), t.Spec, at)
	return n > 0, err
}

type tickRow struct {
	Pipeline, Kind, Spec string
	Nominal, Due         int64
}

// due lists a pipeline's ticks that wait for a run, oldest first.
func (s *store) due(ctx context.Context, pipeline string) ([]Tick, error) {
	return s.ticks(ctx, `pipeline = ? AND done = 0 AND due <= ?`, pipeline, s.now().UnixMicro())
}

// unanswered lists the ticks of all pipelines that wait for a run, due or not, by pipeline.
func (s *store) unanswered(ctx context.Context) (map[string][]Tick, error) {
	list, err := s.ticks(ctx, `done = 0`)
	out := map[string][]Tick{}
	for _, t := range list {
		out[t.Pipeline] = append(out[t.Pipeline], t)
	}
	return out, err
}

func (s *store) ticks(ctx context.Context, where string, args ...any) ([]Tick, error) {
	q := `SELECT pipeline, kind, spec, nominal, due FROM tick WHERE ` + where + ` ORDER BY nominal, kind`
	var rows []tickRow
	if err := s.db.Reader.SelectContext(ctx, &rows, s.db.Rebind(q), args...); err != nil {
		return nil, s.db.Fault("schedule.due", err)
	}
	out := make([]Tick, len(rows))
	for i, r := range rows {
		out[i] = Tick{Pipeline: r.Pipeline, Kind: Kind(r.Kind), Spec: r.Spec, Nominal: time.UnixMicro(r.Nominal), Due: time.UnixMicro(r.Due)}
	}
	return out, nil
}

// waiting is a pipeline with ticks that are due, and its turn.
type waiting struct {
	turnRow
	Due int64 // of the oldest of them
}

// waiting lists the pipelines with ticks that are due, those among known. First comes the
// one whose last pass began longest ago.
func (s *store) waiting(ctx context.Context, known []string) ([]waiting, error) {
	q := `
		SELECT   t.pipeline, t.due, coalesce(u.holder, '') AS holder, coalesce(u.fence, 0) AS fence, coalesce(` + s.clock() + ` - u.beat, 0) AS age,
		         coalesce(u.not_before - ` + s.clock() + `, 0) AS wait
		FROM     (SELECT pipeline, min(due) AS due FROM tick WHERE done = 0 AND due <= ? GROUP BY pipeline) AS t
		LEFT JOIN turn AS u ON u.pipeline = t.pipeline
		ORDER BY coalesce(u.since, 0), t.due, t.pipeline`
	var rows []waiting
	err := s.db.Reader.SelectContext(ctx, &rows, s.db.Rebind(q), s.now().UnixMicro())
	rows = slices.DeleteFunc(rows, func(w waiting) bool { return !slices.Contains(known, w.Pipeline) })
	return rows, s.db.Fault("schedule.waiting", err)
}

// probe writes a tick of no pipeline and takes it away.
func (s *store) probe(ctx context.Context) error {
	return s.db.Tx(ctx, "schedule.probe", func(tx *dbx.Tx) error {
		const put = `INSERT INTO tick (pipeline, kind, nominal, due, spec, done) VALUES ('', '', 0, 0, '', 1) ON CONFLICT (pipeline, kind, nominal) DO NOTHING`
		if _, err := tx.ExecContext(ctx, put); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM tick WHERE pipeline = '' AND kind = ''`)
		return err
	})
}

// nextDue is when the next tick on record is due; zero if none waits.
func (s *store) nextDue(ctx context.Context) (time.Time, error) {
	var n int64
	const q = `SELECT coalesce(min(due), 0) FROM tick WHERE done = 0 AND due > ?`
	err := s.db.Reader.GetContext(ctx, &n, s.db.Rebind(q), s.now().UnixMicro())
	if err != nil || n == 0 {
		return time.Time{}, s.db.Fault("schedule.next", err)
	}
	return time.UnixMicro(n), nil
}

// answer notes that a pass did what ticks asked for.
func (s *store) answer(ctx context.Context, t turn, ticks []Tick, r Result) error {
	return s.db.Tx(ctx, "schedule.answer", func(tx *dbx.Tx) error {
		if err := s.guard(ctx, tx, t); err != nil {
			return err
		}
		for _, tick := range ticks {
			const q = `UPDATE tick SET done = ?, run = ?, outcome = ? WHERE pipeline = ? AND kind = ? AND nominal = ?`
			if _, err := tx.ExecContext(ctx, tx.Rebind(q), s.now().UnixMicro(), r.Run, string(r.State), tick.Pipeline, string(tick.Kind), tick.Nominal.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
}

// prune forgets ticks that were answered before a time. The newest of each entry stays:
// it says what was not missed.
func (s *store) prune(ctx context.Context, before time.Time) (int64, error) {
	const q = `
		DELETE FROM tick WHERE done > 0 AND done < ? AND nominal < (
			SELECT max(o.nominal) FROM tick AS o WHERE o.pipeline = tick.pipeline AND o.kind = tick.kind AND o.spec = tick.spec)`
	return s.exec(ctx, "schedule.prune", q, before.UnixMicro())
}

func (s *store) close() error { return s.db.Fault("schedule.close", s.db.Close()) }
