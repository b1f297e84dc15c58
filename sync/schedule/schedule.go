// Package schedule says when pipelines run, and carries their runs over one machine or
// many. Cron entries become ticks: rows that are unique on pipeline, kind and nominal
// time, so that one tick is one run however many replicas fire it and whatever their
// clocks say. A queue (River, on SQLite or PostgreSQL) carries a job for each pipeline
// with ticks that are due; who works it holds the pipeline's turn, a row with a
// heartbeat by the database's clock and a fence. What a pass is, the package does not
// know: it is given a Runner.
package schedule

import (
	"context"
	"slices"
	"time"
)

// Kind says how much a pass reads.
type Kind string

// The kinds, from the least to the most.
const (
	Delta Kind = "delta" // what changed at the source, as far as it can tell
	Full  Kind = "full"  // all of the source
	Audit Kind = "audit" // all of the source and of the target
)

var kinds = []Kind{Delta, Full, Audit}

// widest is the kind that does the work of all.
func widest(ticks []Tick) Kind {
	w := 0
	for _, t := range ticks {
		w = max(w, slices.Index(kinds, t.Kind))
	}
	return kinds[w]
}

// Tick is one time at which a pipeline was to run.
type Tick struct {
	Pipeline string
	Kind     Kind
	Nominal  time.Time // as the cron entry says, to the second
	Due      time.Time // nominal and jitter
	Spec     string    // the entry that asked for it
}

func soonestFirst(ticks []Tick) {
	slices.SortFunc(ticks, func(a, b Tick) int { return a.Due.Compare(b.Due) })
}

// Work is what a pass is asked for: it answers all ticks of a pipeline that are due.
type Work struct {
	Pipeline string
	Kind     Kind
	Ticks    []Tick
	Phase    func(phase string) // told as the pass proceeds
}

// State is how a pass ended.
type State string

// The states.
const (
	Done    State = "done"    // came to its end
	Stopped State = "stopped" // was asked to stop and can go on
	Busy    State = "busy"    // another run holds the target
	Failed  State = "failed"  // would fail again until someone changes something
	Retry   State = "retry"   // failed, and may go well later
)

// Result is what a Runner says of a pass.
type Result struct {
	State State
	Run   int64  // 0: none was begun
	Text  string // what went wrong, or who holds the target
}

// Runner makes passes. Run returns when the pass ended, soon after ctx is done at the
// latest; a pass that ctx stopped must be able to go on in any process.
type Runner interface {
	Run(ctx context.Context, w Work) Result
}

// Gate is a Runner that knows who else may keep a pass waiting: a command that holds the
// target, say. A pass that would only find it taken is not begun, and opens nothing.
type Gate interface {
	// Held says who holds what a pipeline's pass needs; empty: nobody.
	Held(ctx context.Context, pipeline string) (string, error)
}
