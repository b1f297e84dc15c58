package reconcile

import (
	"context"
	"maps"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// recallGone takes over which accounts are known to be merged away, before a read.
func (p *pass) recallGone(ctx context.Context) error {
	p.deleted = map[string]bool{}
	return p.recallMerges(ctx)
}

// readTombstones asks which accounts the CRM deleted or merged away, where it knows.
func (p *pass) readTombstones(ctx context.Context) error {
	if err := p.recallGone(ctx); err != nil {
		return err
	}
	source, ok := p.Source.(crm.Tombstones)
	if !ok {
		return nil
	}
	ids, err := source.Deleted(ctx)
	for _, id := range ids {
		p.deleted[id] = true
	}
	return err
}

// markDeleted marks the deleted accounts that have an organization of ours, and reports
// whether there are any; the others are nobody's business.
func (p *pass) markDeleted(ctx context.Context) (found bool, err error) {
	for page := range slices.Chunk(slices.Sorted(maps.Keys(p.deleted)), journal.MaxPage) {
		objects, err := p.journal.ObjectsOf(ctx, p.TargetName, page, nil)
		if err != nil {
			return false, err
		}
		var ours []string
		for _, o := range objects.Organizations {
			if o.Written && o.Pipeline == p.pipe.ID {
				ours = append(ours, o.Key)
			}
		}
		if err := p.journal.MarkDirty(ctx, p.pipe.ID, ours); err != nil {
			return false, err
		}
		found = found || len(ours) > 0
	}
	return found, nil
}

// gone reports whether the CRM no longer has an account, or never showed it.
func (p *pass) gone(g *journal.Group) bool {
	return g.Account == nil || g.Lost || p.deleted[g.ID]
}

// retires reports whether the organization of an account is marked or deleted, because the
// account is gone or has left.
func (p *pass) retires(g *journal.Group, left bool) bool {
	policy := ""
	switch {
	case p.Mark.Protect[g.ID]:
	case p.deleted[g.ID] || g.Deleted:
		policy = p.Gone.Deleted
	case p.gone(g):
		policy = p.Gone.Lost
	case left:
		policy = p.Gone.Left
	}
	return policy == string(changeset.GoneMark) || policy == string(changeset.GoneDelete)
}

// keptByOthers lists the domains of an organization that is retired and that go to another
// account, by the tie rule or because somebody decided so.
func (p *pass) keptByOthers(s *subject) []string {
	var out []string
	for _, d := range s.org.Have.Family(helpdesk.DomPrefix) {
		if open, lost := p.withheldFrom(s.group.ID, "", journal.ClaimDomain, d); lost && open == nil {
			out = append(out, helpdesk.DomPrefix+d)
		}
	}
	return out
}
