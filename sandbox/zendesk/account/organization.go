package account

import (
	"slices"
	"strings"
)

// Organization is one organization. Empty texts are null.
type Organization struct {
	ID             int64
	Name           string
	ExternalID     string
	Details, Notes string
	GroupID        int64
	Domains, Tags  []string
	Values         []Value
	SharedTickets  bool
	SharedComments bool
	Created        int64 // unix seconds, as all times
	Updated        int64
	Deleted        int64 // 0: it lives

	members []*Membership
	merge   *Merge // it is part of, and that is under way
}

// Organization returns one that lives, or nil.
func (a *Account) Organization(id int64) *Organization {
	if o := a.orgs.get(id); o != nil && o.Deleted == 0 {
		return o
	}
	return nil
}

// OrganizationByExternalID finds one without regard to letter case, or nil.
func (a *Account) OrganizationByExternalID(id string) *Organization {
	if id == "" {
		return nil
	}
	return a.orgExternal.get(strings.ToLower(id))
}

// OrganizationsByName finds those with exactly this name, letter case and space around it
// aside: one, or more where two creates met.
func (a *Account) OrganizationsByName(name string) []*Organization {
	return a.orgNames.all(fold(name))
}

// CreateOrganization makes one; dropped are keys that mean nothing.
func (a *Account) CreateOrganization(p Patch) (o *Organization, dropped []string, err *Problem) {
	draft := &Organization{Created: a.second()}
	if dropped, err = a.fillOrganization(draft, p); err != nil {
		return nil, dropped, err
	}
	if err := a.checkOrganization(nil, draft); err != nil {
		return nil, dropped, err
	}
	draft.ID = a.orgs.add(draft)
	a.indexOrganization(draft)
	a.orgLive++
	a.touchOrganization(draft)
	a.emit("organization.created", draft, nil, nil)
	a.pullIn(draft, draft.Domains)
	return draft, dropped, nil
}

// UpdateOrganization changes what the patch names. What is as it was leaves no trace.
func (a *Account) UpdateOrganization(o *Organization, p Patch) (dropped []string, err *Problem) {
	if o.merge != nil && o.merge.LoserID == o.ID && a.Rules.MergeRefusesEdits {
		return nil, invalid("base", "Organization", "is being merged and cannot be changed", "OrganizationBeingMerged")
	}
	draft := *o
	draft.Domains, draft.Tags, draft.Values = slices.Clone(o.Domains), slices.Clone(o.Tags), slices.Clone(o.Values)
	if dropped, err = a.fillOrganization(&draft, p); err != nil {
		return dropped, err
	}
	if err := a.checkOrganization(o, &draft); err != nil {
		return dropped, err
	}
	a.commit(o, &draft)
	return dropped, nil
}

// commit puts a checked draft in place of the organization.
func (a *Account) commit(o, draft *Organization) {
	before := *o
	if same(&before, draft) {
		return
	}
	sorted := a.byName
	a.unindexOrganization(o)
	*o = *draft
	a.indexOrganization(o)
	if before.Name == o.Name {
		a.byName = sorted
	}
	if a.Rules.DomainsTouch || !sameButDomains(&before, o) {
		a.touchOrganization(o)
	}
	a.tell(&before, o)
	a.leave(o, without(before.Domains, o.Domains))
	a.pullIn(o, without(o.Domains, before.Domains))
}

func same(x, y *Organization) bool {
	return sameButDomains(x, y) && slices.Equal(x.Domains, y.Domains)
}

func sameButDomains(x, y *Organization) bool {
	return x.Name == y.Name && x.ExternalID == y.ExternalID && x.Details == y.Details && x.Notes == y.Notes && x.GroupID == y.GroupID &&
		x.SharedTickets == y.SharedTickets && x.SharedComments == y.SharedComments && slices.Equal(x.Tags, y.Tags) && slices.Equal(x.Values, y.Values)
}

// without is what of list is not in other.
func without(list, other []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(other, s) {
			out = append(out, s)
		}
	}
	return out
}

func (a *Account) indexOrganization(o *Organization) {
	a.orgNames.add(fold(o.Name), o)
	if o.ExternalID != "" {
		a.orgExternal.add(strings.ToLower(o.ExternalID), o)
	}
	for _, d := range o.Domains {
		a.orgDomains[d] = append(a.orgDomains[d], o)
	}
	a.byName = nil
}

func (a *Account) unindexOrganization(o *Organization) {
	a.orgNames.drop(fold(o.Name), o)
	if o.ExternalID != "" {
		a.orgExternal.drop(strings.ToLower(o.ExternalID), o)
	}
	for _, d := range o.Domains {
		a.orgDomains[d] = slices.DeleteFunc(a.orgDomains[d], func(x *Organization) bool { return x == o })
		if len(a.orgDomains[d]) == 0 {
			delete(a.orgDomains, d)
		}
	}
	a.byName = nil
}

// touchOrganization moves updated_at, and with it the place in the export.
func (a *Account) touchOrganization(o *Organization) {
	now := a.second()
	if o.Updated >= now {
		return // the entry of this second serves
	}
	if o.Updated != 0 {
		a.orgFeed.sweep(a.liveOrganizationEntry)
	}
	o.Updated = a.orgFeed.add(now, o.ID-a.orgs.first)
}

func (a *Account) liveOrganizationEntry(e entry) bool { return a.orgs.rows[e.row].Updated == e.at }
