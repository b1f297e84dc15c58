package journal

import (
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// ClaimKind is what is claimed.
type ClaimKind uint8

// The kinds of claims.
const (
	ClaimName   ClaimKind = 1 // an organization's folded name
	ClaimDomain ClaimKind = 2
	ClaimEmail  ClaimKind = 3
)

// Claim says that an account wants something only one may have.
type Claim struct {
	Kind  ClaimKind
	Value string // folded: equal values contest
	Ref   string // e-mails: the contact; else empty
}

// Mapped is what mapping an account told.
type Mapped struct {
	Account string
	Next    day.Day // the next day on which the clock alone changes the result; 0: none
	Claims  []Claim
}

// Stranger is an object of the target that carries no CRM key.
type Stranger struct {
	Kind     helpdesk.Kind
	TargetID string
	Fields   helpdesk.Fields
	Claims   []Claim // Ref stays empty
}

// Holder is one side of a contest.
type Holder struct {
	Pipeline int64  // 0: a stranger
	Account  string // empty: a stranger
	Ref      string // e-mails: the contact
	TargetID string // strangers only
	Carries  string // strangers: the account whose id they carry in a field; empty: none
}

// Stranger reports whether the holder is an object that carries no CRM key.
func (h Holder) Stranger() bool { return h.Account == "" }

// Contest is a value that more than one claims: more than one account for names
// and domains, more than one contact for e-mails. One account in two pipelines
// does not contest with itself.
type Contest struct {
	Kind    ClaimKind
	Value   string
	Holders []Holder // sorted; at least two
}
