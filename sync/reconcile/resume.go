package reconcile

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// resume brings a sealed run that was cut off to its end: what was in flight is
// asked about and settled, what moved since is dropped, the rest is applied.
func (p *pass) resume(ctx context.Context, run journal.Run) error {
	var err error
	if p.run, err = p.journal.Resume(ctx, run, p.opt.Holder); err != nil {
		return err
	}
	p.day, p.sealed, p.late = run.Day, true, true
	applied := p.rep.Applied
	alive, stop := p.alive(ctx)
	err = p.settleFlight(alive)
	if err == nil {
		err = p.apply(alive)
	}
	stop()
	state := journal.Applied
	if err != nil || p.rep.Failed > 0 {
		state = journal.Partly
	}
	ctx = context.WithoutCancel(ctx)
	err = p.endSealed(ctx, err)
	p.sealed, p.late, p.raced, p.rep.Applied = false, false, nil, applied // what is written here counts for the earlier run
	return join(err, p.finishResumed(ctx, run, journal.Result{State: state, Error: fault.Plain(err)}))
}

// finishResumed ends a resumed run with what was written of it in all.
func (p *pass) finishResumed(ctx context.Context, run journal.Run, res journal.Result) error {
	written, err := p.writtenOf(ctx, run.ID)
	if err != nil {
		return err
	}
	p.rep.Resumed = append(p.rep.Resumed, Resumed{Run: run.ID, State: res.State, Written: written})
	totals := map[string]any{}
	if err := json.Unmarshal(run.Totals, &totals); err == nil {
		totals["applied"] = written
		res.Totals, err = json.Marshal(totals)
		if err != nil {
			return err
		}
	}
	return p.journal.Finish(ctx, p.run, res)
}

// writtenOf counts the changes of a run that the target has taken, in whatever
// process that was.
func (p *pass) writtenOf(ctx context.Context, run int64) (int, error) {
	end, err := p.settledTo(ctx)
	if err != nil {
		return 0, err
	}
	failed, err := p.failedIn(ctx, run)
	if err != nil {
		return 0, err
	}
	open, n := false, 0
	for after := (journal.Pos{}); ; {
		rows, err := p.journal.Changes(ctx, run, journal.ChangeFilter{Held: &open}, after, journal.MaxPage)
		if err != nil || len(rows) == 0 {
			return n, err
		}
		for i := range rows {
			c, err := helpdesk.UnpackChange(rows[i].Body)
			if err != nil || less(end, rows[i].Pos()) {
				return n, err
			}
			if goesOut(&c) && !failed[c.ID] {
				n++
			}
		}
		after = rows[len(rows)-1].Pos()
	}
}

// settleFlight asks the target about every shard that was sent and not settled.
func (p *pass) settleFlight(ctx context.Context) error {
	batches, err := p.journal.Unsettled(ctx, p.run.ID)
	for _, b := range batches {
		if err == nil {
			err = p.settleBatch(ctx, b)
		}
	}
	return err
}

func (p *pass) settleBatch(ctx context.Context, b journal.Batch) error {
	rows, err := p.within(ctx, b)
	if err != nil {
		return err
	}
	list, err := unpackAll(rows)
	if err != nil {
		return err
	}
	x := newParcel(b, rows, list)
	for _, t := range b.Tokens {
		change, token, _ := strings.Cut(t, " ")
		x.outcomes[change] = helpdesk.Outcome{ChangeID: change, State: helpdesk.Sent, Token: token}
	}
	p.ask(ctx, x)
	if err := join(p.recheck(ctx, x), p.needsMerge(ctx, x)); err != nil {
		return err
	}
	err = p.send(ctx, x)
	return join(err, p.note(ctx, x))
}

// within reads the changes of a shard that was sent.
func (p *pass) within(ctx context.Context, b journal.Batch) ([]journal.ChangeRow, error) {
	open := false
	var out []journal.ChangeRow
	for after := b.From; ; {
		rows, err := p.journal.Changes(ctx, b.Run, journal.ChangeFilter{Held: &open}, after, journal.MaxPage)
		if err != nil || len(rows) == 0 {
			return out, err
		}
		for i := range rows {
			if less(b.To, rows[i].Pos()) {
				return out, nil
			}
			out = append(out, rows[i])
		}
		after = rows[len(rows)-1].Pos()
	}
}

func less(a, b journal.Pos) bool { return a.Rank < b.Rank || a.Rank == b.Rank && a.Seq < b.Seq }

// readBack reads from the target what the instructions are about.
func (r *Reconciler) readBack(ctx context.Context, list []instruction) (map[helpdesk.Ref]*helpdesk.Object, error) {
	keys := map[helpdesk.Kind][]string{}
	for i := range list {
		keys[list[i].Ref.Kind] = append(keys[list[i].Ref.Kind], list[i].Ref.Key)
	}
	out := map[helpdesk.Ref]*helpdesk.Object{}
	for _, kind := range kinds {
		if len(keys[kind]) == 0 {
			continue
		}
		objects, err := r.Target.Get(ctx, kind, sortedUnique(keys[kind]))
		if err != nil {
			return nil, err
		}
		for i := range objects {
			out[objects[i].Ref] = &objects[i]
		}
	}
	return out, nil
}

// holds reports whether everything the instruction writes already stands in the target.
func holds(in *instruction, now *helpdesk.Object) bool {
	if in.Op == helpdesk.Delete || in.Op == helpdesk.Merge || in.Op == helpdesk.Retire && in.Ref.Kind == helpdesk.Membership {
		return now == nil
	}
	if now == nil {
		return false
	}
	for d := range in.Writes() {
		if !stands(d.Field, d.Want, now) {
			return false
		}
	}
	return true
}

// stands reports whether a field of the target's object holds a value; a family's
// element that is not there is a false one.
func stands(field string, want helpdesk.Value, now *helpdesk.Object) bool {
	if field == changeset.LinkField {
		return now.Ref.Key != ""
	}
	have, _ := now.Fields.Get(field)
	if want == helpdesk.None {
		want = helpdesk.Value{}
	}
	return have == want || have.IsZero() && want.IsZero()
}

func idOf(in *instruction, now *helpdesk.Object) string {
	if now == nil {
		return in.TargetID
	}
	return now.ID
}

// moved returns the fields that no longer hold what a change was computed against,
// and do not hold what it wants either.
func moved(c *helpdesk.Change, now *helpdesk.Object) []string {
	if now == nil {
		if c.Op == helpdesk.Create || slices.ContainsFunc(c.Deltas, func(d helpdesk.Delta) bool { return d.Field == changeset.LinkField }) {
			return nil // an object without our id is not found by it
		}
		return []string{string(c.Ref.Kind)}
	}
	var out []string
	for _, d := range c.Deltas {
		if d.Field == helpdesk.Name && now.IsAside() {
			continue // we were renaming it
		}
		if d.Field != changeset.LinkField && !stands(d.Field, d.Have, now) && !stands(d.Field, d.Want, now) {
			out = append(out, d.Field)
		}
	}
	return out
}
