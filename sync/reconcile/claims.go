package reconcile

import (
	"context"

	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// mapAccounts notes what each dirty account would hold alone, and on which day the
// clock alone may change its result.
func (p *pass) mapAccounts(ctx context.Context) error {
	if err := p.markDirty(ctx); err != nil {
		return err
	}
	total, err := p.journal.DirtyCount(ctx, p.pipe.ID)
	if err != nil {
		return err
	}
	p.rep.Dirty = total
	if p.trigger.AsOf != 0 {
		return nil // another day's boundaries must not replace today's
	}
	worker := p.Mapper.NewWorker()
	mapPage := func(ctx context.Context, groups []journal.Group) ([]journal.Mapped, error) {
		if err := p.loadKin(ctx, groups); err != nil {
			return nil, err
		}
		rows := make([]journal.Mapped, len(groups))
		for i := range groups {
			rows[i] = p.mapped(worker, &groups[i])
		}
		return rows, nil
	}
	store := func(rows []journal.Mapped) error {
		changed, err := p.journal.PutMapped(ctx, p.pipe.ID, p.TargetName, rows)
		p.claims = p.claims || changed
		return err
	}
	return walk(ctx, p, phaseWalk[[]journal.Mapped]{"map", total, mapPage, store})
}

// mapped is what an account claims. One that is gone, unreadable or not wanted
// claims nothing.
func (p *pass) mapped(w *mapping.Worker, g *journal.Group) journal.Mapped {
	m := journal.Mapped{Account: g.ID}
	if p.gone(g) {
		return m
	}
	if len(p.overrides[g.ID]) > 0 {
		m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimOverride, Value: g.ID})
	}
	group, err := p.groupOf(g)
	if err != nil {
		return m // the compare reports it
	}
	c, err := w.Claims(&group, p.day)
	m.Next = c.Next
	if err != nil || c.Skip != "" {
		return m
	}
	if c.Name != "" && p.caps.UniqueNames {
		m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimName, Value: c.Name})
	}
	for _, d := range c.Domains {
		m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimDomain, Value: d})
	}
	for _, e := range c.Emails {
		m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimEmail, Value: e.Email, Ref: e.Contact})
	}
	return m
}
