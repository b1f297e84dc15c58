package account

import (
	"strings"
	"unicode/utf8"
)

// fillOrganization writes a patch into a draft, tags before fields, as a dropdown brings
// its tag along.
func (a *Account) fillOrganization(o *Organization, p Patch) (dropped []string, err *Problem) {
	for _, key := range p.keys() {
		if key == "organization_fields" {
			continue
		}
		known, err := a.fillAttribute(o, p, key)
		if err != nil {
			return dropped, err
		}
		if !known {
			dropped = append(dropped, "organization."+key)
		}
	}
	fields, err := p.Object("organization_fields")
	if err != nil {
		return dropped, err
	}
	more, err := a.fillValues(o, fields)
	return append(dropped, more...), err
}

// fillAttribute writes one attribute; false where there is no such one to write.
func (a *Account) fillAttribute(o *Organization, p Patch, key string) (known bool, err *Problem) {
	switch key {
	case "name":
		o.Name, err = p.Text(key)
		o.Name = strings.TrimSpace(o.Name)
	case "external_id":
		o.ExternalID, err = p.Text(key)
	case "details":
		o.Details, err = p.Text(key)
	case "notes":
		o.Notes, err = p.Text(key)
	case "group_id":
		o.GroupID, err = p.ID(key)
	case "shared_tickets":
		o.SharedTickets, err = p.Flag(key)
	case "shared_comments":
		o.SharedComments, err = p.Flag(key)
	case "domain_names":
		o.Domains, err = p.Words(key)
		for i, d := range o.Domains {
			o.Domains[i] = strings.ToLower(d)
		}
	case "tags":
		var tags []string
		if tags, err = p.Words(key); err == nil {
			a.replaceTags(o, tags)
		}
	default:
		return false, nil
	}
	return true, err
}

// checkOrganization refuses what the vendor refuses of a draft; old is nil for a new one.
func (a *Account) checkOrganization(old, draft *Organization) *Problem {
	if old == nil || old.Name != draft.Name {
		if err := a.checkName(old, draft.Name); err != nil {
			return err
		}
	}
	if other := a.OrganizationByExternalID(draft.ExternalID); draft.ExternalID != "" && other != nil && other != old {
		return taken("external_id", "External", draft.ExternalID)
	}
	if draft.merge != nil && draft.merge.WinnerID == draft.ID && !same(&Organization{Domains: old.Domains}, &Organization{Domains: draft.Domains}) {
		return invalid("domain_names", "Domain names", "cannot be changed during a merge", "OrganizationBeingMerged")
	}
	return nil
}

// checkName holds a name against the rules: not blank, no pipe, unique without regard to
// letter case (reference §5).
func (a *Account) checkName(old *Organization, name string) *Problem {
	switch {
	case name == "":
		return blank("name", "Name")
	case strings.Contains(name, "|"):
		return invalid("name", "Name", "cannot contain the character |", "InvalidValue")
	case utf8.RuneCountInString(name) > a.Rules.MaxNameLength:
		return invalid("name", "Name", "is too long", "InvalidFieldLength")
	}
	for _, other := range a.OrganizationsByName(name) {
		if other != old && !a.unseen(old, other) {
			return taken("name", "Name", name)
		}
	}
	return nil
}

// unseen says whether a create does not see another one yet, as both came at once.
func (a *Account) unseen(old, other *Organization) bool {
	return old == nil && float64(a.second()-other.Created) < a.Rules.RaceSeconds
}
