package helpdesk

import (
	"fmt"
	"slices"
	"strings"
)

// Promise is an SLA policy as the configuration names it, with the tags that lead to it.
type Promise struct {
	Title string
	Tags  []string
}

// PolicyFinding is something about the account's SLA policies that is worth a look.
type PolicyFinding struct {
	Code string
	Text string // one sentence, with what to do
}

// Codes of what JudgePolicies finds.
const (
	NoPolicy       = "no policy"
	TagUnasked     = "tag without policy"
	PolicyOrder    = "policy order"
	PolicyShadowed = "policy shadowed"
)

// JudgePolicies compares the account's SLA policies, in the order in which they are
// tried, with the configured ones, best first: a policy that is not there, a tag that no
// policy matches, another order, and a policy that never applies because one above it
// takes all of its tickets.
func JudgePolicies(have []SLAPolicy, want []Promise) []PolicyFinding {
	var out []PolicyFinding
	last := -1
	for _, w := range want {
		at := slices.IndexFunc(have, func(p SLAPolicy) bool { return strings.EqualFold(p.Title, w.Title) })
		switch {
		case at < 0:
			out = append(out, PolicyFinding{NoPolicy, fmt.Sprintf("there is no SLA policy %q; make it in the Admin Center (Objects and rules, Service level agreements), or correct sla_policies", w.Title)})
		case at < last:
			out = append(out, PolicyFinding{PolicyOrder, fmt.Sprintf("the SLA policy %q stands before %q, which comes first by the configuration; a ticket that both match gets the wrong one: move it down", have[at].Title, have[last].Title)})
		default:
			last = at
		}
		out = append(out, untagged(have, w)...)
	}
	return append(out, shadowed(have)...)
}

func untagged(have []SLAPolicy, w Promise) []PolicyFinding {
	var out []PolicyFinding
	for _, tag := range w.Tags {
		if !slices.ContainsFunc(have, func(p SLAPolicy) bool { return p.asksFor(tag) }) {
			out = append(out, PolicyFinding{TagUnasked, fmt.Sprintf("no SLA policy asks for the tag %s, which is to lead to %q; add it to the policy's conditions", tag, w.Title)})
		}
	}
	return out
}

// asksFor reports whether a policy matches tickets for a tag of theirs.
func (p *SLAPolicy) asksFor(tag string) bool {
	return slices.ContainsFunc(slices.Concat(p.All, p.Any), func(c Condition) bool {
		return c.Field == TicketTags && c.Operator == Includes && slices.Contains(c.Values, tag)
	})
}

func shadowed(have []SLAPolicy) []PolicyFinding {
	var out []PolicyFinding
	for i := range have {
		for j := range have[:i] {
			if have[j].takesAllOf(&have[i]) {
				out = append(out, PolicyFinding{PolicyShadowed, fmt.Sprintf("the SLA policy %q never applies: every ticket that it matches is taken by %q above it; move it up or narrow the other", have[i].Title, have[j].Title)})
				break
			}
		}
	}
	return out
}

// takesAllOf reports whether every ticket that another policy matches is matched by this
// one too, as far as the conditions alone tell.
func (p *SLAPolicy) takesAllOf(other *SLAPolicy) bool {
	for _, c := range p.All {
		if !other.implies(func(x Condition) bool { return x.implies(c) }) {
			return false
		}
	}
	some := func(x Condition) bool {
		return slices.ContainsFunc(p.Any, func(c Condition) bool { return x.implies(c) })
	}
	return len(p.Any) == 0 || other.implies(some)
}

// implies reports whether a ticket that p matches meets a condition which one of p's
// meets alone, or each of those of which one has to be met.
func (p *SLAPolicy) implies(meets func(Condition) bool) bool {
	if slices.ContainsFunc(p.All, meets) {
		return true
	}
	return len(p.Any) > 0 && !slices.ContainsFunc(p.Any, func(c Condition) bool { return !meets(c) })
}

// implies reports whether whatever meets c meets d.
func (c Condition) implies(d Condition) bool {
	if c.Field != d.Field || c.Operator != d.Operator {
		return false
	}
	switch c.Operator {
	case Includes: // one of them is enough
		return within(c.Values, d.Values)
	case Excludes: // none of them may be there
		return within(d.Values, c.Values)
	default:
		return slices.Equal(c.Values, d.Values)
	}
}

func within(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
