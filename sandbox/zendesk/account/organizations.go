package account

import (
	"cmp"
	"slices"
	"strings"
)

// Organizations yields those that live, by id, from behind one id.
func (a *Account) Organizations(after int64) func(yield func(*Organization) bool) {
	return func(yield func(*Organization) bool) {
		for i := max(0, after-a.orgs.first+1); i < int64(len(a.orgs.rows)); i++ {
			if o := a.orgs.rows[i]; o.Deleted == 0 && !yield(o) {
				return
			}
		}
	}
}

// OrganizationsByNameOrder are all, sorted by name without regard to letter case.
func (a *Account) OrganizationsByNameOrder() []*Organization {
	if a.byName == nil {
		a.byName = make([]*Organization, 0, a.orgLive)
		for o := range a.Organizations(0) {
			a.byName = append(a.byName, o)
		}
		keys := make(map[*Organization]string, len(a.byName))
		for _, o := range a.byName {
			keys[o] = fold(o.Name)
		}
		slices.SortFunc(a.byName, func(x, y *Organization) int {
			return cmp.Or(strings.Compare(keys[x], keys[y]), cmp.Compare(x.ID, y.ID))
		})
	}
	return a.byName
}

// sortByName sorts a few organizations.
func sortByName(list []*Organization) []*Organization {
	slices.SortFunc(list, func(x, y *Organization) int {
		return cmp.Or(strings.Compare(fold(x.Name), fold(y.Name)), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// Pick finds organizations by ids or external ids, sorted by name; missing ones are left out.
func (a *Account) Pick(ids []int64, external []string) []*Organization {
	var out []*Organization
	seen := map[*Organization]bool{}
	take := func(o *Organization) {
		if o != nil && !seen[o] {
			seen[o] = true
			out = append(out, o)
		}
	}
	for _, id := range ids {
		take(a.Organization(id))
	}
	for _, id := range external {
		take(a.OrganizationByExternalID(id))
	}
	return sortByName(out)
}

// Complete finds organizations whose name begins so, as the index knew them some time ago.
func (a *Account) Complete(prefix string, limit int) []*Organization {
	var out []*Organization
	for _, o := range a.OrganizationsByNameOrder() {
		if strings.HasPrefix(fold(o.Name), fold(prefix)) && a.Indexed(o.Updated) {
			if out = append(out, o); len(out) == limit {
				break
			}
		}
	}
	return out
}

// Indexed says whether what changed then is in the search index by now.
func (a *Account) Indexed(updated int64) bool {
	return float64(a.second()-updated) >= a.Rules.IndexLag
}

// DeleteOrganization removes one: memberships go, another becomes the default of who had
// it, tickets that are not closed lose it.
func (a *Account) DeleteOrganization(o *Organization) *Problem {
	if o.merge != nil && a.Rules.MergeRefusesEdits {
		return invalid("base", "Organization", "is being merged and cannot be deleted", "OrganizationBeingMerged")
	}
	a.remove(o)
	return nil
}

func (a *Account) remove(o *Organization) {
	for _, m := range slices.Clone(o.members) {
		a.dropMembership(m)
	}
	a.detachTickets(o.ID, 0)
	a.unindexOrganization(o)
	a.emit("organization.deleted", o, nil, nil)
	o.members, o.merge = nil, nil
	a.orgLive--
	a.touchOrganization(o)
	o.Deleted = o.Updated
}
