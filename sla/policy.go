package sla

import "slices"

// PolicyFor returns the policy that a ticket gets: the first that matches, and no
// other.
func (r *Rules) PolicyFor(t Ticket) (Policy, bool) {
	if i := r.policyIndex(t); i >= 0 {
		return r.policies[i], true
	}
	return Policy{}, false
}

func (r *Rules) policyIndex(t Ticket) int {
	for i := range r.policies {
		if r.policies[i].Filter.matches(t) {
			return i
		}
	}
	return -1
}

func (f Filter) matches(t Ticket) bool {
	return f.restricts() &&
		(len(f.Any) == 0 || hasAny(t.Tags, f.Any)) &&
		hasAll(t.Tags, f.All) &&
		!hasAny(t.Tags, f.None) &&
		allows(t.Form, f.Forms, f.NotForms) &&
		allows(t.Stage, f.Stages, f.NotStages)
}

// restricts reports whether the filter takes anything in particular. A filter
// that only leaves out would make a policy the answer to every other ticket.
func (f Filter) restricts() bool {
	return len(f.Any)+len(f.All)+len(f.Forms)+len(f.Stages) > 0
}

func allows(value string, only, not []string) bool {
	return (len(only) == 0 || slices.Contains(only, value)) && !slices.Contains(not, value)
}

func hasAny(tags, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(tags, w) })
}

func hasAll(tags, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(tags, w) })
}
