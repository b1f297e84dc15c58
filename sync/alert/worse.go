package alert

import (
	"slices"
	"time"
)

// counted are the kinds whose level counts customers: more of them is worse. Of the
// others a higher level only says that it goes on.
var counted = []Kind{Drift, Fought, Held, Conflict, Shrank, Hidden, UnknownProduct, NoContact, ContractEnding}

// worse reports whether a condition grew worse since it was told: its severity rose, it
// came nearer, or twice as many are concerned; or, once some time has passed, any more
// than were told of.
func worse(told Told, c *Condition, now time.Time, p *Policy) bool {
	if c.Severity > told.Severity || c.Stage > told.Stage {
		return true
	}
	if !slices.Contains(counted, c.Kind) {
		return false
	}
	if c.Level >= 2*max(told.Level, 1) {
		return true
	}
	grown := c.Level > told.Level || c.Newest.After(told.At)
	return grown && !now.Before(told.At.Add(p.Growth))
}

// filled puts in what stands where nothing is said.
func (p Policy) filled() Policy {
	p.FailingAfter = orDefault(p.FailingAfter, 3)
	p.StaleAfter = orDefault(p.StaleAfter, 24*time.Hour)
	p.Growth = orDefault(p.Growth, 24*time.Hour)
	p.Quiet = orDefault(p.Quiet, 30*time.Minute)
	return p
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// threshold is the level from which a kind is told.
func (p *Policy) threshold(k Kind) int {
	if k == Failing {
		return p.FailingAfter
	}
	return 0
}
