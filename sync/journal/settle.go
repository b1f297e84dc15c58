package journal

import (
	"time"

	"github.com/desksync/desksync/helpdesk"
)

// Batch is a stretch of changes under way: after From, up to and including To.
type Batch struct {
	Run      int64
	No       int64
	From, To Pos
	Tokens   []string // the target's handles for work in flight
	Sent     time.Time
}

// Settled is what became of one change.
type Settled struct {
	Pos      Pos
	ChangeID string
	State    helpdesk.State
	Object   *Object      // applied: the row as it is now
	Fresh    bool         // applied: nothing was recorded of the object when it was compared
	Forget   bool         // applied: the object is gone from the target, the row goes
	Also     []ObjectNote // applied: further rows that change with it
	Token    string
	Err      error
}

// Outcome is a change that was not plainly applied; those that were are their
// batch.
type Outcome struct {
	Pos      Pos
	ChangeID string
	State    helpdesk.State
	Token    string
	Fault    string // the fault's kind
	Text     string // the error, in words
	At       time.Time
}
