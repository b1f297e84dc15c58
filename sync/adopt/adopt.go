// Package adopt proposes which objects of a helpdesk that was kept by hand, or by other
// programs, belong to which records of the CRM, and why; it writes the proposals as CSV
// for review, and checks what came back. It does nothing else: no clock, no network, no
// logging. The same input always gives the same proposals.
package adopt

import (
	"cmp"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// Evidence is what speaks for a link; several may.
type Evidence uint8

// The evidence, the strongest first. An id of 15 characters is as good as one of 18, and
// so is one whose letter case was lost and can be restored (crm.ParseID, crm.RestoreCase).
const (
	ByExternalID Evidence = 1 << iota // the helpdesk's external id is the record's id
	ByIDField                         // the field of Match.IDField holds the record's id
	ByName                            // the folded names are equal (fold.Name)
	ByDomain                          // one of the record's domains is one of the organization's
	ByEmail                           // the user's e-mail is the contact's, letter case aside
	ByCase                            // an id of 15 characters that differs from the record's in letter case only
)

var evidenceNames = []string{"external id", "id field", "name", "domain", "e-mail", "id in other letter case"}

// String renders "external id + name"; nothing is empty.
func (e Evidence) String() string {
	var out []string
	for i, name := range evidenceNames {
		if e&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return strings.Join(out, " + ")
}

// Link is the decision column of a proposal.
type Link string

// The decisions. Only Yes is acted on.
const (
	Linked Link = "linked" // is so already
	Yes    Link = "yes"
	Ask    Link = "?" // somebody has to write yes or no
	No     Link = "no"
	None   Link = "" // there is nothing to link
)

// Wanted is an organization or a user that the rules want.
type Wanted struct {
	Ref     helpdesk.Ref
	Account string
	Name    string
	Email   string   // users
	Domains []string // organizations
}

// Held is an object that the helpdesk holds.
type Held struct {
	ID      string // the helpdesk's own
	Key     string // the external id as it stands there; empty: none
	FieldID string // what stands in the id field; empty: nothing, or there is no such field
	Name    string
	Email   string
	Domains []string
	Spared  string // users: why no sync may write them; empty: it may
	Stored  string // under which key the journal has it; empty: as a stranger
}

// Proposal is what is proposed for one wanted object.
type Proposal struct {
	Wanted
	Held     *Held // the one to link; nil: none, or several
	Evidence Evidence
	Link     Link
	Reason   string
}

// Label names a person together with the address, and an organization by its name.
func label(name, email string) string {
	if email == "" {
		return name
	}
	return strings.TrimSpace(name + " <" + email + ">")
}

// order sorts what is wanted: organizations, then users, each by account and key.
func order(a, b *Wanted) int {
	return cmp.Or(cmp.Compare(a.Ref.Kind, b.Ref.Kind), strings.Compare(a.Account, b.Account), strings.Compare(a.Ref.Key, b.Ref.Key))
}

// distinct sorts what is wanted, each object once: a contact of several accounts is one
// user, and goes with the first of them.
func distinct(wanted []Wanted) []Wanted {
	out := slices.Clone(wanted)
	slices.SortFunc(out, func(a, b Wanted) int { return order(&a, &b) })
	seen := make(map[helpdesk.Ref]bool, len(out))
	return slices.DeleteFunc(out, func(w Wanted) bool {
		twice := seen[w.Ref]
		seen[w.Ref] = true
		return twice
	})
}
