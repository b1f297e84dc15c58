package reconcile

import (
	"context"
	"maps"
	"slices"
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
	if p.rep.Summary.InStep, err = p.inStep(ctx, now.Organizations); err != nil {
		return err
	}
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
		p.rep.Impact.Hold(t.Class)
		p.rep.Tripped = append(p.rep.Tripped, Guarded{Tripped: t, Changes: held.Changes, Accounts: held.Accounts, ARR: held.ARR})
		item := journal.Item{Class: journal.ItemGuard, Code: t.Guard, Kind: helpdesk.Organization, Text: t.Text}
		if err := p.putItems(ctx, []journal.Item{item}); err != nil {
			return err
		}
	}
	return join(p.keepNames(ctx), p.keepOpen(ctx))
}

// putItems stores what is worth a look. What another day would bring is no matter of
// today: it is only reported.
func (p *pass) putItems(ctx context.Context, items []journal.Item) error {
	if p.trigger.AsOf == 0 {
		return p.journal.PutItems(ctx, p.run, items)
	}
	for _, i := range items {
		if i.Class == journal.ItemFinding && len(p.rep.Foreseen) < maxNamed {
			p.rep.Foreseen = append(p.rep.Foreseen, i)
		}
	}
	return nil
}

// inStep counts the organizations that need nothing: of all of the pipeline's, or of
// those that were asked for, the ones that were not found to need something.
func (p *pass) inStep(ctx context.Context, organizations int) (int, error) {
	if p.only == nil {
		return max(organizations-p.busy, 0), nil
	}
	ours := 0
	for accounts := range slices.Chunk(slices.Sorted(maps.Keys(p.only)), journal.MaxPage) {
		objects, err := p.journal.ObjectsOf(ctx, p.TargetName, accounts, nil)
		if err != nil {
			return 0, err
		}
		for _, o := range objects.Organizations {
			if o.Pipeline == p.pipe.ID {
				ours++
			}
		}
	}
	return max(ours-p.busy, 0), nil
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

// declined asks whoever is to be asked before anything is written.
func (p *pass) declined() bool {
	return p.trigger.Confirm != nil && p.rep.Summary.Writes() > 0 && !p.trigger.Confirm(p.rep)
}

// seal stores the changeset for good: from here on the run is resumed, not begun anew.
func (p *pass) seal(ctx context.Context) error {
	if p.declined() {
		p.rep.Declined, p.observe, p.blocked = true, true, true
		return ctx.Err()
	}
	p.opt.Checkpoint("seal")
	p.rep.Calls = p.soFar()
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
