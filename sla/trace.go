package sla

import (
	"slices"

	"github.com/desksync/desksync/internal/day"
)

// State says what a charge counts for on a day.
type State string

// The states of a charge.
const (
	Counts   State = "active"
	InGrace  State = "in grace"
	Over     State = "over"
	NotBegun State = "not begun"
	Ignored  State = "status counts for nothing"
	NoRow    State = "no catalogue row"
)

// Trace is the whole way from charges to a policy, for people who ask why.
type Trace struct {
	Result   Result
	Charges  []ChargeTrace // those that count first, in the order of Result.Active; then the rest as given
	Override *Override     // as given, acting or not
	Policies []PolicyTrace // in order
}

// ChargeTrace is one charge and what becomes of it.
type ChargeTrace struct {
	Charge   Charge
	State    State
	Plan     *Plan   // catalogue row; nil: none
	Until    day.Day // last day it counts, with grace; 0: open
	SetAside bool    // active, and an override stands below it
}

// PolicyTrace is one policy and whether the tags match it; of those that match
// the first wins.
type PolicyTrace struct {
	Policy  Policy
	Matches bool
	Wins    bool
}

// Trace evaluates as Evaluate does and keeps every step.
func (r *Rules) Trace(charges []Charge, ov *Override, on day.Day) Trace {
	t := Trace{Result: r.Evaluate(charges, ov, on), Override: ov}
	for _, g := range t.Result.Active {
		t.Charges = append(t.Charges, r.traceCharge(t.Result, g.Charge, on))
	}
	for _, c := range charges {
		if ct := r.traceCharge(t.Result, c, on); ct.State != Counts && ct.State != InGrace {
			t.Charges = append(t.Charges, ct)
		}
	}
	t.Policies = r.tracePolicies(t.Result.Tags)
	return t
}

func (r *Rules) traceCharge(res Result, c Charge, on day.Day) ChargeTrace {
	t := ChargeTrace{Charge: c, State: r.state(&c, on), Plan: r.byProduct[c.Product]}
	if c.End != 0 {
		t.Until = r.lastDay(&c)
	}
	active := t.State == Counts || t.State == InGrace
	t.SetAside = active && t.Plan != nil && !slices.Contains(res.Plans, t.Plan.Name)
	return t
}

func (r *Rules) state(c *Charge, on day.Day) State {
	switch {
	case r.ignores(c.Status):
		return Ignored
	case !c.begun(on):
		return NotBegun
	case r.over(c, on):
		return Over
	case r.byProduct[c.Product] == nil:
		return NoRow
	case c.End != 0 && on > c.End:
		return InGrace
	default:
		return Counts
	}
}

func (r *Rules) tracePolicies(tags []string) []PolicyTrace {
	t := Ticket{Tags: tags}
	first := r.policyIndex(t)
	out := make([]PolicyTrace, len(r.policies))
	for i, p := range r.policies {
		out[i] = PolicyTrace{Policy: p, Matches: p.Filter.matches(t), Wins: i == first}
	}
	return out
}
