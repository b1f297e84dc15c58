package reconcile

import (
	"context"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// guard holds what is too much for one run, or for a day, without someone looking.
func (p *pass) guard(ctx context.Context) error {
	now, err := p.bases(ctx)
	if err != nil {
		return err
	}
	p.rep.Summary.InStep = p.inStep(now.Organizations)
	day, err := p.lastDay(ctx)
	if err != nil {
		return err
	}
	for _, t := range p.Guards.Check(now, day) {
		reason := changeset.Hold(changeset.HoldGuard, t.Text)
		class := uint32(t.Class)
		if t.Class == changeset.Everything {
			class = everything
		}
		held, err := p.journal.HoldClass(ctx, p.run, class, reason)
		if err != nil {
			return err
		}
		p.rep.Tripped = append(p.rep.Tripped, Guarded{Tripped: t, Changes: held.Changes, Accounts: held.Accounts, ARR: held.ARR})
		item := journal.Item{Class: journal.ItemGuard, Code: t.Guard, Kind: helpdesk.Organization, Text: t.Text}
		if err := p.journal.PutItems(ctx, p.run, []journal.Item{item}); err != nil {
			return err
		}
	}
	return p.keepOpen(ctx)
}

// inStep counts the organizations that need nothing: all of the pipeline's, or
// those that were asked for.
func (p *pass) inStep(organizations int) int {
	if p.only != nil {
		return p.calm
	}
	return max(organizations-p.busy, 0)
}

// bases completes the totals with what shares are of.
func (p *pass) bases(ctx context.Context) (changeset.Totals, error) {
	t := p.rep.Guarded
	var err error
	if t.Organizations, err = p.journal.CountObjects(ctx, p.TargetName, p.pipe.ID, helpdesk.Organization); err != nil {
		return t, err
	}
	t.Memberships, err = p.journal.CountObjects(ctx, p.TargetName, p.pipe.ID, helpdesk.Membership)
	return t, err
}

// lastDay adds up what this pipeline's runs wrote within the last 24 hours.
func (p *pass) lastDay(ctx context.Context) (changeset.Totals, error) {
	counts, err := p.journal.TotalsSince(ctx, p.pipe.ID, p.opt.Now().Add(-24*time.Hour))
	var t changeset.Totals
	for _, c := range counts {
		t.AddCount(c.Kind, changeset.Class(c.Class), c.Changes, c.ARR)
	}
	return t, err
}

// seal stores the changeset for good: from here on the run is resumed, not begun anew.
func (p *pass) seal(ctx context.Context) error {
	p.opt.Checkpoint("seal")
	sealed := journal.Sealed{
		Totals: p.rep.totals(), Digest: p.rep.Digest.String(), PipelineDigest: p.Mapper.Digest(), Day: p.day, Accounts: p.trigger.Only, Again: sortedUnique(p.again),
	}
	if err := p.journal.Seal(ctx, p.run, sealed); err != nil {
		return err
	}
	p.sealed = true
	for _, id := range p.spent {
		err := p.journal.Release(ctx, id, "run", "what was decided is done, or no longer applies")
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	return nil
}
