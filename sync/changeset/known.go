package changeset

import (
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// Known is everything desksync knows about one object besides what the rules want.
type Known struct {
	TargetID  string
	Last      helpdesk.Fields // last written; nil: never written
	Have      helpdesk.Fields // what the target holds, elements that are not ours included
	Exists    bool            // the target holds the object
	Linked    bool            // and it carries our key
	MovedBy   string          // what changed since last written: BySource, ByRule, ByClock or ByOverride
	Decisions []Decision      // of two on one field the later wins
	Writes24h map[string]int  // corrections of drift per field within the last 24 hours
}

// What may have moved a wanted value.
const (
	BySource   = "source"
	ByRule     = "rule"
	ByClock    = "clock" // a date announced in advance came
	ByOverride = "override"
)

// Action is what somebody decided about a field.
type Action string

// The actions. All but snooze lapse when what the rules want changes.
const (
	Keep   Action = "keep"   // leave what the helpdesk holds, in silence
	Revert Action = "revert" // write what the rules want, once
	Reject Action = "reject" // do not write this, and go on showing it
	Pin    Action = "undo"   // set by undo: not written again
	Snooze Action = "snooze" // held in silence through Until
	Adopt  Action = "adopt"  // the helpdesk's value is wanted, through an override made elsewhere
)

// Decision is what somebody decided about one field of an object, or about the
// object itself.
type Decision struct {
	ID     int64          // the journal's; returned in Verdict.Spent
	Field  string         // empty: the object as a whole
	Action Action         //
	Want   helpdesk.Value // the want it was made against; for a whole object see ObjectWant
	Until  day.Day        // snooze: the last silent day
	Reason string
	Author string
}

// Policies are a pipeline's answers where a rule has none of its own, and for an
// object as a whole. What is unset there too is held; only for whole objects the
// rules are asked before, and followed if they all say the same.
type Policies struct {
	OnFound, OnDrift, OnClash helpdesk.Policy
}

// DiffOptions is what a comparison depends on besides the object.
type DiffOptions struct {
	MayCreate bool     // a missing object may be created
	Day       day.Day  // today in the pipeline's zone
	Policies  Policies // of the pipeline
	Account   string   // the account whose mapping led here; empty: the account part of the key
	Name      string   // for people, of an object without a name such as a membership
	Silent    []string // fields or family prefixes on which the rules have no opinion this time
	Mark      Mark     // organizations: a mark we set is withdrawn from an object that is wanted again
}
