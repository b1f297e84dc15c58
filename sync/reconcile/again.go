package reconcile

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// retry is what a pass could not write because the target had moved: it is read,
// compared and written once more, in a run of its own. The source is not read again,
// and what races again is left to the next pass.
type retry struct {
	run     int64
	objects map[string][]helpdesk.Ref // by account
	deleted map[string]bool           // accounts that the CRM says it deleted
	merged  map[string]string         // and into which it merged some of them
	rates   []crm.Rate                // what the source says that currencies are worth
}

// race notes that the target moved under a change.
func (p *pass) race(account string, ref helpdesk.Ref) {
	if p.raced == nil {
		p.raced = map[string][]helpdesk.Ref{}
	}
	p.raced[account] = append(p.raced[account], ref)
}

// mayRetry reports whether what races is tried once more.
func (p *pass) mayRetry() bool { return p.run.Mode == journal.Reconcile && !p.late }

// tryAgain makes the second try of what raced in a pass; nil where nothing did.
func (p *pass) tryAgain(ctx context.Context) (*Report, error) {
	if len(p.raced) == 0 || !p.mayRetry() {
		return nil, nil
	}
	r := &retry{run: p.run.ID, objects: p.raced, deleted: p.deleted, merged: p.merged, rates: p.rep.Rates}
	return p.once(ctx, Trigger{Mode: p.trigger.Mode, By: p.trigger.By, Only: slices.Sorted(maps.Keys(p.raced)), retry: r})
}

// once makes one pass, and the second try of what raced in it.
func (r *Reconciler) once(ctx context.Context, t Trigger) (*Report, error) {
	beginning, begun := r.opt.Phase(ctx, "begin", 0)
	p, err := r.begin(beginning, t)
	begun(err)
	if err != nil {
		return &Report{}, err
	}
	alive, stop := p.alive(ctx)
	err = p.steps(alive)
	if err != nil && context.Cause(alive) != nil {
		err = context.Cause(alive)
	}
	stop()
	err = p.endSealed(context.WithoutCancel(ctx), err)
	outcome := err
	err = errors.Join(err, p.during(ctx, "finish", func(ctx context.Context) error { return p.finish(ctx, outcome) }))
	if err == nil {
		p.rep.Again, err = p.tryAgain(ctx)
	}
	return p.rep, err
}

// rereads gives a second try its way to look at the target: what has a feed is asked
// there, and of the rest the objects that raced are read.
func (p *pass) rereads(ctx context.Context, kind helpdesk.Kind, since helpdesk.Cursor) error {
	var keys []string
	for _, refs := range p.trigger.retry.objects {
		for _, ref := range refs {
			if ref.Kind == kind {
				keys = append(keys, ref.Key)
			}
		}
	}
	return p.reread(ctx, kind, keys, since)
}
