package changeset

import "github.com/desksync/desksync/helpdesk"

// Tally counts objects and the ARR of their accounts.
type Tally struct {
	Count int
	ARR   float64 // in the base currency
}

// Totals counts what a run would do, by the classes that guards look at.
type Totals struct {
	Organizations int    // ours before the run; shares are of these
	Memberships   int    // ours before the run; the share of removals is of these
	SourceRole    string // of what the source has so many, one of them: "contact"; empty: accounts
	SourceBefore  int    // in the last good complete read; 0: there was none
	SourceNow     int    // accounts in this read

	Creates, Updates, Retires, Removals, Domains, Downgrades, Reroutes Tally
}

// Add counts a change under its classes. What happens inside a new organization
// counts once, with the organization.
func (t *Totals) Add(ch *helpdesk.Change, class Class, arr float64) {
	t.AddCount(ch.Ref.Kind, class, 1, arr)
}

// AddCount counts n changes of one kind and class at once; arr is that of them all.
func (t *Totals) AddCount(kind helpdesk.Kind, class Class, n int, arr float64) {
	for _, g := range guarded {
		if class&g.class != 0 && kind == g.kind {
			tally := g.tally(t)
			tally.Count += n
			tally.ARR += arr
		}
	}
}

// Plus returns the tallies of both; the base figures are t's.
func (t Totals) Plus(o Totals) Totals {
	for _, g := range guarded {
		a, b := g.tally(&t), g.tally(&o)
		a.Count += b.Count
		a.ARR += b.ARR
	}
	return t
}

// guarded lists what guards look at, in the order in which they report.
var guarded = []struct {
	name  string
	class Class
	kind  helpdesk.Kind
	noun  string
	verb  string // "47 organizations would …"
	tally func(*Totals) *Tally
	limit func(*Guards) Limit
	base  func(Totals) int
}{
	{"creates", Creates, helpdesk.Organization, "organization", "be created", func(t *Totals) *Tally { return &t.Creates }, func(g *Guards) Limit { return g.Creates }, organizations},
	{"updates", Updates, helpdesk.Organization, "organization", "be updated", func(t *Totals) *Tally { return &t.Updates }, func(g *Guards) Limit { return g.Updates }, organizations},
	{"retires", Retires, helpdesk.Organization, "organization", "be retired", func(t *Totals) *Tally { return &t.Retires }, func(g *Guards) Limit { return g.Retires }, organizations},
	{"removals", Removals, helpdesk.Membership, "membership", "be removed", func(t *Totals) *Tally { return &t.Removals }, func(g *Guards) Limit { return g.Removals }, memberships},
	{"domains", Domains, helpdesk.Organization, "organization", "change domains", func(t *Totals) *Tally { return &t.Domains }, func(g *Guards) Limit { return g.Domains }, organizations},
	{"downgrades", Downgrades, helpdesk.Organization, "organization", "drop to a lower level", func(t *Totals) *Tally { return &t.Downgrades }, func(g *Guards) Limit { return g.Downgrades }, organizations},
	{"policies", Reroutes, helpdesk.Organization, "organization", "change SLA policy", func(t *Totals) *Tally { return &t.Reroutes }, func(g *Guards) Limit { return g.Policies }, organizations},
}

func organizations(t Totals) int { return t.Organizations }

func memberships(t Totals) int { return t.Memberships }
