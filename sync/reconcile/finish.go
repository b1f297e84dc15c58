package reconcile

import (
	"context"
	"errors"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// finish records how the pass ended and frees the target. It is done even where the
// pass was interrupted.
func (p *pass) finish(ctx context.Context, err error) error {
	asked := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx)
	p.opt.Checkpoint("finish")
	p.rep.Summary.Conflicts = p.rep.Conflicts
	p.rep.Cost = changeset.Estimate(p.caps, p.rep.Summary)
	p.rep.State = p.state(err, asked)
	p.rep.Calls = p.costs()
	if p.handed {
		return p.journal.HandOver(ctx, p.run)
	}
	done := p.journal.Finish(ctx, p.run, journal.Result{State: p.rep.State, Totals: p.rep.totals(), Error: fault.Plain(err)})
	done = join(done, p.keepSight(ctx))
	if done == nil && err == nil && p.rep.Restored && p.only == nil && p.trigger.AsOf == 0 {
		return p.journal.ClearRestored(ctx, p.pipe.ID, "the first run after the restore, which only looked")
	}
	return done
}

// endSealed leaves to the next run what a run that ends with an error has sealed
// and not done.
func (p *pass) endSealed(ctx context.Context, err error) error {
	if err == nil || !p.sealed || p.handed {
		return err
	}
	return join(err, p.leave(ctx))
}

// looks reports whether the pass writes nothing, whatever it finds.
func (p *pass) looks() bool { return p.trigger.Mode == Diff || p.observe }

// state is how the pass ended; asked: somebody asked it to stop.
func (p *pass) state(err error, asked bool) journal.State {
	switch r := p.rep; {
	case err != nil && asked, errors.Is(err, context.Canceled):
		return journal.Interrupted
	case err != nil && r.Applied > 0:
		return journal.Partly
	case err != nil:
		return journal.Failed
	case r.Held():
		return journal.Held
	case p.looks() && (r.Summary.Writes() > 0 || r.Conflicts > 0 || len(r.Refused) > 0):
		return journal.Previewed
	case r.Failed > 0 || r.Conflicts > 0 || r.Waiting > 0 || r.Raced > 0 || len(r.Refused) > 0:
		return journal.Partly
	case r.Applied > 0 || r.Summary.Writes() > 0:
		return journal.Applied
	default:
		return journal.InStep
	}
}
