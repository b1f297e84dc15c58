// Package mapping turns the records of one account into the objects that a
// helpdesk should hold, each value with the rule it came from. Rules are
// expressions, compiled once against the source's columns and the target's
// fields. It does no I/O and reads no clock; what needs the whole set of accounts
// (names and domains claimed twice) it leaves to others, through Claims.
package mapping

import (
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sla"
)

// Mapper is a compiled mapping. It is safe for concurrent use; workers are not.
type Mapper struct {
	columns map[crm.Role][]string
	shapes  map[helpdesk.Kind]helpdesk.Shape
}

// Compile checks a mapping against what the source can read and what the target
// can hold, and reports every fault at once. The mapper is nil if there is any.
func Compile(spec Spec, schema crm.Schema, caps helpdesk.Capabilities, rules *sla.Rules) (*Mapper, []Problem) {
	return &Mapper{}, nil
}

// Columns returns what the rules read, by role: the order of the Values of every
// record given to a worker. A role that is missing need not be read at all.
func (m *Mapper) Columns() map[crm.Role][]string { return m.columns }

// Digest identifies everything that decides results: rules, catalogue, columns,
// fields. It changes when one of them does, and not when lines of the file move.
func (m *Mapper) Digest() string { return "" }

// ReadsToday reports whether a rule uses today outside before, after and
// daysUntil: its accounts are mapped daily.
func (m *Mapper) ReadsToday() bool { return false }

// ReadsParent reports whether a rule reads parent or root: a change there
// changes the children.
func (m *Mapper) ReadsParent() bool { return false }

// Shapes returns what the rules name on each kind of object.
func (m *Mapper) Shapes() map[helpdesk.Kind]helpdesk.Shape { return m.shapes }

// NewWorker returns a worker, for one goroutine.
func (m *Mapper) NewWorker() *Worker { return &Worker{m: m} }

// Worker maps accounts, one at a time; it owns the buffers that make it cheap.
type Worker struct{ m *Mapper }

// Claims returns what an account would hold alone, without mapping the rest of it.
func (w *Worker) Claims(g *Group, on day.Day) (Claims, error) { return Claims{}, nil }

// Map returns what the rules make of an account. The result shares no memory
// with the worker. An error means that the group itself is unusable; a rule that
// fails is a finding.
func (w *Worker) Map(g *Group, on day.Day) (Result, error) { return Result{}, nil }
