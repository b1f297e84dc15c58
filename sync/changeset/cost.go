package changeset

import (
	"math"
	"strconv"

	"github.com/desksync/desksync/helpdesk"
)

// Cost is what applying a changeset takes of the target's budget.
type Cost struct {
	Calls     int     `json:"calls"`
	Batches   int     `json:"batches"`    // of the calls, those that may carry more than one change
	PerMinute int     `json:"per_minute"` // calls allowed; 0: no limit
	Minutes   float64 `json:"minutes"`    // at that pace; 0 without a limit
}

// Estimate returns the cost of what a summary counted: per kind and operation one
// call for each full or partial batch.
func Estimate(caps helpdesk.Capabilities, s Summary) Cost {
	c := Cost{PerMinute: caps.PerMinute}
	batch := max(1, caps.Batch)
	for _, ops := range s.Todo {
		for _, n := range ops {
			c.Calls += (n + batch - 1) / batch
		}
	}
	if batch > 1 {
		c.Batches = c.Calls
	}
	if c.PerMinute > 0 {
		c.Minutes = float64(c.Calls) / float64(c.PerMinute)
	}
	return c
}

// String returns the line for people: "Cost: 4 of 200 calls this minute, 4 batches,
// about 2 s".
func (c Cost) String() string {
	s := "Cost: " + c.calls()
	if c.Batches > 0 {
		s += ", " + plural(c.Batches, "batch", "batches")
	}
	if c.Minutes > 0 {
		s += ", about " + duration(c.Minutes)
	}
	return s
}

func (c Cost) calls() string {
	switch {
	case c.PerMinute == 0:
		return plural(c.Calls, "call", "calls")
	case c.Calls <= c.PerMinute:
		return count(c.Calls) + " of " + plural(c.PerMinute, "call", "calls") + " this minute"
	default:
		return plural(c.Calls, "call", "calls") + " at " + count(c.PerMinute) + " a minute"
	}
}

func duration(minutes float64) string {
	switch {
	case minutes < 1.5:
		return strconv.Itoa(int(math.Ceil(minutes*60))) + " s"
	case minutes < 90:
		return strconv.Itoa(int(math.Ceil(minutes))) + " min"
	default:
		return strconv.FormatFloat(minutes/60, 'f', 1, 64) + " h"
	}
}
