package reconcile

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// shard is how many changes go out at once; what is in flight when the process
// dies is at most this.
const shard = 500

// apply sends the sealed changes to the target, shard by shard: each is noted as
// sent before it goes out, and settled with the values written after. While the
// target works on one shard, the one before is settled and the next made ready.
func (p *pass) apply(ctx context.Context) error {
	after, no, err := p.journal.Position(ctx, p.run.ID)
	if err != nil {
		return err
	}
	q := &queue{pass: p, after: after, no: no}
	err = q.drain(ctx)
	if err == nil || q.next == nil && len(q.flight) == 0 {
		return err
	}
	return p.leave(context.WithoutCancel(ctx), q.settledTo(after), err)
}

// queue is the shards on their way: one being applied, one applied and not settled,
// one made ready.
type queue struct {
	*pass
	after  journal.Pos // of the last shard taken
	no     int64
	done   int
	next   *parcel
	flight []*parcel // applied, not settled
}

// parcel is one shard.
type parcel struct {
	batch    journal.Batch
	rows     []journal.ChangeRow
	list     []instruction
	outcomes map[string]helpdesk.Outcome
}

func (q *queue) drain(ctx context.Context) (err error) {
	steady := context.WithoutCancel(ctx) // a shard on its way is not cut off: it is short
	if q.next, err = q.take(steady); err != nil {
		return err
	}
	for q.next != nil {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, q.settleAll(steady))
		}
		if err := q.turn(steady); err != nil {
			return errors.Join(err, q.settleAll(steady))
		}
	}
	return q.settleAll(steady)
}

// turn applies the next shard, and meanwhile settles the last and takes another.
func (q *queue) turn(ctx context.Context) error {
	now := q.next
	applied := make(chan error, 1)
	go func() {
		var err error
		now.outcomes, err = q.outcomes(ctx, now.list)
		applied <- err
	}()
	settled := q.settleAll(ctx)
	var taken error
	if settled == nil {
		q.next, taken = q.take(ctx)
	}
	if err := <-applied; err != nil {
		return errors.Join(err, settled, taken)
	}
	q.opt.Checkpoint("wrote")
	q.flight = append(q.flight, now)
	return errors.Join(settled, taken)
}

// take reads the next shard and notes that it goes out; nil behind the last.
func (q *queue) take(ctx context.Context) (*parcel, error) {
	open := false
	rows, err := q.journal.Changes(ctx, q.run.ID, journal.ChangeFilter{Held: &open}, q.after, shard)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	list, err := unpackAll(rows)
	if err != nil {
		return nil, err
	}
	batch := journal.Batch{Run: q.run.ID, No: q.no, From: q.after, To: rows[len(rows)-1].Pos(), Sent: q.opt.Now()}
	q.opt.Checkpoint("apply")
	if err := q.journal.Send(ctx, q.run, batch); err != nil {
		return nil, err
	}
	q.after, q.no = batch.To, q.no+1
	return &parcel{batch: batch, rows: rows, list: list}, nil
}

// settleAll notes what became of the shards that were applied.
func (q *queue) settleAll(ctx context.Context) error {
	for len(q.flight) > 0 {
		x := q.flight[0]
		if err := q.note(ctx, x.batch.No, x.rows, x.list, x.outcomes); err != nil {
			return err
		}
		q.flight = q.flight[1:]
		q.done += len(x.rows)
		q.opt.Progress(Progress{Phase: "apply", Done: q.done, Total: q.rep.Summary.Writes()})
	}
	return nil
}

// settledTo is the place up to which everything is settled.
func (q *queue) settledTo(first journal.Pos) journal.Pos {
	switch {
	case len(q.flight) > 0:
		return q.flight[0].batch.From
	case q.next != nil:
		return q.next.batch.From
	default:
		return first
	}
}

// note records what became of a shard.
func (p *pass) note(ctx context.Context, no int64, rows []journal.ChangeRow, list []instruction, outcomes map[string]helpdesk.Outcome) error {
	settled, err := p.settle(ctx, rows, list, outcomes)
	if err != nil {
		return err
	}
	if err := p.journal.Settle(ctx, p.run, no, settled); err != nil {
		return err
	}
	return join(p.reverted(ctx, settled, list), p.tell(ctx, settled, rows))
}

// reverted releases the decisions to write something once that are carried out.
func (p *pass) reverted(ctx context.Context, settled []journal.Settled, list []instruction) error {
	for i := range list {
		for _, id := range list[i].reverts {
			if settled[i].State != helpdesk.Applied {
				break
			}
			if err := p.journal.Release(ctx, id, "run", "what was decided is done"); err != nil {
				return err
			}
		}
	}
	return nil
}

func unpackAll(rows []journal.ChangeRow) ([]instruction, error) {
	out := make([]instruction, len(rows))
	for i := range rows {
		in, err := unpackInstruction(&rows[i])
		if err != nil {
			return nil, fmt.Errorf("change %d.%d: %w", rows[i].Rank, rows[i].Seq, err)
		}
		out[i] = in
	}
	return out, nil
}

// outcomes applies what is to be written and gathers the last word on each change.
func (p *pass) outcomes(ctx context.Context, list []instruction) (map[string]helpdesk.Outcome, error) {
	out := make(map[string]helpdesk.Outcome, len(list))
	for o, err := range p.Target.Apply(ctx, writesOf(list)) {
		if err != nil {
			return nil, err
		}
		out[o.ChangeID] = o
	}
	return out, nil
}

// writesOf yields the changes with something to write, without their held deltas.
func writesOf(list []instruction) iter.Seq[helpdesk.Change] {
	return func(yield func(helpdesk.Change) bool) {
		for i := range list {
			if list[i].Op == opNote || changeset.Held(&list[i].Change) {
				continue
			}
			if !yield(unlinked(open(list[i].Change))) {
				return
			}
		}
	}
}

// unlinked leaves out the link: targets tie an object to its account by the key and
// the target id of the change.
func unlinked(c helpdesk.Change) helpdesk.Change {
	c.Deltas = slices.DeleteFunc(c.Deltas, func(d helpdesk.Delta) bool { return d.Field == changeset.LinkField })
	return c
}

// open leaves out what is held.
func open(c helpdesk.Change) helpdesk.Change {
	deltas := make([]helpdesk.Delta, 0, len(c.Deltas))
	for d := range c.Writes() {
		deltas = append(deltas, d)
	}
	c.Deltas = deltas
	return c
}

// tell counts what became of a shard and marks what failed for the next run.
func (p *pass) tell(ctx context.Context, settled []journal.Settled, rows []journal.ChangeRow) error {
	var again []string
	for i := range settled {
		switch settled[i].State {
		case helpdesk.Applied:
			p.rep.Applied++
		case helpdesk.Skipped:
			p.rep.Spared++ // never to be written: trying again would change nothing
		case helpdesk.Failed, helpdesk.Sent:
			p.rep.fail(&rows[i], settled[i].Err)
			again = append(again, rows[i].Account)
		}
	}
	return p.journal.MarkDirty(ctx, p.pipe.ID, again)
}

// leave marks what was not sent any more for the next run, because the run ends here.
func (p *pass) leave(ctx context.Context, after journal.Pos, why error) error {
	open := false
	for {
		rows, err := p.journal.Changes(ctx, p.run.ID, journal.ChangeFilter{Held: &open}, after, journal.MaxPage)
		if err != nil || len(rows) == 0 {
			return join(why, err)
		}
		accounts := make([]string, len(rows))
		for i := range rows {
			accounts[i] = rows[i].Account
		}
		if err := p.journal.MarkDirty(ctx, p.pipe.ID, accounts); err != nil {
			return join(why, err)
		}
		p.rep.Left += len(rows)
		after = rows[len(rows)-1].Pos()
	}
}

// settle pairs each change with its outcome and with what is now recorded of its object.
func (p *pass) settle(ctx context.Context, rows []journal.ChangeRow, list []instruction, outcomes map[string]helpdesk.Outcome) ([]journal.Settled, error) {
	before, err := p.recorded(ctx, list)
	if err != nil {
		return nil, err
	}
	out := make([]journal.Settled, len(list))
	for i := range list {
		out[i] = p.settleOne(&rows[i], &list[i], before, outcomes)
	}
	return out, nil
}

func (p *pass) settleOne(row *journal.ChangeRow, in *instruction, before *journal.Objects, outcomes map[string]helpdesk.Outcome) journal.Settled {
	s := journal.Settled{Pos: row.Pos(), ChangeID: in.ID, State: helpdesk.Applied}
	o, told := outcomes[in.ID]
	switch {
	case in.Op == opNote || changeset.Held(&in.Change):
		o = helpdesk.Outcome{State: helpdesk.Applied, TargetID: in.TargetID}
	case !told:
		o = helpdesk.Outcome{State: helpdesk.Failed, Err: fault.New("reconcile.apply", fault.Unknown, fmt.Errorf("%s said nothing about %s", p.TargetName, in.Ref))}
	}
	o = p.spare(in, o)
	s.State, s.Token, s.Err = o.State, o.Token, o.Err
	if s.State != helpdesk.Applied {
		return s
	}
	if in.Op == helpdesk.Delete || in.Op == helpdesk.Retire && in.Ref.Kind == helpdesk.Membership || in.end == endRecord {
		s.Forget = true
	}
	s.Object = p.objectAfter(in, find(before, in.Ref), o.TargetID)
	return s
}

// spare remembers users whom the target never lets a sync write, such as its agents,
// and takes the memberships that fail for want of them for left alone too.
func (p *pass) spare(in *instruction, o helpdesk.Outcome) helpdesk.Outcome {
	switch {
	case in.Ref.Kind == helpdesk.User && o.State == helpdesk.Skipped:
		if p.spared == nil {
			p.spared = map[string]error{}
		}
		p.spared[in.Ref.Key] = o.Err
	case in.Ref.Kind == helpdesk.Membership && o.State == helpdesk.Failed && fault.KindOf(o.Err) == fault.NotFound:
		_, contact := helpdesk.SplitMember(in.Ref.Key)
		if err, ok := p.spared[contact]; ok {
			o.State, o.Err = helpdesk.Skipped, err
		}
	}
	return o
}

// recorded loads what is recorded of the objects of a shard; nothing is for those
// that the comparison saw for the first time.
func (p *pass) recorded(ctx context.Context, list []instruction) (*journal.Objects, error) {
	var accounts, contacts []string
	for i := range list {
		switch in := &list[i]; {
		case in.fresh:
		case in.Ref.Kind == helpdesk.User:
			contacts = append(contacts, in.Ref.Key)
		default:
			accounts = append(accounts, in.Account)
		}
	}
	if len(accounts)+len(contacts) == 0 {
		return &journal.Objects{}, nil
	}
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, sortedUnique(accounts), sortedUnique(contacts))
	return &objects, err
}

// objectAfter is what is recorded of an object once its change has been made.
func (p *pass) objectAfter(in *instruction, before *journal.Object, id string) *journal.Object {
	o := journal.Object{Kind: in.Ref.Kind, Key: in.Ref.Key}
	if before != nil {
		o = *before
	}
	o.Account, o.Pipeline, o.Written = in.Account, p.pipe.ID, true
	o.Last = changeset.Remember(changeset.Record(o.Last, &in.Change), in.notes)
	o.Have = changeset.Apply(o.Have, &in.Change)
	if id != "" {
		o.TargetID = id
	}
	if in.end == endPassOver {
		o.Pipeline = 0 // whoever wants it compares with what was written, and takes that back
	}
	if in.Op != opNote {
		o.Run, o.At = p.run.ID, p.opt.Now()
	}
	o.Source, o.Digest = in.basis.source, in.basis.rules
	p.stamp(&o, in)
	return &o
}

// stamp notes the mark's day and the corrections of drift.
func (p *pass) stamp(o *journal.Object, in *instruction) {
	kept := o.Corrected[:0:0]
	for _, c := range o.Corrected {
		if c.At.After(p.opt.Now().Add(-24 * time.Hour)) {
			kept = append(kept, c)
		}
	}
	for d := range in.Writes() {
		if d.Cause == helpdesk.Drifted || d.Cause == helpdesk.Clashed {
			kept = append(kept, journal.Corrected{Field: d.Field, At: p.opt.Now()})
		}
		if d.Field == p.Mark.Field && p.Mark.Field != "" {
			o.Marked = 0
			if d.Want.True() {
				o.Marked = p.day
			}
		}
	}
	o.Corrected = kept
}
