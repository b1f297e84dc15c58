package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// merged is the picture after a merge that nothing disturbs, its checkpoints and its
// number of writes.
func mergedPicture(t *testing.T, opt helpdesktest.FakeOptions) (picture string, points int) {
	t.Helper()
	w := mergeWorld(t, opt)
	w.opt.Checkpoint = func(string) { points++ }
	w.approve(w.proposal())
	w.opt.Checkpoint = nil
	w.quiet()
	return w.picture(), points
}

// mergeWorld is a world with one proposal, in which each change is a shard.
func mergeWorld(t *testing.T, opt helpdesktest.FakeOptions) *world {
	t.Helper()
	w := newWorld(t, ready.SQLite(t))
	opt.PageSize = 3
	w.desk = helpdesktest.NewFake(opt)
	w.opt.Shard = 1
	w.merging()
	w.run()
	w.desk.ClearLog()
	return w
}

// TestAMergeThatFreezesAnywhereIsTakenOver: the process dies at each durable step, also
// between the merge and its note; whoever comes next brings it to its end, once.
func TestAMergeThatFreezesAnywhereIsTakenOver(t *testing.T) {
	t.Parallel()
	picture, points := mergedPicture(t, helpdesktest.FakeOptions{})
	for n := 1; n <= points; n++ {
		for _, who := range []string{"the next run", "whoever approves it again"} {
			t.Run(fmt.Sprintf("%d, %s", n, who), func(t *testing.T) {
				t.Parallel()
				w := mergeWorld(t, helpdesktest.FakeOptions{})
				item := w.proposal()
				frozen, thaw, over := make(chan struct{}), make(chan struct{}), make(chan error, 1)
				w.opt.Checkpoint = nth(n, func() { close(frozen); <-thaw })
				dead := w.reconciler()
				go func() {
					_, err := dead.Merge(context.WithoutCancel(t.Context()), reconcile.Approval{Item: item, By: "ops", Reason: "one customer"})
					over <- err
				}()
				<-frozen
				w.opt.Checkpoint = nil
				w.clock.Move(2 * time.Minute)
				if who == "the next run" {
					w.run()
				}
				if list, err := w.journal.Items(t.Context(), journal.ItemFilter{Class: journal.ItemMerge}, 2); err != nil {
					t.Error(err)
				} else if len(list) > 0 {
					w.approve(list[0]) // nothing was sealed, or nobody noted that it is done
				}
				w.quiet()
				if got := w.picture(); got != picture {
					t.Errorf("the helpdesk holds\n%s\nwant\n%s", got, picture)
				}
				merges := 0
				for _, c := range w.desk.Writes() {
					if c.Op == helpdesk.Merge {
						merges++
					}
				}
				if merges > 1 {
					t.Errorf("the helpdesk was asked %d times to merge", merges)
				}
				close(thaw)
				<-over
				w.quiet()
				if got := w.picture(); got != picture {
					t.Errorf("after the dead one came back the helpdesk holds\n%s\nwant\n%s", got, picture)
				}
			})
		}
	}
}

func TestAHelpdeskThatFailsInAMergeHasItInTheEnd(t *testing.T) {
	t.Parallel()
	for _, background := range []bool{false, true} {
		opt := helpdesktest.FakeOptions{Background: background}
		picture, _ := mergedPicture(t, opt)
		for name, way := range map[string]struct {
			after, stop bool
			kind        fault.Kind
		}{
			"it fails":                     {kind: fault.Unavailable},
			"the reply is lost":            {after: true, kind: fault.Unknown},
			"the connection breaks before": {stop: true, kind: fault.Unavailable},
			"the connection breaks after":  {stop: true, after: true, kind: fault.Unavailable},
		} {
			t.Run(fmt.Sprintf("%s, background %v", name, background), func(t *testing.T) {
				t.Parallel()
				w := mergeWorld(t, opt)
				w.desk.Inject(faulty(1, way.after, way.stop, way.kind))
				_, err := w.reconciler().Merge(t.Context(), reconcile.Approval{Item: w.proposal(), By: "ops", Reason: "one customer"})
				if err != nil && !way.stop {
					t.Error(err)
				}
				w.desk.Heal()
				w.run()
				if list, err := w.journal.Items(t.Context(), journal.ItemFilter{Class: journal.ItemMerge}, 2); err != nil || way.after && len(list) > 0 {
					t.Errorf("%d proposals are open (%v), though it was merged", len(list), err)
				} else if len(list) > 0 {
					w.approve(list[0])
				}
				w.quiet()
				if way.stop && way.after { // the note is not written once its run is over
					w.edit("A1", helpdesk.Notes, text("2026-11-21: the organization Bolt (B1) was merged into this one by ops: one customer"))
				}
				if got := w.picture(); got != picture {
					t.Errorf("the helpdesk holds\n%s\nwant\n%s", got, picture)
				}
			})
		}
	}
}

// TestNoNoteTellsOfAMergeThatWasNotMade: the process dies at each durable step, and the
// helpdesk refuses to merge whoever brings it to its end.
func TestNoNoteTellsOfAMergeThatWasNotMade(t *testing.T) {
	t.Parallel()
	_, points := mergedPicture(t, helpdesktest.FakeOptions{})
	for n := 1; n <= points; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			w := mergeWorld(t, helpdesktest.FakeOptions{})
			w.desk.Inject(helpdesktest.Fault{On: func(r helpdesktest.Request) bool { return r.Op == string(helpdesk.Merge) }, Err: fault.New("fake.apply", fault.Invalid, errors.New("no"))})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			item := w.proposal()
			dying := w.opt
			dying.Checkpoint = nth(n, func() { cancel(); runtime.Goexit() })
			over := make(chan struct{})
			go func() {
				defer close(over)
				_, _ = reconcile.New(w.pipeline(), w.journal, dying).Merge(ctx, reconcile.Approval{Item: item, By: "ops", Reason: "one customer"})
			}()
			<-over
			w.clock.Move(2 * time.Minute)
			if _, err := w.try(reconcile.Trigger{}); err != nil {
				t.Fatal(err)
			}
			w.org("B1")
			w.holds("A1", helpdesk.Notes, "")
			w.desk.Heal()
			w.approve(w.proposal())
			w.quiet()
		})
	}
}
