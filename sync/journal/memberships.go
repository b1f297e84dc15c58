package journal

import (
	"context"
	"slices"

	"github.com/desksync/desksync/internal/dbx"
)

// MembershipsOf returns the memberships of contacts, in whatever accounts, in key order
// for each page of contacts. It looks through all memberships of the target: it is for
// what happens rarely.
func (j *Journal) MembershipsOf(ctx context.Context, target string, contacts []string) ([]Object, error) {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return nil, err
	}
	var out []Object
	for page := range slices.Chunk(contacts, MaxPage) {
		cond, arg := among(j.db.Dialect, contactOf(j.db.Dialect), page)
		list, err := j.objects(ctx, selectObject+`WHERE o.target = ? AND o.kind = ? AND `+cond+` ORDER BY o.key`, id, kindMember, arg)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// contactOf is what stands behind the slash in the key of a membership.
func contactOf(d dbx.Dialect) string {
	if d == dbx.Postgres {
		return `split_part(o.key, '/', 2)`
	}
	return `substr(o.key, instr(o.key, '/') + 1)`
}
