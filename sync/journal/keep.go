package journal

import (
	"context"
	"time"
)

// Person names whom to forget: at least one of Email and Contact.
type Person struct {
	Email   string
	Contact string // contact id
	Who     string // who asked, for the receipt
	Reason  string
	// Beside redacts what stands in the same database and is not the journal's, by what the
	// journal knows of the person by then, and says how many rows by table; nil: nothing does.
	Beside func(ctx context.Context, redact func(string) string) (map[string]int, error)
}

// Receipt says what Forget redacted; it holds nothing of the person.
type Receipt struct {
	ID     int64
	At     time.Time
	Counts map[string]int // rows redacted by table
}

// Retention says how long to keep what; a zero duration keeps for ever.
type Retention struct {
	Runs      time.Duration // finished runs with their changes and outcomes
	KeepRuns  int           // per pipeline, at least so many finished runs stay; at least 1
	Items     time.Duration // items and alerts that are over, messages that were sent
	Decisions time.Duration // released decisions
	Audit     time.Duration
}
