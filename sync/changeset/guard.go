package changeset

import "cmp"

// ShareFrom is the number of objects from which shares apply: below it one object
// is already a large share.
const ShareFrom = 20

// Limit is how much may happen before a guard holds it. Each part that is set
// holds by itself.
type Limit struct {
	Count int     // more objects than this; 0: no such limit, negative: not even one
	Share float64 // more than this share of ours, 0.05 for 5 %; 0: no such limit
	ARR   float64 // more ARR than this, in the base currency; 0: no such limit
	Run   bool    // holds the whole run and not only its kind of change
}

// Guards are the limits of a pipeline.
type Guards struct {
	Shrank     Limit // accounts missing from the source since the last good read; holds the run
	Creates    Limit
	Updates    Limit
	Retires    Limit
	Removals   Limit // of memberships
	Domains    Limit
	Downgrades Limit
	Policies   Limit
	Currency   string // of amounts in texts, such as USD
}

// DefaultGuards are on where the file says nothing else.
func DefaultGuards() Guards {
	return Guards{
		Shrank:     Limit{Share: 0.10, Run: true},
		Retires:    Limit{Share: 0.05},
		Removals:   Limit{Share: 0.05},
		Downgrades: Limit{Count: 10, Share: 0.005},
	}
}

// Tripped is a guard that holds something.
type Tripped struct {
	Guard string // "downgrades", "shrank" …
	Class Class  // what it holds; Everything: the run
	Count int    // what would happen
	ARR   float64
	Limit string // which limit was passed, for people: "limit 10"
	Text  string // the whole sentence
}

// Check returns the guards that hold something of now. What happened within the
// last 24 hours counts too, so that a limit cannot be passed in small steps.
func (g Guards) Check(now, last24h Totals) []Tripped {
	var out []Tripped
	if t, ok := g.shrank(now); ok {
		out = append(out, t)
	}
	both := now.Plus(last24h)
	for _, x := range guarded {
		n, sum, limit := *x.tally(&now), *x.tally(&both), x.limit(&g)
		passed := limit.passed(sum, x.base(now), g.Currency)
		if n.Count == 0 || passed == "" {
			continue
		}
		t := Tripped{Guard: x.name, Class: x.class, Count: n.Count, ARR: n.ARR, Limit: passed}
		if limit.Run {
			t.Class = Everything
		}
		t.Text = g.text(x.noun, x.verb, n, sum) + "; " + passed
		out = append(out, t)
	}
	return out
}

// text says what would happen: "47 organizations ($1.9M ARR) would …".
func (g Guards) text(noun, verb string, n, sum Tally) string {
	s := plural(n.Count, noun, noun+"s")
	if n.ARR != 0 {
		s += " (" + Money(n.ARR, g.Currency) + " ARR)"
	}
	s += " would " + verb
	if sum.Count > n.Count {
		s += ", " + count(sum.Count) + " with those of the last 24 hours"
	}
	return s
}

// shrank compares the source with its last good complete read. A source without
// accounts is held at any size, unless the guard is off. Few contacts, charges or relations
// may well end: below 20 of them the other guards tell whom that hurts.
func (g Guards) shrank(t Totals) (Tripped, bool) {
	lost := t.SourceBefore - t.SourceNow
	if lost <= 0 || g.Shrank == (Limit{}) {
		return Tripped{}, false
	}
	passed := g.Shrank.passed(Tally{Count: lost}, t.SourceBefore, "")
	if passed == "" && (t.SourceNow > 0 || t.SourceRole != "") {
		return Tripped{}, false
	}
	if passed == "" {
		passed = "a source that answers nothing is never believed"
	}
	one := cmp.Or(t.SourceRole, "account")
	text := "the source has " + plural(t.SourceNow, one, one+"s") + ", its last complete read had " + count(t.SourceBefore) + "; " + passed
	return Tripped{Guard: "shrank", Class: Everything, Count: lost, Limit: passed, Text: text}, true
}

// passed returns which part of the limit was passed, for people; empty: none.
//
// A share says little about few objects. It applies from ShareFrom objects of ours,
// and where a count stands beside it, from ShareFrom objects concerned: up to
// there the count speaks.
func (l Limit) passed(t Tally, base int, currency string) string {
	few := base < ShareFrom || l.Count != 0 && t.Count < ShareFrom
	switch {
	case l.Count != 0 && t.Count > max(l.Count, 0):
		return "limit " + count(max(l.Count, 0))
	case l.Share > 0 && !few && float64(t.Count) > l.Share*float64(base)+slack:
		return "limit " + percent(l.Share) + " of " + count(base)
	case l.ARR > 0 && t.ARR > l.ARR:
		return "limit " + Money(l.ARR, currency) + " ARR"
	default:
		return ""
	}
}

// slack keeps 5 % of 100 from being less than 5 by the last bit of a float.
const slack = 1e-9
