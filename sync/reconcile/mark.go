package reconcile

import (
	"context"
	"maps"
	"slices"

	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/journal"
)

// markDirty adds to the accounts that the read found changed those that a rule, an
// override, a parent, a date or an open matter concerns.
func (p *pass) markDirty(ctx context.Context) error {
	if err := p.loadOverrides(ctx); err != nil {
		return err
	}
	for _, mark := range []func(context.Context) error{p.markRules, p.markOverridden, p.markClock, p.markOpen, p.markChildren, p.markCycles} {
		if err := mark(ctx); err != nil {
			return err
		}
	}
	return nil
}

// markRules marks all accounts when the rules changed, or when they read the day
// in a way that records no boundary.
func (p *pass) markRules(ctx context.Context) error {
	daily := p.Mapper.ReadsToday() && p.pipe.Day != p.day
	if p.pipe.Digest == p.Mapper.Digest() && !daily {
		return nil
	}
	return p.journal.MarkAllDirty(ctx, p.pipe.ID)
}

func (p *pass) markOverridden(ctx context.Context) error {
	if err := p.journal.MarkClaimed(ctx, p.pipe.ID, journal.ClaimOverride); err != nil {
		return err
	}
	return p.journal.MarkDirty(ctx, p.pipe.ID, slices.Sorted(maps.Keys(p.overrides)))
}

func (p *pass) markClock(ctx context.Context) error {
	return p.journal.MarkDue(ctx, p.pipe.ID, p.day)
}

func (p *pass) markOpen(ctx context.Context) error { return p.journal.MarkOpen(ctx, p.pipe.ID) }

func (p *pass) markChildren(ctx context.Context) error {
	if !p.Mapper.ReadsParent() {
		return nil
	}
	return p.journal.MarkChildren(ctx, p.pipe.ID)
}

// loadOverrides gathers the overrides of the file and those decided by command,
// by account, in order of precedence: the file wins.
func (p *pass) loadOverrides(ctx context.Context) error {
	p.overrides = map[string][]sla.Override{}
	for _, o := range p.Overrides {
		p.overrides[o.Account] = append(p.overrides[o.Account], o)
	}
	for d, err := range p.journal.EachDecision(ctx, journal.DecisionFilter{Pipeline: p.pipe.ID, Action: journal.ActionOverride}) {
		if err != nil {
			return err
		}
		p.overrides[d.Account] = append(p.overrides[d.Account], overrideOf(&d))
	}
	return nil
}

func overrideOf(d *journal.Decision) sla.Override {
	return sla.Override{
		Account: d.Account, Field: d.Field, Value: d.Value.Text(), Reason: d.Reason, Author: d.Author,
		Source: decisionName(d.ID), From: d.From, Until: d.Until,
	}
}
