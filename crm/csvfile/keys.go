package csvfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/near"
)

// keyPositions says where the id columns stand in a file, the one that says that the
// CRM deleted a record, and the one with the account it was merged into; -1: nowhere.
type keyPositions struct{ id, account, parent, contact, deleted, master int }

// Usual names of id columns: as the API and Data Loader export them, as GitLab's
// formula fields call them, as reports label them. The first is the one to name.
var (
	accountIDs  = []string{"Id", "Account_ID_18__c", "Account ID", "Account ID (18)", "Account ID 18", "AccountId"}
	parentIDs   = []string{"ParentId", "Parent Account ID", "Parent_Account_ID__c", "Parent.Id"}
	childOf     = []string{"AccountId", "Account__c", "Account", "Account ID", "Account ID (18)", "Account_ID_18__c", "Account.Id", "Zuora__Account__c"}
	contactIDs  = []string{"Id", "Contact ID", "Contact ID (18)", "Contact_ID_18__c", "ContactId"}
	chargeIDs   = []string{"Id", "Charge ID", "Subscription ID", "Subscription Product & Charge: ID", "Asset ID", "Product: ID"}
	contactRefs = []string{"ContactId", "Contact__c", "Contact ID", "Contact ID (18)", "Contact.Id"}
	deletedMark = []string{DeletedColumn, "Deleted"}
	mergedInto  = []string{MasterColumn, "Master Record ID"}
	relationIDs = []string{"Id", "Account Contact Relationship ID", "AccountContactRelation ID", "Relationship ID"}
	teamIDs     = []string{"Id", "Account Team Member ID", "AccountTeamMember ID", "Team Member ID"}
)

var usualIDs = map[crm.Role][]string{
	crm.Account: accountIDs, crm.Contact: contactIDs, crm.Subscription: chargeIDs, crm.Relation: relationIDs, crm.Team: teamIDs,
}

// section is what the configuration calls a role.
var section = map[crm.Role]string{
	crm.Account: "accounts", crm.Contact: "contacts", crm.Subscription: "subscriptions", crm.Relation: "relations",
	crm.Team: "team",
}

// keys finds the id columns of a file. One that is missing is an error with all
// that is needed to mend it.
func (s *Source) keys(role crm.Role, h header) (keyPositions, error) {
	named := s.opt.Columns[role]
	p := keyPositions{account: -1, parent: -1, contact: -1, master: -1}
	var err error
	if p.id, err = s.key(role, h, "id", "the id of the "+string(role), named.ID, usualIDs[role]); err != nil {
		return p, err
	}
	if p.deleted, err = h.first(deletedMark); err != nil {
		return p, err
	}
	if role != crm.Account {
		p.account, err = s.key(role, h, "account", "the id of the account", named.Account, childOf)
	}
	if role == crm.Relation && err == nil {
		p.contact, err = s.key(role, h, "contact", "the id of the contact", named.Contact, contactRefs)
	}
	if role != crm.Account || err != nil {
		return p, err
	}
	if p.master, err = h.first(mergedInto); err != nil {
		return p, err
	}
	p.parent, err = h.first(candidates(named.Parent, parentIDs))
	if err == nil && p.parent < 0 && named.Parent != "" && named.Parent != parentIDs[0] {
		return p, s.missing(role, h, "parent", "the id of the parent account", []string{named.Parent})
	}
	return p, err
}

func (s *Source) key(role crm.Role, h header, key, what, named string, usual []string) (int, error) {
	names := candidates(named, usual)
	i, err := h.first(names)
	if err == nil && i < 0 {
		err = s.missing(role, h, key, what, names)
	}
	return i, err
}

// candidates are the names to look for. A name that the configuration gives
// stands alone, unless it is only the usual one.
func candidates(named string, usual []string) []string {
	if named == "" || named == usual[0] {
		return usual
	}
	return []string{named}
}

// first returns the position of the first of names that the file has, or -1.
func (h header) first(names []string) (int, error) {
	for _, name := range names {
		if i, err := h.find(name); i >= 0 || err != nil {
			return i, err
		}
	}
	return -1, nil
}

// missing says which column of which file is missing, what is there instead, and
// what to do about it.
func (s *Source) missing(role crm.Role, h header, key, what string, wanted []string) error {
	var quoted []string
	for _, name := range wanted[:min(3, len(wanted))] {
		quoted = append(quoted, quoteName(name))
	}
	remedy := fmt.Sprintf("add %s to the export, or name the column under sources.%s.columns.%s.%s", quoted[0], s.opt.Name, section[role], key)
	if s.opt.IDs == SalesforceIDs {
		remedy += " (with ids: text if the ids are not Salesforce's)"
	}
	return fmt.Errorf("%s has no column with %s (%s); it has %s%s: %s",
		h.path, what, choices(quoted...), h.list(), h.nearest(wanted), remedy)
}

// list names the columns, the first dozen of them.
func (h header) list() string {
	const shown = 12
	names := make([]string, 0, shown)
	for _, n := range h.names[:min(shown, len(h.names))] {
		names = append(names, quoteName(n))
	}
	list := strings.Join(names, ", ")
	if rest := len(h.names) - shown; rest > 0 {
		list += fmt.Sprintf(" and %d more", rest)
	}
	return list
}

// nearest names the column that looks most like one of the wanted, if any does.
func (h header) nearest(wanted []string) string {
	for _, w := range wanted {
		if name := near.Name(w, h.names); name != "" {
			return "; the nearest is " + quoteName(name)
		}
	}
	return ""
}

// column finds a column that a rule asks for.
func (h header) column(name string) (int, error) {
	i, err := h.find(name)
	if err != nil || i >= 0 {
		return i, err
	}
	return -1, fmt.Errorf("%s has no column %s; it has %s%s: add it to the export, or take it out of the rules", h.path, quoteName(name), h.list(), h.nearest([]string{name}))
}

// quoteName quotes a column name where a reader could not tell where it ends.
func quoteName(name string) string {
	if name == "" || strings.ContainsAny(name, " ,;()\"\n\t") {
		return fmt.Sprintf("%q", name)
	}
	return name
}

// choices joins alternatives for people: a, b or c; long lists are cut.
func choices(list ...string) string {
	list = slices.Compact(slices.Clone(list))
	if len(list) == 1 {
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}
