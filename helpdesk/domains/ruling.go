package domains

import (
	"fmt"
	"slices"
	"strings"
)

// Ruling is what becomes of one claimed domain.
type Ruling struct {
	Domain string
	Owner  Claim   // whoever has it; only if Owned
	Owned  bool    // false: a conflict, and nobody is attached by the domain
	Claims []Claim // one per organization, lowest id first
	Tie    Tie     // the rule that was asked
}

// Settle rules on the claims to one domain, in any order and with repetitions.
func Settle(tie Tie, claims []Claim) Ruling {
	once := oncePerOrganization(claims)
	if len(once) == 0 {
		return Ruling{Tie: tie}
	}
	r := Ruling{Domain: once[0].Domain, Claims: once, Tie: tie}
	switch {
	case len(once) == 1 || tie == LowestID:
		r.Owner, r.Owned = once[0], true
	case tie == Alphabetical:
		r.Owner, r.Owned = slices.MinFunc(once, byName), true
	}
	return r
}

// Resolve rules on every domain claimed, in order of domains.
func Resolve(tie Tie, claims []Claim) []Ruling {
	sorted := slices.SortedFunc(slices.Values(claims), func(a, b Claim) int { return strings.Compare(a.Domain, b.Domain) })
	var out []Ruling
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].Domain == sorted[0].Domain {
			n++
		}
		out = append(out, Settle(tie, sorted[:n]))
		sorted = sorted[n:]
	}
	return out
}

// Contested reports whether more than one organization claims the domain.
func (r Ruling) Contested() bool { return len(r.Claims) > 1 }

// Reason is the ruling as one sentence: who claims the domain, who has it by
// which rule, and in a conflict what to do.
func (r Ruling) Reason() string {
	if !r.Contested() {
		return fmt.Sprintf("%s is claimed by %s alone", r.Domain, r.Owner)
	}
	who := fmt.Sprintf("%s is claimed by %s", r.Domain, list(r.Claims))
	if r.Owned {
		return fmt.Sprintf("%s; %s has it by tie: %s", who, r.Owner, r.Tie)
	}
	lowest, first := Settle(LowestID, r.Claims).Owner, Settle(Alphabetical, r.Claims).Owner
	return fmt.Sprintf("%s; nobody is attached by it (tie: %s): take it from all but one, or set tie: %s, which gives it to %s, or tie: %s, which gives it to %s",
		who, r.Tie, LowestID, lowest, Alphabetical, first)
}

// list names claimants; of many, the first five and how many more.
func list(claims []Claim) string {
	const most = 5
	names := make([]string, 0, most+1)
	for _, c := range claims[:min(len(claims), most)] {
		names = append(names, c.String())
	}
	if more := len(claims) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// oncePerOrganization returns one claim of each organization, by id. Claims with
// one key are of one organization, and so is a claim without a key whose id
// another has; of several, the one with an id stands.
func oncePerOrganization(claims []Claim) []Claim {
	sorted := slices.SortedFunc(slices.Values(claims), byID)
	keys, ids := map[string]bool{}, map[string]bool{}
	return slices.Clip(slices.DeleteFunc(sorted, func(c Claim) bool {
		seen := c.Key != "" && keys[c.Key] || c.Key == "" && c.ID != "" && ids[c.ID]
		keys[c.Key], ids[c.ID] = true, true
		return seen
	}))
}
