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
// asked about and settled, what moved since is dropped, the rest is applied. It counts for
// that run, and nothing of it for the one that follows.
func (p *pass) resume(ctx context.Context, run journal.Run) error {
	var err error
	if p.run, err = p.journal.Resume(ctx, run, p.opt.Holder); err != nil {
		return err
	}
	p.opt.Progress(Progress{Phase: "resume"})
	follows := p.rep
	p.rep = &Report{Run: run.ID, Pipeline: follows.Pipeline, Source: follows.Source, Target: follows.Target, Mode: follows.Mode}
	p.day, p.sealed, p.late = run.Day, true, true
	if err = p.noteCalls(ctx); err == nil {
		err = p.during(ctx, "resume", p.goOn)
	}
	why := err
	if err != nil && ctx.Err() != nil {
		why = context.Cause(ctx)
	}
	ctx = context.WithoutCancel(ctx)
	err = p.endSealed(ctx, err)
	if p.handed {
		return join(err, p.journal.HandOver(ctx, p.run))
	}
	done, failed := p.finishResumed(ctx, why)
	follows.Resumed, follows.Failures = append(follows.Resumed, done), append(follows.Failures, p.rep.Failures...)
	p.rep, p.sealed, p.late, p.raced = follows, false, false, nil
	return join(err, failed)
}

// goOn does what is left of a run.
func (p *pass) goOn(ctx context.Context) error {
	alive, stop := p.alive(ctx)
	defer stop()
	if err := p.settleFlight(alive); err != nil {
		return err
	}
	return p.apply(alive)
}

// noteCalls adds to the totals of a run what it took to go on with it, at once: this
// process may be cut off as well.
func (p *pass) noteCalls(ctx context.Context) error {
	made := p.costs().Calls
	if made == 0 {
		return nil
	}
	var before struct {
		Calls int `json:"calls"`
	}
	if err := json.Unmarshal(p.run.Totals, &before); err != nil && len(p.run.Totals) > 0 {
		return err
	}
	totals, err := amend(p.run.Totals, map[string]any{"calls": before.Calls + made})
	if err != nil {
		return err
	}
	p.run.Totals = totals
	return p.journal.NoteTotals(ctx, p.run, totals)
}

// finishResumed ends a resumed run with what became of it in all.
func (p *pass) finishResumed(ctx context.Context, why error) (Resumed, error) {
	done := Resumed{Run: p.run.ID, State: journal.Applied}
	var err error
	if done.Tally, err = p.tally(ctx, p.run.ID); err != nil {
		return done, err
	}
	if t := &done.Tally; why != nil || t.Failed > 0 || t.Raced > 0 || t.Waiting > 0 || t.Left > 0 {
		done.State = journal.Partly
	}
	totals, err := done.totals(p.run.Totals)
	if err != nil {
		return done, err
	}
	return done, p.journal.Finish(ctx, p.run, journal.Result{State: done.State, Totals: totals, Error: fault.Plain(why)})
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
	x, err := newParcel(b, rows)
	if err != nil {
		return err
	}
	for _, t := range b.Tokens {
		change, token, _ := strings.Cut(t, " ")
		x.outcomes[change] = helpdesk.Outcome{ChangeID: change, State: helpdesk.Sent, Token: token}
	}
	if stand := p.ask(ctx, x); stand != nil {
		p.outdated(x, stand)
	} else if err := p.recheck(ctx, x); err != nil {
		return err
	}
	if err := p.needsMerge(ctx, x); err != nil {
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
	asked, out := make(map[helpdesk.Ref]bool, len(list)), map[helpdesk.Ref]*helpdesk.Object{}
	for i := range list {
		asked[list[i].Ref] = true
	}
	for _, kind := range kinds {
		var keys []string
		for i := range list {
			if in := &list[i]; in.Ref.Kind == kind && !lacksASide(in, asked, out) {
				keys = append(keys, in.Ref.Key)
			}
		}
		if len(keys) == 0 {
			continue
		}
		objects, err := r.Target.Get(ctx, kind, sortedUnique(keys))
		if err != nil {
			return nil, err
		}
		for i := range objects {
			out[objects[i].Ref] = &objects[i]
		}
	}
	return out, nil
}

// lacksASide reports a membership to be made of an organization or a user that was asked
// for just before and is not there: nobody has to ask about it.
func lacksASide(in *instruction, asked map[helpdesk.Ref]bool, there map[helpdesk.Ref]*helpdesk.Object) bool {
	if in.Ref.Kind != helpdesk.Membership || in.Op != helpdesk.Create {
		return false
	}
	account, contact := helpdesk.SplitMember(in.Ref.Key)
	for _, side := range []helpdesk.Ref{{Kind: helpdesk.Organization, Key: account}, {Kind: helpdesk.User, Key: contact}} {
		if asked[side] && there[side] == nil {
			return true
		}
	}
	return false
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
