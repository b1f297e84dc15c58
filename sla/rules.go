package sla

import "github.com/desksync/desksync/internal/day"

// Rules is a checked catalogue. It is safe for concurrent use.
type Rules struct{}

// New checks a catalogue and returns every fault at once. The rules are usable
// for reporting even then, never for a run.
func New(c Config) (*Rules, []Problem) { return &Rules{}, nil }

// Evaluate returns what the charges entitle to on a day.
func (r *Rules) Evaluate(charges []Charge, ov *Override, on day.Day) Result { return Result{} }

// PolicyFor returns the policy that a ticket gets: the first that matches.
func (r *Rules) PolicyFor(t Ticket) (Policy, bool) { return Policy{}, false }
