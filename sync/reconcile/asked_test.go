package reconcile_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// TestARunThatIsAskedToStopSaysSo: a daemon that stops has not failed, and who looks at the
// runs afterwards reads why they ended.
func TestARunThatIsAskedToStopSaysSo(t *testing.T) {
	t.Parallel()
	opt := helpdesktest.FakeOptions{}
	_, points, _ := undisturbed(t, opt)
	for i := range points {
		w := busyWorld(t, opt)
		w.askedToStop(t, i+1)
		w.askedToStop(t, 2) // amid what the first left, if that was sealed
		runs, err := w.journal.Runs(t.Context(), journal.RunFilter{}, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range runs {
			if run.State == journal.Failed || run.Error != "" && run.Error != "the daemon stops" {
				t.Errorf("stopped at %d, %s: run %d is %q, because %q", i+1, points[i], run.ID, run.State, run.Error)
			}
		}
	}
}

// askedToStop makes a pass that is asked to stop at its nth checkpoint.
func (w *world) askedToStop(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	w.opt.Checkpoint = nth(n, func() { cancel(errors.New("the daemon stops")) })
	if _, err := w.reconciler().Run(ctx, reconcile.Trigger{Mode: reconcile.Reconcile}); err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
}

// TestWhoFinishesARunAndIsAskedToStopSaysSo: the run that another process left says why it was
// left once more.
func TestWhoFinishesARunAndIsAskedToStopSaysSo(t *testing.T) {
	t.Parallel()
	opt := helpdesktest.FakeOptions{}
	_, points, _ := undisturbed(t, opt)
	w := busyWorld(t, opt)
	frozen, thaw, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	w.opt.Checkpoint = nth(slices.Index(points, "wrote")+1, func() { close(frozen); <-thaw })
	dead := w.reconciler()
	go func() {
		defer close(over)
		_, _ = dead.Run(context.WithoutCancel(t.Context()), reconcile.Trigger{Mode: reconcile.Reconcile}) // it loses its lock
	}()
	<-frozen
	w.clock.Move(2 * time.Minute)
	w.askedToStop(t, 1)
	runs, err := w.journal.Runs(t.Context(), journal.RunFilter{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if run := runs[0]; run.State != journal.Partly || run.Error != "the daemon stops" {
		t.Errorf("run %d is %q, because %q; want partly, because the daemon stops", run.ID, run.State, run.Error)
	}
	close(thaw)
	<-over
}
