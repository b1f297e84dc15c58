package alert

import (
	"slices"
	"time"
)

// Policy says what is told to whom, and when not. The zero Policy tells nobody.
type Policy struct {
	Routes       []Route // the first that matches a condition says who is told
	Silences     []Silence
	Digest       Digest
	FailingAfter int             // runs that fail in a row before it is told; default 3
	StaleAfter   time.Duration   // without a good run; default 24 hours, negative: never told
	Growth       time.Duration   // after a telling, before slow growth is told; default 24 hours
	Quiet        time.Duration   // after something was over, before it is told anew; default 30 minutes
	Apart        map[string]bool // channels that take one condition per message
}

// Route says which channels are told of which conditions; empty lists match all.
type Route struct {
	Kinds     []Kind
	Pipelines []string
	Severity  Severity // and above
	To        []string // names of channels; none: nobody is told
}

// Silence is a window in which nothing is told. What still holds at its end is told
// then.
type Silence struct {
	Days      []time.Weekday // on which it begins; none: every day
	From, To  time.Duration  // since midnight; To at or before From is on the next day
	Location  *time.Location // nil: UTC
	Kinds     []Kind
	Pipelines []string
	Below     Severity // only what is milder; Info: everything
}

// Digest collects what is mild until a time of the day. The zero Digest collects nothing.
type Digest struct {
	On       bool
	At       time.Duration // since midnight
	Location *time.Location
	Below    Severity // what is milder waits
}

func (r *Route) matches(c *Condition) bool {
	return c.Severity >= r.Severity && concerns(r.Kinds, r.Pipelines, c)
}

func concerns(kinds []Kind, pipelines []string, c *Condition) bool {
	return (len(kinds) == 0 || slices.Contains(kinds, c.Kind)) && (len(pipelines) == 0 || slices.Contains(pipelines, c.Pipeline))
}

// channels are told of a condition.
func (p *Policy) channels(c *Condition) []string {
	for i := range p.Routes {
		if p.Routes[i].matches(c) {
			return p.Routes[i].To
		}
	}
	return nil
}
