package reconcile_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
)

// TestATakenOverRunReadsNothingBackTwice: what was on its way is read back when it is
// asked about, and not once more before the rest is written: each look costs calls.
func TestATakenOverRunReadsNothingBackTwice(t *testing.T) {
	t.Parallel()
	opt := helpdesks()["in a stream"]
	_, points, _ := undisturbed(t, opt)
	var read atomic.Int64
	t.Cleanup(func() {
		if read.Load() == 0 {
			t.Error("wherever it dies, nothing is read back")
		}
	})
	times := map[string]int{}
	for i, point := range points[:len(points)-1] {
		times[point]++
		n := times[point]
		t.Run(fmt.Sprintf("%d %s", i+1, point), func(t *testing.T) {
			t.Parallel()
			w := busyWorld(t, opt)
			w.dies(t, point, n)
			w.desk.ClearLog()
			w.run()
			read.Add(int64(w.readTwice()))
		})
	}
}

// readTwice fails for each object that is read more than once, and counts those read.
func (w *world) readTwice() int {
	w.Helper()
	times := map[helpdesk.Ref]int{}
	for _, r := range w.desk.Log() {
		if r.Op != "get" {
			continue
		}
		for _, key := range r.Keys {
			ref := helpdesk.Ref{Kind: r.Ref.Kind, Key: key}
			if times[ref]++; times[ref] == 2 {
				w.Errorf("%s is read back twice", ref)
			}
		}
	}
	return len(times)
}

// TestAMembershipWithoutAUserIsNotLookedFor: who was not there a moment ago is a member of
// nothing; who was there may be.
func TestAMembershipWithoutAUserIsNotLookedFor(t *testing.T) {
	t.Parallel()
	w := busyWorld(t, helpdesktest.FakeOptions{Background: true, Capabilities: func(c *helpdesk.Capabilities) { c.Shard = 100 }})
	w.opt.Shard = 100
	w.dies(t, "apply", 1) // before anything is written
	w.desk.ClearLog()
	w.run()
	var members []string
	for _, r := range w.desk.Log() {
		if r.Op == "get" && r.Ref.Kind == helpdesk.Membership {
			members = append(members, r.Keys...)
		}
	}
	if slices.Contains(members, "E1/eve") || !slices.Contains(members, "C1/abe") {
		t.Errorf("the memberships %q are looked for; want that of abe, who is there, and not that of eve, who is not", members)
	}
}
