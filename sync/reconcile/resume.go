package reconcile

import (
	"context"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// resume brings a sealed run that was cut off to its end: what was in flight is
// read back and settled, the rest is applied.
func (p *pass) resume(ctx context.Context, run journal.Run) error {
	var err error
	if p.run, err = p.journal.Resume(ctx, run, p.opt.Holder); err != nil {
		return err
	}
	p.day = run.Day
	p.rep.Resumed = append(p.rep.Resumed, run.ID)
	err = p.settleFlight(ctx)
	if err == nil {
		err = p.apply(ctx)
	}
	state := journal.Applied
	if err != nil || p.rep.Failed > 0 {
		state = journal.Partly
	}
	return join(err, p.journal.Finish(context.WithoutCancel(ctx), p.run, journal.Result{State: state, Error: textOf(err)}))
}

// settleFlight asks the target about every shard that was sent and not settled.
func (p *pass) settleFlight(ctx context.Context) error {
	batches, err := p.journal.Unsettled(ctx, p.run.ID)
	if err != nil {
		return err
	}
	open := false
	for _, b := range batches {
		rows, err := p.journal.Changes(ctx, p.run.ID, journal.ChangeFilter{Held: &open}, b.From, shard)
		if err != nil {
			return err
		}
		for len(rows) > 0 && less(b.To, rows[len(rows)-1].Pos()) {
			rows = rows[:len(rows)-1]
		}
		if err := p.settleBatch(ctx, b, rows); err != nil {
			return err
		}
	}
	return nil
}

func less(a, b journal.Pos) bool { return a.Rank < b.Rank || a.Rank == b.Rank && a.Seq < b.Seq }

func (p *pass) settleBatch(ctx context.Context, b journal.Batch, rows []journal.ChangeRow) error {
	list, err := unpackAll(rows)
	if err != nil {
		return err
	}
	stand, err := p.readBack(ctx, list)
	if err != nil {
		return err
	}
	var rest []instruction
	outcomes := map[string]helpdesk.Outcome{}
	for i := range list {
		in := &list[i]
		if in.Op == opNote {
			continue
		}
		now := stand[in.Ref]
		if holds(in, now) {
			outcomes[in.ID] = helpdesk.Outcome{ChangeID: in.ID, State: helpdesk.Applied, TargetID: idOf(in, now)}
			continue
		}
		rest = append(rest, *in)
	}
	more, err := p.outcomes(ctx, rest)
	if err != nil {
		return err
	}
	for id, o := range more {
		outcomes[id] = o
	}
	return p.note(ctx, b.No, rows, list, outcomes)
}

// readBack reads from the target what the instructions are about.
func (p *pass) readBack(ctx context.Context, list []instruction) (map[helpdesk.Ref]*helpdesk.Object, error) {
	keys := map[helpdesk.Kind][]string{}
	for i := range list {
		keys[list[i].Ref.Kind] = append(keys[list[i].Ref.Kind], list[i].Ref.Key)
	}
	out := map[helpdesk.Ref]*helpdesk.Object{}
	for _, kind := range kinds {
		if len(keys[kind]) == 0 {
			continue
		}
		objects, err := p.Target.Get(ctx, kind, sortedUnique(keys[kind]))
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
	if in.Op == helpdesk.Delete || in.Op == helpdesk.Retire && in.Ref.Kind == helpdesk.Membership {
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
		if c.Op == helpdesk.Create {
			return nil
		}
		return []string{string(c.Ref.Kind)}
	}
	var out []string
	for _, d := range c.Deltas {
		if d.Field != changeset.LinkField && !stands(d.Field, d.Have, now) && !stands(d.Field, d.Want, now) {
			out = append(out, d.Field)
		}
	}
	return out
}
