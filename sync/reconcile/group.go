package reconcile

import (
	"context"
	"slices"

	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// Staged is an account as the rules see it, with the two digests that tell whether
// the source or a rule moved since its objects were written; see journal.Object.
type Staged struct {
	mapping.Group
	Source, Digest string
}

// Groups returns accounts as the rules see them: what the last read staged under
// each, and the overrides. An account that is not staged, or was missing from the
// last complete read, is left out.
func (r *Reconciler) Groups(ctx context.Context, accounts []string) ([]Staged, error) {
	p, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	var out []Staged
	for page := range slices.Chunk(sortedUnique(slices.Clone(accounts)), r.opt.Page) {
		staged, err := r.journal.Groups(ctx, p.pipe.ID, page)
		if err != nil {
			return nil, err
		}
		if out, err = p.addGroups(ctx, out, staged); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *pass) addGroups(ctx context.Context, out []Staged, staged []journal.Group) ([]Staged, error) {
	if err := p.loadKin(ctx, staged); err != nil {
		return nil, err
	}
	for i := range staged {
		if staged[i].Account == nil || staged[i].Lost {
			continue
		}
		g, err := p.groupOf(&staged[i])
		if err != nil {
			return nil, err
		}
		b := p.basisOf(&staged[i])
		out = append(out, Staged{g, b.source, b.rules})
	}
	return out, nil
}
