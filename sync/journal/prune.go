package journal

import (
	"context"
	"time"
)

// Prune deletes what is older than the policy keeps, in transactions of its own,
// and says how many rows by table. A run stays as long as it is unfinished, is
// among the newest of its pipeline, or an open item or a decision in force goes
// back to it. Objects keep the number of the run that wrote them.
func (j *Journal) Prune(ctx context.Context, keep Retention) (map[string]int, error) {
	p := pruning{j: j, counts: map[string]int{}}
	p.runs(ctx, keep)
	p.old(ctx, "item", "over_at", keep.Items)
	p.old(ctx, "outbox", "done_at", keep.Items)
	p.delete(ctx, "alert", `DELETE FROM alert WHERE holds = 0 AND at < ?`, p.before(keep.Items))
	p.old(ctx, "decision", "released_at", keep.Decisions)
	p.old(ctx, "audit", "at", keep.Audit)
	p.lost(ctx)
	return p.counts, p.err
}

// PruneDaily prunes where that was not done on this day (UTC) yet. Whoever comes
// first does it, of all processes that share the journal; what fails is tried again
// the next day. A clock that leapt by more than a month since is not believed on that day.
func (j *Journal) PruneDaily(ctx context.Context, keep Retention) (map[string]int, error) {
	const claim = `
		INSERT INTO meta (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE meta.value <> excluded.value`
	today := j.opt.Now().UTC()
	last, err := j.meta(ctx, metaPruned)
	if err != nil {
		return nil, err
	}
	var claimed int64
	err = j.inTx(ctx, "journal.prune", func(t *tx) (err error) {
		claimed, err = t.exec(ctx, claim, metaPruned, today.Format(time.DateOnly))
		return err
	})
	if err != nil || claimed == 0 || leapt(last, today) {
		return nil, err
	}
	return j.Prune(ctx, keep)
}

// leapt reports that a day lies more than a month after the one on which was pruned last.
func leapt(last string, today time.Time) bool {
	day, err := time.Parse(time.DateOnly, last)
	return err == nil && today.Sub(day) > 31*24*time.Hour
}

// pruning counts what went; the first error stops it.
type pruning struct {
	j      *Journal
	counts map[string]int
	err    error
}

// delete runs one delete in a transaction of its own and reports how many rows went.
func (p *pruning) delete(ctx context.Context, table, q string, args ...any) int64 {
	if p.err != nil {
		return 0
	}
	var n int64
	p.err = p.j.inTx(ctx, "journal.prune", func(t *tx) (err error) {
		n, err = t.exec(ctx, q, args...)
		return err
	})
	if p.err == nil && n > 0 {
		p.counts[table] += int(n)
	}
	return n
}

// before is the time before which age has passed; 0: nothing is that old.
func (p *pruning) before(age time.Duration) int64 {
	if age <= 0 {
		return 0
	}
	return p.j.opt.Now().Add(-age).UnixMicro()
}

// old deletes rows whose time has passed; a time of 0 is never.
func (p *pruning) old(ctx context.Context, table, column string, age time.Duration) {
	q := `DELETE FROM ` + table + ` WHERE id IN (SELECT id FROM ` + table + ` WHERE ` + column + ` > 0 AND ` + column + ` < ? ORDER BY id LIMIT 5000)`
	for p.delete(ctx, table, q, p.before(age)) > 0 {
	}
}

// runs deletes finished runs with all that belongs to them, and what abandoned
// ones left.
func (p *pruning) runs(ctx context.Context, keep Retention) {
	ids, err := p.j.oldRuns(ctx, p.before(keep.Runs), max(keep.KeepRuns, 1))
	p.err = err
	for _, id := range ids {
		p.run(ctx, id)
		p.delete(ctx, "run", `DELETE FROM run WHERE id = ?`, id)
	}
	if p.err == nil {
		ids, p.err = p.j.abandoned(ctx)
	}
	for _, id := range ids {
		p.run(ctx, id)
	}
	p.delete(ctx, "config", `DELETE FROM config WHERE digest NOT IN (SELECT config FROM run)`)
}

// run deletes what belongs to a run.
func (p *pruning) run(ctx context.Context, id int64) {
	from, to := span(id)
	for _, table := range []string{"change", "outcome"} {
		q := `DELETE FROM ` + table + ` WHERE id IN (SELECT id FROM ` + table + ` WHERE id > ? AND id < ? ORDER BY id LIMIT 5000)`
		for p.delete(ctx, table, q, from, to) > 0 {
		}
	}
	p.delete(ctx, "batch", `DELETE FROM batch WHERE run = ?`, id)
	p.delete(ctx, "total", `DELETE FROM total WHERE run = ?`, id)
}

// oldRuns lists runs that may go, oldest first.
func (j *Journal) oldRuns(ctx context.Context, before int64, keep int) ([]int64, error) {
	const q = `
		SELECT r.id FROM run r
		WHERE  r.finished_at > 0 AND r.finished_at < ?
		AND    (SELECT count(*) FROM run n WHERE n.pipeline = r.pipeline AND n.finished_at > 0 AND n.id > r.id) >= ?
		AND    NOT EXISTS (SELECT 1 FROM item i WHERE i.last_run = r.id AND i.over_at = 0)
		AND    NOT EXISTS (SELECT 1 FROM decision d WHERE d.run = r.id AND d.released_at = 0)
		ORDER  BY r.id`
	var ids []int64
	err := j.all(ctx, "journal.prune", &ids, q, before, keep)
	return ids, err
}

// abandoned lists runs that were given up before they were sealed and left changes.
func (j *Journal) abandoned(ctx context.Context) ([]int64, error) {
	const q = `
		SELECT r.id FROM run r
		WHERE  r.state = ? AND r.sealed_at = 0
		AND    EXISTS (SELECT 1 FROM change c WHERE c.id > r.id * 68719476736 AND c.id < (r.id + 1) * 68719476736)
		ORDER  BY r.id`
	var ids []int64
	err := j.all(ctx, "journal.prune", &ids, q, string(Interrupted))
	return ids, err
}

// lost deletes staged accounts that the source lost and that no longer have an
// organization of ours, with what was mapped of them.
func (p *pruning) lost(ctx context.Context) {
	const gone = `
		SELECT s.account FROM stage s JOIN pipeline p ON p.id = s.pipeline
		WHERE  s.role = 1 AND s.records = 0 AND s.pipeline = ?
		AND    NOT EXISTS (SELECT 1 FROM object o WHERE o.target = p.target AND o.kind = 1 AND o.key = s.account)
		AND    NOT EXISTS (SELECT 1 FROM dirty d WHERE d.pipeline = s.pipeline AND d.account = s.account)`
	pipes, err := p.j.Pipelines(ctx)
	if p.err == nil {
		p.err = err
	}
	for _, pipe := range pipes {
		p.delete(ctx, "standing", `DELETE FROM standing WHERE pipeline = ? AND account IN (`+gone+`)`, pipe.ID, pipe.ID)
		p.delete(ctx, "stage", `DELETE FROM stage WHERE pipeline = ? AND role = 1 AND account IN (`+gone+`)`, pipe.ID, pipe.ID)
	}
}
