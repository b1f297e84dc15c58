package sqldesk

import "slices"

// PolicyFor returns the SLA policy that a ticket gets: the first in order that lets
// it through, and no other.
func (s *Store) PolicyFor(tags []string, form, stage string) (string, bool) {
	for _, p := range s.opt.Policies {
		if p.Filter.matches(tags, form, stage) {
			return p.Name, true
		}
	}
	return "", false
}

// matches reports whether the filter lets a ticket through. A filter that only
// leaves out lets nothing through: it would be the answer to every other ticket.
func (f Filter) matches(tags []string, form, stage string) bool {
	has := func(tag string) bool { return slices.Contains(tags, tag) }
	lacks := func(tag string) bool { return !has(tag) }
	return len(f.Any)+len(f.All)+len(f.Forms)+len(f.Stages) > 0 &&
		(len(f.Any) == 0 || slices.ContainsFunc(f.Any, has)) &&
		!slices.ContainsFunc(f.All, lacks) &&
		!slices.ContainsFunc(f.None, has) &&
		within(form, f.Forms, f.NotForms) &&
		within(stage, f.Stages, f.NotStages)
}

func within(value string, only, not []string) bool {
	return (len(only) == 0 || slices.Contains(only, value)) && !slices.Contains(not, value)
}

// PolicyOf returns the rule by which policies, in their order, take tickets, for
// whoever has no store at hand.
func PolicyOf(policies []Policy) func(tags []string, form, stage string) (string, bool) {
	return (&Store{opt: Options{Policies: policies}}).PolicyFor
}
