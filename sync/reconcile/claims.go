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
	return p.dirtyPages(ctx, "map", total, func(groups []journal.Group) error {
		rows := make([]journal.Mapped, len(groups))
		for i := range groups {
			rows[i] = p.mapped(worker, &groups[i])
		}
		changed, err := p.journal.PutMapped(ctx, p.pipe.ID, p.TargetName, rows)
		p.claims = p.claims || changed
		return err
	})
}

// mapped is what an account claims. One that is gone, unreadable or not wanted
// claims nothing.
func (p *pass) mapped(w *mapping.Worker, g *journal.Group) journal.Mapped {
	m := journal.Mapped{Account: g.ID}
	if g.Account == nil || g.Lost {
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

// dirtyPages walks the dirty accounts in key order with everything staged under them.
func (p *pass) dirtyPages(ctx context.Context, phase string, total int, fn func([]journal.Group) error) error {
	after, done := "", 0
	for {
		accounts, err := p.journal.DirtyPage(ctx, p.pipe.ID, after, p.opt.Page)
		if err != nil || len(accounts) == 0 {
			return err
		}
		groups, err := p.journal.Groups(ctx, p.pipe.ID, p.chosen(accounts))
		if err != nil {
			return err
		}
		p.opt.Checkpoint(phase)
		if err := fn(groups); err != nil {
			return err
		}
		after, done = accounts[len(accounts)-1], done+len(accounts)
		p.opt.Progress(Progress{Phase: phase, Done: done, Total: total})
		if len(accounts) < p.opt.Page {
			return nil
		}
	}
}

// chosen leaves only the accounts the trigger asks for.
func (p *pass) chosen(accounts []string) []string {
	if p.only == nil {
		return accounts
	}
	var out []string
	for _, a := range accounts {
		if p.only[a] {
			out = append(out, a)
		}
	}
	return out
}
