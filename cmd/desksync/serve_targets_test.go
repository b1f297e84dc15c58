package main

import (
	"context"
	"iter"
	"testing"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/helpdesk"
)

// counted is a target that made some calls.
type counted struct {
	wire.Target
	calls int
}

func (c *counted) Pace() helpdesk.Pace {
	return helpdesk.Pace{Calls: c.calls, Limit: 400, Allowed: 200, Left: 17}
}
func (c *counted) Close() error { return nil }
func (c *counted) Describe(context.Context) (helpdesk.Capabilities, error) {
	return helpdesk.Capabilities{}, nil
}

func (c *counted) Apply(context.Context, iter.Seq[helpdesk.Change]) iter.Seq2[helpdesk.Outcome, error] {
	return func(func(helpdesk.Outcome, error) bool) {}
}

// TestCallsAreCountedOverAllThatWasOpened: a counter never falls, whatever is closed, in
// whatever order, and opened anew.
func TestCallsAreCountedOverAllThatWasOpened(t *testing.T) {
	t.Parallel()
	k := &keptTargets{open: map[string]*keptTarget{}, made: map[string]int{}}
	take := func(name string, c *counted) func() error {
		_, back, err := k.of(name, func() (wire.Target, error) { return c, nil })
		if err != nil {
			t.Fatal(err)
		}
		return back
	}
	first, second := &counted{calls: 5}, &counted{calls: 2}
	back := take("support", first)
	if err := k.close(); err != nil { // a pass still works with it
		t.Fatal(err)
	}
	take("support"+observed, second)
	first.calls = 8
	if got, want := k.paces()["support"], (helpdesk.Pace{Calls: 10, Limit: 400, Allowed: 200, Left: 17}); got != want {
		t.Errorf("while both work: %+v, want %+v", got, want)
	}
	if err := back(); err != nil {
		t.Fatal(err)
	}
	first.calls = 100 // it is closed: nothing counts any more
	if got := k.paces()["support"].Calls; got != 10 || len(k.alive) != 1 {
		t.Errorf("%d calls and %d open, want 10 and the second", got, len(k.alive))
	}
}
