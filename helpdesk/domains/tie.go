package domains

import (
	"cmp"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/fold"
)

// Tie says who gets a domain that several organizations claim.
type Tie string

// The rules for ties, as the configuration names them.
const (
	Nobody       Tie = "nobody"       // a conflict: nobody is attached by the domain
	LowestID     Tie = "lowest_id"    // the organization with the lowest id in the helpdesk
	Alphabetical Tie = "alphabetical" // the first by name
)

// Claim is what a tie is decided by: an organization that claims a domain.
type Claim struct {
	ID   string // the helpdesk's id; empty until it exists there
	Name string // empty where nobody knows it yet
	Key  string // the id the CRM gave it; empty for strangers
}

// Winner returns which of several claimants has a domain; false: nobody has.
func Winner[T any](tie Tie, claimants []T, claim func(T) Claim) (T, bool) {
	order := map[Tie]func(a, b Claim) int{LowestID: byID, Alphabetical: byName}[tie]
	if order == nil || len(claimants) == 0 {
		var none T
		return none, false
	}
	return slices.MinFunc(claimants, func(a, b T) int { return order(claim(a), claim(b)) }), true
}

// byID orders claims by the helpdesk's id: numbers as numbers, before ids of
// letters. An organization that is still to be created comes after all others,
// by key: in that order they are created.
func byID(a, b Claim) int {
	return cmp.Or(
		emptyLast(a.ID, b.ID),
		compareNumbers(a.ID, b.ID),
		strings.Compare(a.ID, b.ID),
		emptyLast(a.Key, b.Key),
		strings.Compare(a.Key, b.Key),
		strings.Compare(a.Name, b.Name),
	)
}

// byName orders claims by name without regard to case and spacing, then by id.
func byName(a, b Claim) int {
	nameA, nameB := fold.Name(a.Name), fold.Name(b.Name)
	return cmp.Or(emptyLast(nameA, nameB), strings.Compare(nameA, nameB), byID(a, b))
}

// compareNumbers orders numbers of any size before other ids, and leaves the
// order of those open.
func compareNumbers(a, b string) int {
	switch numA, numB := allDigits(a), allDigits(b); {
	case numA && numB:
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	case numA:
		return -1
	case numB:
		return 1
	}
	return 0
}

func emptyLast(a, b string) int {
	switch {
	case a == "" && b != "":
		return 1
	case a != "" && b == "":
		return -1
	}
	return 0
}
