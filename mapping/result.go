package mapping

import (
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sla"
)

// Group is one account with everything that hangs on it. The Values of every
// record stand in the order of Mapper.Columns for its role.
type Group struct {
	Account       crm.Record
	Parent, Root  *crm.Record // nil: none; a nil Root stands for the account itself
	Contacts      []crm.Record
	Subscriptions []crm.Record
	Relations     []crm.Record   // contacts of other accounts that belong here too
	Team          []crm.Record   // our own people who look after the account
	Overrides     []sla.Override // of this account, in order of precedence: the file before decisions
}

// Claims are what an account wants to hold alone among all accounts.
type Claims struct {
	Skip        string // why nothing is claimed; see Result.Skip
	Left        bool
	Name        string // folded; empty: no claim
	DisplayName string
	Domains     []string
	Emails      []EmailClaim
	Unmade      bool    // it surely gets no new organization: its claims count only where one is there
	Next        day.Day // the same as that of Result
}

// EmailClaim is an address, in lower case, and the contact that has it.
type EmailClaim struct{ Email, Contact string }

// Result is what the rules make of one account on one day.
type Result struct {
	// Skip says why no object is wanted: "not in scope: only", "left: wanted is
	// false", "left: retention ended 2024-12-20", "withheld: …".
	Skip      string
	Left      bool // a rule or a date skips it; false: a rule failed, and nothing is acted on
	MayCreate bool
	NotYet    bool // outside the scope: shown, and not written

	Org     helpdesk.Object
	Users   []helpdesk.Object // by contact id
	Members []helpdesk.Object // by helpdesk.MemberKey(account, contact)

	SLA      sla.Result
	ARR      float64  // of the account, in base currency
	Next     day.Day  // the next day on which the clock alone may change this result; 0: never
	Over     []string // contacts beyond the cap
	Findings []Finding

	// Withheld is what the rules have no opinion on this time, because a rule or a
	// value failed: "field:aar" of the organization, "tag:" for a whole family, the
	// reference of a user or membership, such as "membership/001…/003…". Whatever is
	// there stays.
	Withheld []string
}

// IsWithheld reports whether a field of the organization, or a user or membership
// by its reference, has no opinion this time: it is neither wanted nor given up.
func (r Result) IsWithheld(name string) bool {
	for _, w := range r.Withheld {
		if w == name || strings.HasSuffix(w, ":") && strings.HasPrefix(name, w) {
			return true
		}
	}
	return false
}

// Finding is something worth a person's look that stops nothing else.
type Finding struct {
	Code    string  // such as unknown_product; the same from run to run
	Subject string  // what it is about: a field, a contact id, a product
	Text    string  // one sentence: what, where, what to do
	ARR     float64 // of the account, in base currency
}
