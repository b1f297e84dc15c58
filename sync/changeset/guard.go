package changeset

import "fmt"

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
		passed := limit.passed(sum, x.base(now))
		if n.Count == 0 || passed == "" {
			continue
		}
		out = append(out, Tripped{})
	}
	return out
}

func (g Guards) shrank(t Totals) (Tripped, bool) { return Tripped{}, false }

func (l Limit) passed(t Tally, base int) string { return fmt.Sprint(base) }
