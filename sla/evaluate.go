package sla

import (
	"cmp"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/day"
)

// Evaluate returns what the charges entitle to on a day.
func (r *Rules) Evaluate(charges []Charge, ov *Override, on day.Day) Result {
	var res Result
	r.EvaluateInto(&res, charges, ov, on)
	return res
}

// EvaluateInto is Evaluate into the memory of an earlier result.
func (r *Rules) EvaluateInto(res *Result, charges []Charge, ov *Override, on day.Day) {
	res.reset()
	begun, open := false, false
	for i := range charges {
		c := &charges[i]
		if r.ignores(c.Status) {
			continue
		}
		begun = begun || c.begun(on)
		open = open || c.End == 0
		res.Expiration = max(res.Expiration, c.End)
		r.count(res, c, on)
	}
	if open {
		res.Expiration = 0
	}
	slices.SortFunc(res.Active, better)
	slices.Sort(res.Products)
	r.decide(res, r.acting(res, ov, on), begun)
}

// acting returns the plan that an override sets on this day, and notes the
// boundaries of the override.
func (r *Rules) acting(res *Result, ov *Override, on day.Day) *Plan {
	if ov == nil {
		return nil
	}
	p, known := r.byName[ov.Value]
	if !known {
		return nil
	}
	res.boundary(ov.Next(on), on)
	if !ov.Acts(on) {
		return nil
	}
	res.Override = ov
	return p
}

// decide applies override, order, tags and policy, in this order. An override
// stands for the best plan: better ones give way to it, lesser ones stay beside it.
func (r *Rules) decide(res *Result, forced *Plan, begun bool) {
	best := forced
	if best == nil || best.Flag {
		best = res.best()
	}
	if best == nil && begun {
		best = r.expired
	}
	res.Expired = best != nil && best == r.expired || best == nil && begun
	if best != nil {
		res.Plan, res.Rank = best.Name, best.Index+1
		res.inForce(best)
	}
	for i := range res.Active {
		if p := res.Active[i].Plan; p.Flag || best != nil && p.Index > best.Index {
			res.inForce(p)
		}
	}
	if forced != nil {
		res.inForce(forced)
	}
	slices.Sort(res.Tags)
	if i := r.policyIndex(Ticket{Tags: res.Tags}); i >= 0 {
		res.Policy = r.policies[i].Name
	}
}

// count notes what one charge gives today, and when that changes.
func (r *Rules) count(res *Result, c *Charge, on day.Day) {
	if !c.begun(on) {
		res.boundary(c.Start, on)
		return
	}
	if r.over(c, on) {
		return
	}
	if c.End != 0 {
		res.boundary(r.lastDay(c)+1, on)
	}
	p, known := r.byProduct[c.Product]
	if !known {
		res.Unknown = append(res.Unknown, *c)
		return
	}
	res.Active = append(res.Active, Grant{Plan: p, Charge: *c, InGrace: c.End != 0 && on > c.End})
	res.Seats = max(res.Seats, c.Quantity)
	if !slices.Contains(res.Products, c.Product) {
		res.Products = append(res.Products, c.Product)
	}
}

func (r *Rules) ignores(status string) bool {
	return status != "" && slices.ContainsFunc(r.inactive, func(s string) bool { return strings.EqualFold(s, status) })
}

// lastDay is the last day on which a charge with an end counts.
func (r *Rules) lastDay(c *Charge) day.Day { return c.End + day.Day(r.grace) } //nolint:gosec // a grace is a few days

func (r *Rules) over(c *Charge, on day.Day) bool { return c.End != 0 && on > r.lastDay(c) }

func (c *Charge) begun(on day.Day) bool { return c.Start <= on }

// best returns the plan of the best active charge; flags are none.
func (res *Result) best() *Plan {
	for i := range res.Active {
		if p := res.Active[i].Plan; !p.Flag {
			return p
		}
	}
	return nil
}

func (res *Result) inForce(p *Plan) {
	if slices.Contains(res.Plans, p.Name) {
		return
	}
	res.Plans = append(res.Plans, p.Name)
	if tag := p.SLATag(); tag != "" && !slices.Contains(res.Tags, tag) {
		res.Tags = append(res.Tags, tag)
	}
}

func (res *Result) boundary(d, on day.Day) {
	if d > on && (res.Next == 0 || d < res.Next) {
		res.Next = d
	}
}

func (res *Result) reset() {
	*res = Result{
		Tags: res.Tags[:0], Plans: res.Plans[:0], Active: res.Active[:0],
		Products: res.Products[:0], Unknown: res.Unknown[:0],
	}
}

// better orders grants: by plan, flags last, then those not in grace, then the
// longest.
func better(a, b Grant) int {
	return cmp.Or(
		flagLast(a, b), cmp.Compare(a.Plan.Index, b.Plan.Index), graceLast(a, b),
		cmp.Compare(b.Charge.until(), a.Charge.until()),
		strings.Compare(a.Charge.ID, b.Charge.ID),
	)
}

func flagLast(a, b Grant) int  { return cmp.Compare(number(a.Plan.Flag), number(b.Plan.Flag)) }
func graceLast(a, b Grant) int { return cmp.Compare(number(a.InGrace), number(b.InGrace)) }

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// until is the end for ordering: open ends come after all days.
func (c *Charge) until() day.Day {
	if c.End == 0 {
		return 1<<31 - 1
	}
	return c.End
}
