package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// apply sends the sealed changes to the target, shard by shard: each is noted as
// sent before it goes out, and settled with the values written after. While the
// target works on one shard, the one before is settled and the next made ready.
func (p *pass) apply(ctx context.Context) error {
	after, no, err := p.journal.Position(ctx, p.run.ID)
	if err != nil {
		return err
	}
	q := &queue{pass: p, after: after, no: no, polled: p.opt.Now()}
	p.opt.Progress(Progress{Phase: "apply", Total: p.rep.Summary.Writes()})
	if p.caps.Shard > 0 && p.run.Mode != journal.Merge {
		return q.drain(ctx, q.streams)
	}
	return q.drain(ctx, q.turns)
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
	polled time.Time // when the target was last asked what moved
}

// parcel is one shard.
type parcel struct {
	batch    journal.Batch
	rows     []journal.ChangeRow         // without their bodies
	bodies   []string                    // which are here
	list     []instruction               // unpacked; nil while a target has them in hand
	outcomes map[string]helpdesk.Outcome // the last word on each, by change
	broke    error                       // why the sending ended before its end
	counted  bool                        // the report has what became of it
	tokens   []string                    // handles of what is under way in the target
	noted    int                         // how many of them the journal has
	silent   int                         // changes in a stream of which the last word was not heard yet
}

// unnoted is how many changes the target made that no report counts.
func (x *parcel) unnoted() (n int) {
	for i := range x.list {
		if in := &x.list[i]; !x.counted && in.writes() && x.outcomes[in.ID].State == helpdesk.Applied {
			n++
		}
	}
	return n
}

// drain applies all shards. Where it fails, what the target took is counted even if
// the journal could not note it: the next run finds it there.
func (q *queue) drain(ctx context.Context, apply func(context.Context) error) error {
	err := apply(ctx)
	for _, x := range q.flight {
		q.rep.Applied += x.unnoted()
	}
	return err
}

func (q *queue) turns(ctx context.Context) (err error) {
	steady := context.WithoutCancel(ctx) // a shard on its way is not cut off: it is short
	if q.next, err = q.take(steady); err != nil {
		return err
	}
	for q.next != nil {
		if err = ctx.Err(); err == nil {
			err = q.turn(steady)
		}
		if err != nil {
			return errors.Join(err, q.settleAll(steady))
		}
	}
	return q.settleAll(steady)
}

// turn applies the next shard, and meanwhile settles the last and takes another.
func (q *queue) turn(ctx context.Context) error {
	now := q.next
	if err := errors.Join(q.poll(ctx), q.recheck(ctx, now), q.mergeFirst(ctx, now)); err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() { sent <- q.send(ctx, now) }()
	err := q.settleAll(ctx)
	if err == nil {
		q.next, err = q.take(ctx)
	}
	err = errors.Join(<-sent, err)
	q.opt.Checkpoint("wrote")
	q.flight = append(q.flight, now) // also what broke off: what is known of it is settled
	return err
}

// take reads the next shard and notes that it goes out; nil behind the last.
func (q *queue) take(ctx context.Context) (*parcel, error) {
	open := false
	rows, err := q.journal.Changes(ctx, q.run.ID, journal.ChangeFilter{Held: &open}, q.after, q.shard())
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	batch := journal.Batch{Run: q.run.ID, No: q.no, From: q.after, To: rows[len(rows)-1].Pos(), Sent: q.opt.Now()}
	x, err := newParcel(batch, rows)
	if err != nil {
		return nil, err
	}
	q.opt.Checkpoint("apply")
	if err := q.journal.Send(ctx, q.run, batch); err != nil {
		return nil, err
	}
	q.after, q.no = batch.To, q.no+1
	return x, nil
}

// shard is how many changes go out at once; of a merge one: its note waits for it.
func (q *queue) shard() int {
	if q.run.Mode == journal.Merge {
		return 1
	}
	return q.opt.Shard
}

func newParcel(batch journal.Batch, rows []journal.ChangeRow) (*parcel, error) {
	x := &parcel{batch: batch, rows: rows, bodies: make([]string, len(rows)), outcomes: make(map[string]helpdesk.Outcome, len(rows))}
	for i := range rows {
		x.bodies[i], rows[i].Body = string(rows[i].Body), nil // once: what is unpacked shares it
	}
	return x, x.unpack()
}

// unpack makes the instructions readable.
func (x *parcel) unpack() (err error) {
	if x.list == nil {
		x.list, err = unpackBodies(x.rows, x.bodies)
	}
	return err
}

// shut keeps the changes in packed form alone: a target may have thousands in hand.
func (x *parcel) shut() { x.list = nil }

// settleAll notes what became of the shards that were applied.
func (q *queue) settleAll(ctx context.Context) error {
	for len(q.flight) > 0 {
		if err := q.settleFirst(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (q *queue) settleFirst(ctx context.Context) error {
	x := q.flight[0]
	if err := x.unpack(); err != nil {
		return err
	}
	if err := q.note(ctx, x); err != nil {
		return err
	}
	q.flight = q.flight[1:]
	for i := range x.list {
		if x.list[i].writes() { // as the total counts
			q.done++
		}
	}
	q.opt.Progress(Progress{Phase: "apply", Done: q.done, Total: q.rep.Summary.Writes()})
	return nil
}

// leave marks what was not settled for the next run, because the run ends here.
func (p *pass) leave(ctx context.Context) error {
	after, err := p.settledTo(ctx, p.run.ID)
	if err != nil {
		return err
	}
	open := false
	for {
		rows, err := p.journal.Changes(ctx, p.run.ID, journal.ChangeFilter{Held: &open}, after, journal.MaxPage)
		if err != nil || len(rows) == 0 {
			return err
		}
		accounts := make([]string, len(rows))
		for i := range rows {
			accounts[i] = rows[i].Account
		}
		if err := p.journal.MarkDirty(ctx, p.pipe.ID, accounts); err != nil {
			return err
		}
		p.rep.Left += len(rows)
		after = rows[len(rows)-1].Pos()
	}
}
