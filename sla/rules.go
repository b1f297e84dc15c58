package sla

import (
	"slices"
	"strings"
)

// DefaultInactive are the statuses that count for nothing unless the
// configuration says otherwise.
var DefaultInactive = []string{"Cancelled", "Canceled", "Draft"}

const expiredName = "expired"

// Rules is a checked catalogue. It is safe for concurrent use.
type Rules struct {
	plans     []Plan
	byName    map[string]*Plan
	byProduct map[string]*Plan
	policies  []Policy
	grace     int
	inactive  []string
	expired   *Plan // nil: the catalogue has none
}

// New checks a catalogue and returns every fault at once. Rules with faults are
// good for reporting more of them, never for a run.
func New(c Config) (*Rules, []Problem) {
	r := &Rules{
		plans: slices.Clone(c.Plans), policies: slices.Clone(c.Policies),
		byName: map[string]*Plan{}, byProduct: map[string]*Plan{},
		grace: c.GraceDays, inactive: c.Inactive,
	}
	if r.inactive == nil {
		r.inactive = DefaultInactive
	}
	for i := range r.plans {
		r.plans[i].Index = i
	}
	problems := r.check(c)
	r.defaultFilters()
	return r, problems
}

// Plans returns the catalogue, best first.
func (r *Rules) Plans() []Plan { return r.plans }

// Policies returns the policies in order, each with the filter it works by.
func (r *Rules) Policies() []Policy { return r.policies }

// GraceDays returns for how many days a charge counts after its end.
func (r *Rules) GraceDays() int { return r.grace }

// Expired returns the name of the plan of those whose charges are over; "" none.
func (r *Rules) Expired() string {
	if r.expired == nil {
		return ""
	}
	return r.expired.Name
}

// Inactive returns the statuses that count for nothing.
func (r *Rules) Inactive() []string { return r.inactive }

// Plan returns a row of the catalogue by name.
func (r *Rules) Plan(name string) (Plan, bool) {
	if p, ok := r.byName[name]; ok {
		return *p, true
	}
	return Plan{}, false
}

// Rank returns the place of a plan in the order, 1 is best, and 0 for no plan and
// for one that nobody knows.
func (r *Rules) Rank(plan string) int {
	if p, ok := r.byName[plan]; ok {
		return p.Index + 1
	}
	return 0
}

// PlanNames returns the names of all plans, best first.
func (r *Rules) PlanNames() []string {
	names := make([]string, len(r.plans))
	for i, p := range r.plans {
		names[i] = p.Name
	}
	return names
}

// Products returns every product that the catalogue knows, in its order.
func (r *Rules) Products() []string {
	var all []string
	for _, p := range r.plans {
		all = append(all, p.Products...)
	}
	return all
}

// HasSLA reports whether the plan promises anything.
func (p Plan) HasSLA() bool { return p.SLA != "" && !strings.EqualFold(p.SLA, None) }

// SLATag returns the tag that the plan brings while it is active; "" none.
func (p Plan) SLATag() string {
	if p.Tag != "" {
		return p.Tag
	}
	if p.HasSLA() || p.Flag {
		return strings.ReplaceAll(strings.ToLower(p.Name), " ", "_")
	}
	return ""
}

// defaultFilters gives a policy that asks for no tags those of its plans. One
// that no plan names and that asks for nothing takes no ticket at all: it would
// take every one.
func (r *Rules) defaultFilters() {
	for i := range r.policies {
		f := &r.policies[i].Filter
		if len(f.Any)+len(f.All) > 0 {
			continue
		}
		for _, p := range r.plans {
			if tag := p.SLATag(); p.SLA == r.policies[i].Name && tag != "" {
				f.Any = append(f.Any, tag)
			}
		}
	}
}
