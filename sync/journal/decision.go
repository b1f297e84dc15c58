package journal

import (
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// ActionOverride is the action of a decision that overrides a value; the other
// actions (keep, revert, reject, undo, snooze, adopt) are the caller's words.
const ActionOverride = "override"

// Decision is what a person decided about a field, an object or an account.
type Decision struct {
	ID       int64
	Pipeline int64
	Account  string
	Kind     helpdesk.Kind
	Key      string
	Field    string
	Action   string
	Want     helpdesk.Value // the want it was decided against
	Value    helpdesk.Value // overrides: the value that acts
	From     day.Day        // 0: at once
	Until    day.Day        // inclusive; 0: no end
	Reason   string
	Author   string
	At       time.Time // PutDecision fills it in
	Item     int64     // the item it answers; 0: none
	Run      int64     // the run it concerns; 0: none
	Released time.Time // zero: in force
	Why      string    // why it was released
}

// DecisionFilter chooses decisions; zero fields choose all in force.
type DecisionFilter struct {
	Pipeline int64
	Accounts []string // at most MaxPage
	Action   string
	Run      int64
	Released bool  // also released ones
	After    int64 // ids above, for paging
}

// Audit is one line of who did what.
type Audit struct {
	ID     int64
	At     time.Time // AddAudit fills it in
	Who    string
	What   string // "decision", "approve", "forget", "rebind", …
	Ref    string
	Detail string
}
