package domains

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/fold"
)

// Tie says who gets a domain that several organizations claim.
type Tie uint8

// The rules for ties.
const (
	Nobody       Tie = iota // a conflict: nobody is attached by the domain
	LowestID                // the organization with the lowest id in the helpdesk
	Alphabetical            // the first by name
)

var tieNames = [...]string{Nobody: "nobody", LowestID: "lowest_id", Alphabetical: "alphabetical"}

// String returns the rule's name in the configuration.
func (t Tie) String() string {
	if int(t) < len(tieNames) {
		return tieNames[t]
	}
	return fmt.Sprintf("tie %d", uint8(t))
}

// ParseTie reads a rule's name; the empty name is Nobody.
func ParseTie(name string) (Tie, error) {
	if name == "" {
		return Nobody, nil
	}
	if i := slices.Index(tieNames[:], name); i >= 0 {
		return Tie(i), nil
	}
	return Nobody, fmt.Errorf("%q is no rule for ties; write one of %s", name, strings.Join(tieNames[:], ", "))
}

// Claim is one organization's claim to a domain.
type Claim struct {
	Domain string // in the form of Clean
	ID     string // the helpdesk's id of the organization; empty until it exists there
	Name   string // the organization's name
	Key    string // the id the CRM gave it; empty for strangers
}

// String returns the organization as messages show it.
func (c Claim) String() string {
	return fmt.Sprintf("%q (%s)", c.Name, cmp.Or(c.ID, c.Key, "new"))
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
	return cmp.Or(strings.Compare(fold.Name(a.Name), fold.Name(b.Name)), byID(a, b))
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
