package changeset

import (
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// Verdict is what a comparison found.
type Verdict struct {
	Change *helpdesk.Change // nil: nothing to write and nothing held
	Notes  []Note           // what to note or forget as last written, without a write
	Items  []Item           // what waits for a person, the same on every run until it is settled
	Spent  []int64          // decisions that have lapsed or done their work
	InStep bool             // nothing to write, nothing held
	Absent bool             // wanted, not there, and not to be created
	Forget bool             // everything last written to the object is to be forgotten
}

// Note changes what is last written without a write: a value found as wanted, or
// one that was let go.
type Note struct {
	Field  string
	Value  helpdesk.Value
	Forget bool
}

// ItemClass sorts items as the journal does.
type ItemClass string

// The classes of items that a comparison yields.
const (
	ItemDrift   ItemClass = "drift"   // the helpdesk was edited: drifted or clashed
	ItemHeld    ItemClass = "held"    // computed and not written
	ItemFinding ItemClass = "finding" // worth a look, stops nothing
)

// Item is something that waits for a person. (Class, Code, Ref, Field) is its
// identity and stays the same from run to run.
type Item struct {
	Class            ItemClass
	Code             string // a cause or the kind of a hold: "drifted", "found", "rejected", "let go" …
	Account          string
	Ref              helpdesk.Ref
	Field            string // empty: the object as a whole
	Want, Have, Last helpdesk.Value
	Text             string
	Quiet            bool    // snoozed: kept, not alerted
	Until            day.Day // snoozed through this day
}
