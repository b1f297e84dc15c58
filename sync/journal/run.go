package journal

import (
	"encoding/json"
	"time"

	"github.com/desksync/desksync/internal/day"
)

// Mode is what a run is for.
type Mode string

// The modes.
const (
	Reconcile Mode = "reconcile"
	Diff      Mode = "diff"
	Forecast  Mode = "forecast" // a diff of another day: what it finds is no matter of today
	Apply     Mode = "apply"
	Undo      Mode = "undo"
	Approve   Mode = "approve"
	Observe   Mode = "observe"
	Again     Mode = "again" // the second try of what raced in a reconcile
	Merge     Mode = "merge" // one merge that somebody approved
	Adopt     Mode = "adopt" // existing objects are tied to records of the CRM, as a reviewed file says
)

// State is how a run stands or ended.
type State string

// The states. Only a run that is Running can be interrupted.
const (
	Running     State = "running"
	InStep      State = "in step"
	Applied     State = "applied"
	Previewed   State = "previewed" // there was something to do, and the run only looked
	Partly      State = "partly"
	Held        State = "held"
	Failed      State = "failed"
	Interrupted State = "interrupted" // stopped and given up
)

// Phase is where a run is.
type Phase string

// The phases, in order. Entering PhaseCompare fixes which dirty marks Seal will
// clear: marks made from then on survive it.
const (
	PhaseRead    Phase = "read"
	PhaseRefresh Phase = "refresh"
	PhaseMap     Phase = "map"
	PhaseResolve Phase = "resolve"
	PhaseCompare Phase = "compare"
	PhaseGuard   Phase = "guard"
	PhaseSeal    Phase = "seal"
	PhaseApply   Phase = "apply"
	PhaseFinish  Phase = "finish"
)

// RunSpec asks for a run.
type RunSpec struct {
	Pipeline int64
	Target   string // name of the target: one run per target at a time
	Mode     Mode
	Trigger  string  // who or what asked: "cron", "command", a name
	Holder   string  // the process; see HolderName
	Day      day.Day // the calendar day the run works with
	Digest   string  // of everything that decides results
	Config   string  // text of the configuration, stored once
	Parent   int64   // apply, undo, approve, again: the run it goes back to
}

// Run is one pass of one pipeline. The value Begin or Resume returns is the right
// to write for that run: once another process has taken the lock over, writes
// with it fail as fault.Raced and change nothing.
type Run struct {
	ID, Pipeline, Parent int64
	Target               string
	Mode                 Mode
	Trigger, Holder      string
	Day                  day.Day
	Digest               string // mapping digest
	Config               string // digest of the configuration's text, for ConfigOf
	State                State
	Phase                Phase
	Started              time.Time
	Sealed               time.Time // zero: not sealed
	Finished             time.Time // zero: not finished
	Changeset            string    // digest of the sealed changeset
	Totals               json.RawMessage
	Done                 int // changes settled as applied
	Failed, Skipped      int
	Error                string
	target               int64 // number of the target
	fence                int64 // of the lock; see guard
}

// Looks reports whether a run of this mode reads, maps and compares all by itself.
func (m Mode) Looks() bool {
	return m == Reconcile || m == Diff || m == Forecast || m == Observe
}

// Result ends a run.
type Result struct {
	State  State
	Totals json.RawMessage // stored as given; nil keeps what Seal stored
	Error  string
}

// RunFilter chooses runs; zero fields choose all.
type RunFilter struct {
	Pipeline int64
	State    State
	Mode     Mode
	Before   int64 // runs with a smaller id, for paging
}
