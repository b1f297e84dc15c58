package reconcile

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// kin holds the accounts above those of a page, where rules read them. A row that
// cannot be read, or was lost, is missing.
type kin map[string]*journal.Row

// loadKin reads the accounts above a page, level by level, where rules read parent
// or root; nothing otherwise.
func (p *pass) loadKin(ctx context.Context, groups []journal.Group) error {
	p.kin = nil
	if !p.Mapper.ReadsParent() {
		return nil
	}
	return p.loadAbove(ctx, groups)
}

// loadAbove is loadKin whatever the rules read, for the compare to see accounts that
// stand above themselves.
func (p *pass) loadAbove(ctx context.Context, groups []journal.Group) error {
	p.kin = kin{}
	above := map[string]bool{}
	for i := range groups {
		if row := groups[i].Account; row != nil && row.Parent != "" {
			above[row.Parent] = true
		}
	}
	for len(above) > 0 {
		next := map[string]bool{}
		for ids := range slices.Chunk(slices.Sorted(maps.Keys(above)), journal.MaxPage) {
			if err := p.climb(ctx, ids, next); err != nil {
				return err
			}
		}
		above = next
	}
	return nil
}

// climb takes one level up and names the level above it.
func (p *pass) climb(ctx context.Context, ids []string, next map[string]bool) error {
	rows, err := p.journal.AccountRows(ctx, p.pipe.ID, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		row, ok := rows[id]
		if !ok || row.Lost {
			p.kin[id] = nil // looked for, and not there
			continue
		}
		p.kin[id] = &row
	}
	for _, id := range ids {
		if row := p.kin[id]; row != nil && row.Parent != "" {
			if _, known := p.kin[row.Parent]; !known {
				next[row.Parent] = true
			}
		}
	}
	return nil
}

// chain lists an account and those above it, from below, and reports whether it
// bites its own tail.
func (p *pass) chain(row *journal.Row) (list []*journal.Row, loops bool) {
	for ; row != nil; row = p.kin[row.Parent] {
		if slices.ContainsFunc(list, func(r *journal.Row) bool { return r.ID == row.ID }) {
			return list, true
		}
		list = append(list, row)
	}
	return list, false
}

// lineage lists an account and those above it that its values follow from: none where
// rules do not read them.
func (p *pass) lineage(row *journal.Row) []*journal.Row {
	list, _ := p.chain(row)
	if !p.Mapper.ReadsParent() {
		return list[:min(1, len(list))]
	}
	return list
}

// addKin gives a group its parent and its root. Where the chain bites its own tail
// it has neither.
func (p *pass) addKin(g *mapping.Group, row *journal.Row) error {
	if !p.Mapper.ReadsParent() {
		return nil
	}
	list, loops := p.chain(row)
	if loops || len(list) < 2 {
		return nil
	}
	parent, err := p.record(list[1])
	if err != nil {
		return err
	}
	root, err := p.record(list[len(list)-1])
	g.Parent, g.Root = &parent, &root
	return err
}

// codeCycle is the finding about an account above which it stands itself.
const codeCycle = "parent_cycle"

// markCycles marks what stood in a cycle: it may have been broken at another account,
// which marks this one only where rules read parents.
func (p *pass) markCycles(ctx context.Context) error {
	var accounts []string
	filter := journal.ItemFilter{Pipeline: p.pipe.ID, Class: journal.ItemFinding, Code: codeCycle}
	for item, err := range p.journal.EachItem(ctx, filter) {
		if err != nil {
			return err
		}
		accounts = append(accounts, item.Account)
	}
	return p.journal.MarkDirty(ctx, p.pipe.ID, accounts)
}

// loop is the finding about an account that is its own parent or its own ancestor, or
// stands below one that is.
func (p *pass) loop(row *journal.Row) (mapping.Finding, bool) {
	if row == nil {
		return mapping.Finding{}, false
	}
	list, loops := p.chain(row)
	if !loops && row.Parent != row.ID {
		return mapping.Finding{}, false
	}
	var names []string
	for _, r := range list {
		names = append(names, r.ID)
	}
	return mapping.Finding{
		Code: codeCycle, Subject: string(crm.Account),
		Text: "the account is its own ancestor (" + strings.Join(append(names, list[len(list)-1].Parent), " → ") + "); rules see no parent and no root of it until the CRM is corrected",
	}, true
}
