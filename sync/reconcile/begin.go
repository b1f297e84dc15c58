package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

func (r *Reconciler) newPass(mode Mode, t Trigger) *pass {
	return &pass{
		Reconciler: r, trigger: t, layouts: layouts(r.Mapper.Columns()),
		rep: &Report{Pipeline: r.Name, Mode: mode, Source: r.SourceName, Target: r.TargetName},
	}
}

// look prepares a pass that only reads what is recorded.
func (r *Reconciler) look(ctx context.Context) (p *pass, err error) {
	p = r.newPass(Diff, Trigger{})
	if p.pipe, err = r.journal.Pipeline(ctx, r.Name, r.SourceName, r.TargetName); err != nil {
		return nil, err
	}
	if p.Mapper.NeedsRates() {
		if err := p.useRecorded(ctx); err != nil {
			return nil, err
		}
	}
	return p, p.loadOverrides(ctx)
}

// begin connects to both ends, brings an earlier pass to its end and starts a run.
func (r *Reconciler) begin(ctx context.Context, t Trigger) (*pass, error) {
	if t.AsOf == r.calendar() {
		t.AsOf = 0
	}
	p := r.newPass(t.Mode, t)
	if err := p.connect(ctx); err != nil {
		return nil, err
	}
	if err := p.mayWrite(ctx); err != nil {
		return nil, err
	}
	if err := p.endEarlier(ctx); err != nil {
		return nil, err
	}
	if t.Only != nil {
		p.only, p.rep.Only = map[string]bool{}, t.Only
		for _, a := range t.Only {
			p.only[a] = true
		}
	}
	p.day = p.today()
	p.rep.Day, p.rep.Forecast = p.day, t.AsOf != 0
	err := p.askRates(ctx)
	if err != nil {
		return nil, err
	}
	parent := int64(0)
	if t.retry != nil {
		parent, p.deleted, p.merged = t.retry.run, t.retry.deleted, t.retry.merged
	}
	p.run, err = r.journal.Begin(ctx, p.spec(p.mode(), parent))
	p.rep.Run = p.run.ID
	return p, err
}

// connect describes both ends, refuses other ones than those of earlier runs, and
// prepares what the pass works with.
func (p *pass) connect(ctx context.Context) (err error) {
	if p.schema, err = p.Source.Describe(ctx); err != nil {
		return fmt.Errorf("%s: %w", p.SourceName, err)
	}
	if p.caps, err = p.Target.Describe(ctx); err != nil {
		return fmt.Errorf("%s: %w", p.TargetName, err)
	}
	if p.pipe, err = p.journal.Pipeline(ctx, p.Name, p.SourceName, p.TargetName); err != nil {
		return err
	}
	p.coupled, p.met = p.caps.Coupled(helpdesk.Organization), map[string]met{}
	p.compare = changeset.New(p.caps, p.Mapper.Shapes())
	p.rep.Impact.Currency = p.Guards.Currency
	return errors.Join(
		p.journal.Bind(ctx, journal.SourceSide, p.SourceName, p.schema.Account),
		p.journal.Bind(ctx, journal.TargetSide, p.TargetName, p.caps.Account))
}

// mayWrite has the pass only look where the pipeline does, or where the journal came out
// of a backup.
func (p *pass) mayWrite(ctx context.Context) (err error) {
	p.rep.Restored, err = p.journal.Restored(ctx, p.pipe.ID)
	p.observe = p.Observe || p.rep.Restored
	return err
}

// onlyLooks is the refusal of what would write where a pass may only look.
func (p *pass) onlyLooks(ctx context.Context, op, what string) error {
	if err := p.mayWrite(ctx); err != nil || !p.observe {
		return err
	}
	return &fault.Error{Op: op, Kind: fault.Unsafe, Err: errors.New("this pipeline only observes: nothing is " + what + " (mode: observe, or the journal was just restored from a backup)")}
}

// endEarlier ends the runs that were cut off: a sealed one is applied to its end,
// another is given up, because what it found is still dirty and will be found again.
func (p *pass) endEarlier(ctx context.Context) error {
	runs, err := p.journal.Interrupted(ctx, p.pipe.ID)
	if err != nil {
		return err
	}
	for _, run := range runs {
		switch {
		case run.Sealed.IsZero():
			err = p.journal.Abandon(ctx, run, "cut off before its changes were sealed; the next run found them again")
		case p.looks():
			p.rep.Pending = append(p.rep.Pending, run.ID)
		default:
			err = p.resume(ctx, run)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) today() day.Day {
	if p.trigger.AsOf != 0 {
		return p.trigger.AsOf
	}
	return p.calendar()
}

// calendar is the day it is, whatever day a pass works with.
func (r *Reconciler) calendar() day.Day { return day.Of(r.opt.Now().In(r.Location)) }

func (p *pass) mode() journal.Mode {
	switch {
	case p.trigger.AsOf != 0:
		return journal.Forecast
	case p.trigger.Mode == Diff:
		return journal.Diff
	case p.observe:
		return journal.Observe
	case p.trigger.retry != nil:
		return journal.Again
	default:
		return journal.Reconcile
	}
}

func (p *pass) spec(mode journal.Mode, parent int64) journal.RunSpec {
	return journal.RunSpec{
		Pipeline: p.pipe.ID, Target: p.TargetName, Mode: mode, Trigger: p.trigger.By, Holder: p.opt.Holder,
		Day: p.day, Digest: p.Mapper.Digest(), Config: p.Config, Parent: parent,
	}
}

// alive says, until stop is called, that this process lives. If another one took
// the run over, ctx is cancelled with the reason as its cause.
func (p *pass) alive(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(p.journal.Lease() / 4)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := p.journal.Beat(ctx, p.run); err != nil {
					cancel(err)
				}
			}
		}
	}()
	return ctx, func() { cancel(nil); <-done }
}
