package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/reconcile"
)

// telling lets the CRM tell what changed.
func (w *world) telling() *changing {
	c := newChanging(w.crm)
	w.pipe.Source = c
	return c
}

// asksFor makes a pass and reports whether it read in full.
func (w *world) readsFull(triggers ...reconcile.Trigger) bool {
	w.Helper()
	return w.run(triggers...).Since.IsZero()
}

// move lets contacts and charges change sides.
func (w *world) moveSome(rt *rapid.T) {
	for _, role := range []crm.Role{crm.Contact, crm.Subscription} {
		for i := range 3 {
			from := fmt.Sprintf("N%d", rapid.IntRange(0, 5).Draw(rt, "from"))
			for id, r := range w.crm.rows[role] {
				if r.account == from {
					w.crm.move(role, id, fmt.Sprintf("N%d", (rapid.IntRange(0, 5).Draw(rt, "to")+i)%6))
					break
				}
			}
		}
	}
}

func TestADeltaReadFindsWhatAFullReadFinds(t *testing.T) {
	t.Parallel()
	checked(t, func(t *testing.T, rt *rapid.T, w *world) {
		calm := &world{reporter: rt, crm: w.crm, desk: helpdesktest.NewFake(helpdesktest.FakeOptions{}), journal: openJournal(rt, ready.SQLite(t), w.clock), clock: w.clock, rules: w.rules, pipe: w.pipe, opt: w.opt}
		source := w.telling()
		for i := range 4 {
			w.change(rt)
			w.moveSome(rt)
			calm.run()
			if full := w.readsFull(); full != (i == 0) {
				w.Errorf("run %d read in full: %v", i, full)
			}
			w.ends(calm.picture())
			w.quiet()
		}
		if source.asked < 4 {
			w.Errorf("%d delta reads", source.asked)
		}
	})
}

func TestAChargeOrContactThatMovesLeavesItsOldAccount(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
		w.telling()
		w.run()
		w.crm.move(crm.Subscription, "A1Gold", "B1")
		w.crm.move(crm.Contact, "ann", "B1")
		rep := w.run()
		w.holds("A1", "tag:gold", "")
		w.holds("B1", "tag:gold", "true")
		for _, read := range rep.Reads {
			if read.Role != crm.Account && read.Missing != 1 {
				w.Errorf("%ss: %d missing, want the one at its old account", read.Role, read.Missing)
			}
		}
		w.quiet()
	})
}

func TestAFullReadIsMadeWhenItIsDue(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct {
		before  func(w *world, c *changing)
		trigger reconcile.Trigger
		full    bool
	}{
		"soon after one":                  {func(*world, *changing) {}, reconcile.Trigger{}, false},
		"when asked for":                  {func(*world, *changing) {}, reconcile.Trigger{Full: true}, true},
		"a day after the last":            {func(w *world, _ *changing) { w.clock.Move(oneDay) }, reconcile.Trigger{}, true},
		"not earlier":                     {func(w *world, _ *changing) { w.clock.Move(oneDay - time.Second) }, reconcile.Trigger{}, false},
		"when rules read other columns":   {func(w *world, _ *changing) { w.rules.owner = "account.Name" }, reconcile.Trigger{}, true},
		"when a column came to be seen":   {func(w *world, _ *changing) { delete(w.crm.hidden, "account.Owner") }, reconcile.Trigger{}, true},
		"when the source does not know":   {func(_ *world, c *changing) { c.refuse = "too long ago" }, reconcile.Trigger{}, true},
		"when a shrunk source is right":   {func(*world, *changing) {}, reconcile.Trigger{AcceptShrink: true}, true},
		"an hour after the last of hours": {func(w *world, _ *changing) { w.pipe.FullEvery = time.Hour; w.clock.Move(time.Hour) }, reconcile.Trigger{}, true},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			c := w.telling()
			w.crm.hidden["account.Owner"] = about == "when a column came to be seen"
			w.run()
			tt.before(w, c)
			rep := w.run(tt.trigger)
			if got := rep.Since.IsZero(); got != tt.full {
				t.Errorf("full read: %v, want %v", got, tt.full)
			}
			if want := c.refuse; rep.FullWhy != want {
				t.Errorf("why: %q, want %q", rep.FullWhy, want)
			}
			c.refuse = ""
			if w.readsFull() {
				t.Error("the run after it read in full again")
			}
		})
	}
}

func TestADeletedAccountStaysDeletedWhenTheBinForgets(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.rules.gone = reconcile.GonePolicies{Lost: "hold", Left: "hold", Deleted: "mark"}
		w.telling()
		w.run()
		w.crm.tombstones = []string{"B1"}
		w.crm.remove("B1")
		w.writes("retire organization/B1 " + marked + "=true")
		w.crm.tombstones = nil
		for _, trigger := range []reconcile.Trigger{{}, {Full: true}} {
			w.edit("B1", marked, helpdesk.Value{}) // an agent takes the mark away, so that it is looked at
			w.run(trigger)
			if items := strings.Join(w.items(), ", "); strings.Contains(items, "held gone") {
				t.Errorf("it counts as lost now: %s", items)
			}
		}
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter"})
		w.run()
		w.holds("B1", marked, "")
	})
}

func TestADeltaReadThatBreaksIsMadeAgainFromWhereItWas(t *testing.T) {
	t.Parallel()
	for _, at := range []int{1, 2, 3, 4} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			c := w.telling()
			w.run()
			w.crm.put(account{id: "A1", name: "Acme", owner: "Max", charges: "Starter"})
			w.crm.remove("B1")
			c.broken = at
			if _, err := w.try(reconcile.Trigger{}); err == nil {
				t.Error("the run did not fail")
			}
			w.holds("B1", marked, "")
			c.broken = 0
			if w.readsFull() {
				t.Error("the next run read in full")
			}
			w.holds("A1", owner, "Max")
			w.holds("B1", marked, "true")
		})
	}
}

func TestWhatADeltaReadDidNotShowIsAskedForAgain(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		c := w.telling()
		w.run()
		w.crm.set(crm.Account, "A1", "Owner", "Max")
		c.partial = true
		if rep := w.run(); len(rep.Incomplete()) == 0 {
			t.Error("the run does not say that it was not complete")
		}
		w.holds("A1", owner, "Lee")
		c.partial = false
		w.run()
		w.holds("A1", owner, "Max")
	})
}

func TestASourceThatShrankBetweenFullReadsHoldsTheRun(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for i := range 40 {
			w.crm.put(account{id: fmt.Sprintf("C%02d", i), name: fmt.Sprint("Customer ", i), charges: "Gold"})
		}
		w.telling()
		w.run()
		for i := range 20 {
			w.crm.remove(fmt.Sprintf("C%02d", i))
		}
		for range 2 {
			if rep := w.quiet(); !rep.Blocked() || rep.Since.IsZero() {
				t.Errorf("blocked %v, since %v", rep.Blocked(), rep.Since)
			}
		}
		w.run(reconcile.Trigger{AcceptShrink: true})
		w.holds("C00", marked, "true")
		w.quiet()
	})
}

// TestAMergeThatIsShownOnceIsProposedUntilItIsDecided: a delta read shows it once, and
// the recycle bin forgets it.
func TestAMergeThatIsShownOnceIsProposedUntilItIsDecided(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		source := w.telling()
		w.merging()
		if rep := w.run(); rep.Since.IsZero() || rep.Merges != 1 {
			t.Errorf("%d merges, since %v; want one, from a delta read", rep.Merges, rep.Since)
		}
		first := w.proposal()
		w.crm.undelete()
		w.quiet()
		if again := w.proposal(); again.ID != first.ID || again.Value != "A1" {
			t.Errorf("the next run made of it %+v", again)
		}
		w.approve(w.proposal())
		w.run()
		w.quiet()
		w.quiet(reconcile.Trigger{Full: true})
		if source.asked < 4 {
			t.Errorf("%d delta reads", source.asked)
		}
	})
}

func TestAnAccountThatWasMergedAndIsBackIsNotProposed(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.telling()
		w.merging()
		w.run()
		w.proposal()
		w.crm.undelete()
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter"})
		if rep := w.run(); rep.Since.IsZero() || rep.Merges != 0 {
			t.Errorf("%d merges, since %v; want none, by a delta read", rep.Merges, rep.Since)
		}
		w.holds("B1", marked, "")
	})
}

// TestAllProcessesShareTheCallsOfADay: each command is a process of its own. A run that
// fails has made its calls all the same.
func TestAllProcessesShareTheCallsOfADay(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		var source *changing
		command := func(want ...int) {
			w.Helper()
			next := newChanging(w.crm)
			if source != nil {
				next.pictures = source.pictures
			}
			source, w.pipe.Source = next, next
			if err := reconcile.Meter(w.Context(), w.journal, w.pipe.SourceName, next); err != nil || !slices.Equal(next.recalled, want) {
				w.Errorf("recalled %v, %v; want %v", next.recalled, err, want)
			}
		}
		run := func() {
			w.Helper()
			if rep := w.run(reconcile.Trigger{Full: true}); rep.Calls.Calls != 3 {
				w.Errorf("%d calls, want 3", rep.Calls.Calls)
			}
		}
		command()
		run()
		w.clock.Move(23 * time.Hour)
		command(3, 1000)
		run()
		command(3, 1000, 3, 1000)
		w.crm.breaks[crm.Account] = 1
		if _, err := w.reconciler().Run(w.Context(), reconcile.Trigger{Full: true}); err == nil {
			w.Error("a read that breaks: no error")
		}
		delete(w.crm.breaks, crm.Account)
		command(3, 1000, 4, 1000)
		w.clock.Move(2 * time.Hour)
		command(4, 1000)
	})
}

func TestACallThatCannotBeNotedIsNotMade(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		source := w.telling()
		source.note = func(context.Context, int) error { return errors.New("the disk is full") }
		if _, err := w.reconciler().Run(w.Context(), reconcile.Trigger{Full: true}); err == nil || source.made != 0 {
			w.Errorf("%d calls were made, %v", source.made, err)
		}
	})
}

func TestRunsOfOneProcessCountTheirOwnCalls(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		foreign(w, mapping.Money{Source: true})
		w.crm.rates = []crm.Rate{{Currency: "GBP", Value: 1.25}}
		w.telling()
		r := w.reconciler()
		for range 2 {
			if rep, err := r.Run(w.Context(), reconcile.Trigger{Full: true}); err != nil || rep.Calls.Calls != 3 {
				w.Errorf("%d calls, %v; want 3", rep.Calls.Calls, err)
			}
		}
	})
}
