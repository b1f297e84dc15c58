package changeset

import (
	"github.com/desksync/desksync/helpdesk"
)

// Summary counts the changes of a run for its closing lines. The zero Summary is
// empty and ready.
type Summary struct {
	Todo      map[helpdesk.Kind]map[helpdesk.Op]int // changes with something to write
	Held      int                                   // deltas, or whole changes, that wait for a decision
	Withheld  int                                   // the same, in conflict; people see Conflicts
	Conflicts int                                   // set by the caller
	InStep    int                                   // set by the caller: organizations with nothing to do
}

// Add counts a change.
func (s *Summary) Add(ch *helpdesk.Change) {}

// Writes returns how many changes have something to write.
func (s *Summary) Writes() int { return 0 }

// String returns the line for people: "61 organizations to update, 2 to create, 1 to
// mark; 1 held, 1 conflict, 11,139 in step".
func (s *Summary) String() string { return "" }

// Cost is what applying a changeset takes of the target's budget.
type Cost struct {
	Calls     int     `json:"calls"`
	Batches   int     `json:"batches"` // calls that carry more than one change
	PerMinute int     `json:"per_minute"`
	Minutes   float64 `json:"minutes"`
}

// Estimate returns the cost of what a summary counted.
func Estimate(caps helpdesk.Capabilities, s Summary) Cost { return Cost{} }

// String returns the line for people: "Cost: 4 calls of 200 a minute, about 2 s".
func (c Cost) String() string { return "" }
