package salesforce

import (
	"context"
	"maps"
	"slices"

	"github.com/desksync/desksync/crm"
)

var (
	_ crm.Tombstones = (*Source)(nil)
	_ crm.Merges     = (*Source)(nil)
)

// Deleted implements crm.Tombstones: the accounts that lie in the recycle bin, those
// that were merged away among them. What was purged is not there any more.
func (s *Source) Deleted(ctx context.Context) ([]string, error) {
	g, err := s.graves(ctx)
	s.lay(g)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(g.master)), nil
}

// Merged implements crm.Merges: of the accounts that Deleted found last, where nobody
// was told of them yet, so that the recycle bin is read once.
func (s *Source) Merged(ctx context.Context) (_ []crm.Merge, err error) {
	g := s.lay(nil)
	if g == nil {
		g, err = s.graves(ctx)
	}
	if err != nil {
		return nil, err
	}
	return crm.Winners(g.master), nil
}

// lay keeps graves until they are asked for, and returns those that were kept before.
func (s *Source) lay(g *graves) (before *graves) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, s.dead = s.dead, g
	return before
}

// graves are the deleted accounts, with the winner of those that were merged.
type graves struct{ master map[string]string }

// graves reads what queryAll shows besides: deleted rows, and merge losers with
// MasterRecordId (Object Reference, "Account"). Without the fields that tell both, nothing
// is known of them: who is gone is lost, and not deleted.
func (s *Source) graves(ctx context.Context) (*graves, error) {
	g := &graves{master: map[string]string{}}
	name := s.opt.Objects[crm.Account].Name
	seen, err := s.look(ctx, usedAgain)
	if err != nil {
		return nil, err
	}
	if v := seen.views[crm.Account]; v == nil || !v.stamps.deleted || mergeable(name) && !v.stamps.master {
		return g, nil
	}
	p := &plan{role: crm.Account, resource: "queryAll", statement: write(name, []string{"Id", "MasterRecordId"}, "IsDeleted = true")}
	if !mergeable(name) {
		p.statement = write(name, []string{"Id"}, "IsDeleted = true")
	}
	err = anew(ctx, name, func(bulk *bool) error {
		counted, err := s.count(ctx, p)
		if err != nil {
			return err
		}
		if many, _ := s.wantsBulk(p, counted); *bulk || many {
			*bulk = true
			return s.bulk(ctx, p, g)
		}
		got, err := s.firstPage(ctx, p, g)
		if err != nil {
			return err
		}
		return s.whole(ctx, p, got, g)
	})
	if err != nil {
		return nil, wrap(ctx, err)
	}
	return g, nil
}

func (g *graves) add(cells []string) error {
	id, err := crm.ParseID(cells[0])
	if err != nil {
		return err
	}
	g.master[id] = ""
	if len(cells) > 1 && cells[1] != "" {
		if g.master[id], err = crm.ParseID(cells[1]); err != nil {
			return err
		}
	}
	return nil
}

// mark needs to take nothing back: an id that comes again is the same.
func (g *graves) mark() func() { return func() {} }
