// Package mapping turns the records of one account into the objects that a
// helpdesk should hold, each value with the rule it came from. Rules are
// expressions, compiled once against the source's columns and the target's
// fields. It does no I/O and reads no clock; what needs the whole set of accounts
// (names and domains claimed twice) it leaves to others, through Claims.
package mapping

import (
	"cmp"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sla"
)

// Mapper is a compiled mapping. It is safe for concurrent use; workers are not.
type Mapper struct {
	spec   Spec
	rules  *sla.Rules
	digest string
	rated  string // the digest of rules and rates; empty without rates of the source

	columns  map[crm.Role][]string
	slots    []*slot
	elements [scopes][]*slot // the columns of elements of lists

	only, wanted, create, scope, retain, arr *program

	name     *field
	steps    []step // the organization's fields and families, by name
	width    int    // fields of an organization without its families
	families map[string]*family
	people   *people
	related  *related

	watched       []*program // of the organization: look at the day, and claims do without them
	peopleWatched bool       // the same of a person

	charge      chargeSlots
	currencyAt  map[crm.Role]int
	currencies  []string            // that have a rate, for suggestions
	told        map[string]crm.Rate // what the source says, of those that the rules leave to it
	said        day.Day             // the day of which it said so
	shapes      map[helpdesk.Kind]helpdesk.Shape
	overridable []string // names of fields as overrides may write them
	today       bool
	parent      bool
}

// Columns returns what the rules read, by role: the order of the Values of every
// record given to a worker. A role that is missing need not be read at all.
func (m *Mapper) Columns() map[crm.Role][]string {
	out := make(map[crm.Role][]string, len(m.columns))
	for role, names := range m.columns {
		out[role] = slices.Clone(names)
	}
	return out
}

// Digest identifies everything that decides results: rules, catalogue, columns,
// fields, and what the source says of currencies. It changes when one of them does, and not when lines of the file move.
func (m *Mapper) Digest() string { return cmp.Or(m.rated, m.digest) }

// ReadsToday reports whether a rule uses today outside before, after and
// daysUntil: its accounts are mapped daily.
func (m *Mapper) ReadsToday() bool { return m.today }

// ReadsParent reports whether a rule reads parent or root: a change there
// changes the children.
func (m *Mapper) ReadsParent() bool { return m.parent }

// Shapes returns what the rules name on each kind of object.
func (m *Mapper) Shapes() map[helpdesk.Kind]helpdesk.Shape { return m.shapes }

// Spec returns what the mapper was compiled from.
func (m *Mapper) Spec() Spec { return m.spec }

// SLA returns the catalogue it works by.
func (m *Mapper) SLA() *sla.Rules { return m.rules }
