package reconcile

import (
	"context"
	"slices"

	"github.com/desksync/desksync/helpdesk"
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
		rows, unmade := make([]journal.Mapped, len(groups)), map[string]bool{}
		for i := range groups {
			rows[i] = p.mapped(worker, &groups[i], unmade)
		}
		if err := p.dropUnmade(ctx, rows, unmade); err != nil {
			return nil, err
		}
		return rows, p.addHeld(ctx, rows)
	}
	store := func(rows []journal.Mapped) error {
		changed, err := p.journal.PutMapped(ctx, p.pipe.ID, p.TargetName, rows)
		p.claims = p.claims || changed
		return err
	}
	return walk(ctx, p, phaseWalk[[]journal.Mapped]{"map", total, mapPage, store})
}

// mapped is what the rules claim for an account: nothing for one that is gone,
// unreadable or not wanted. Accounts that get no new organization are noted in unmade.
func (p *pass) mapped(w *mapping.Worker, g *journal.Group, unmade map[string]bool) journal.Mapped {
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
	if c.Unmade {
		unmade[g.ID] = true
	}
	if c.Name != "" && p.caps.UniqueNames {
		m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimName, Value: c.Name})
	}
	for _, d := range c.Domains {
		m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimDomain, Value: d})
	}
	for _, e := range c.Emails {
		m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimEmail, Value: e.Email, Ref: e.Contact})
		if p.readsRelations() {
			m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimUser, Value: e.Contact, Ref: e.Contact})
		}
	}
	return m
}

// addHeld lets accounts that claim nothing keep what their organization still holds:
// a name or domain is free for another account only once it is gone from there. Of the
// others it notes the names that their organizations go by and are not to have.
func (p *pass) addHeld(ctx context.Context, rows []journal.Mapped) error {
	accounts := make([]string, len(rows))
	for i := range rows {
		accounts[i] = rows[i].Account
	}
	objects, err := p.journal.OrganizationsOf(ctx, p.TargetName, accounts)
	if err != nil {
		return err
	}
	for i := range rows {
		switch o := objects.Organization(rows[i].Account); {
		case !o.There():
		case slices.ContainsFunc(rows[i].Claims, func(c journal.Claim) bool { return c.Kind != journal.ClaimOverride }):
			p.addBorne(&rows[i], o)
		case o.Pipeline == p.pipe.ID:
			p.addAll(&rows[i], o)
		}
	}
	return nil
}

// addAll has an account claim all that its organization holds.
func (p *pass) addAll(m *journal.Mapped, o *journal.Object) {
	m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimHeld, Value: o.Key})
	for _, c := range claimsOf(helpdesk.Organization, o.Have) {
		if c.Kind != journal.ClaimName || p.caps.UniqueNames {
			m.Claims = append(m.Claims, c)
		}
	}
}

// addBorne notes the name that an organization goes by, if it is to have another one.
func (p *pass) addBorne(m *journal.Mapped, o *journal.Object) {
	name := borneBy(o)
	if name != "" && p.caps.UniqueNames && !slices.Contains(m.Claims, journal.Claim{Kind: journal.ClaimName, Value: name}) {
		m.Claims = append(m.Claims, journal.Claim{Kind: journal.ClaimBears, Value: name})
	}
}
