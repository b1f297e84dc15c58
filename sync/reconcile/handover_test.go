package reconcile_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// toiling is a helpdesk whose jobs take longer than anybody waits: it says that it took
// some changes, and nothing more until it is left alone.
type toiling struct {
	*helpdesktest.Fake
	took func() // called when it has something in hand
}

func (d toiling) Apply(ctx context.Context, changes iter.Seq[helpdesk.Change]) iter.Seq2[helpdesk.Outcome, error] {
	return func(yield func(helpdesk.Outcome, error) bool) {
		for o, err := range d.Fake.Apply(ctx, changes) {
			if err == nil && o.State != helpdesk.Sent {
				break
			}
			if !yield(o, err) {
				return
			}
		}
		d.took()
		<-ctx.Done()
		yield(helpdesk.Outcome{}, ctx.Err())
	}
}

// TestWhatIsInTheTargetsHandsIsHandedOver: who is asked to stop does not wait for jobs of
// the target; who comes next asks about them, and goes on with the same run.
func TestWhatIsInTheTargetsHandsIsHandedOver(t *testing.T) {
	t.Parallel()
	opt := helpdesks()["in a stream"]
	picture, _, _ := undisturbed(t, opt)
	w := busyWorld(t, opt)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	pipe := w.pipeline()
	pipe.Target = toiling{w.desk, func() { cancel(errors.New("the daemon stops")) }}
	left := make(chan *reconcile.Report, 1)
	go func() {
		rep, _ := reconcile.New(pipe, w.journal, w.opt).Run(ctx, reconcile.Trigger{Mode: reconcile.Reconcile}) // that it was stopped
		left <- rep
	}()
	var rep *reconcile.Report
	select {
	case rep = <-left:
	case <-time.After(time.Minute):
		t.Fatal("who is asked to stop waits for the target's jobs")
	}
	if run, err := w.journal.RunByID(t.Context(), rep.Run); err != nil || run.State != journal.Running || rep.State != journal.Interrupted {
		t.Errorf("the run is %q, %v, said to be %q; want it left for the next", run.State, err, rep.State)
	}
	next := w.ends(picture)
	if len(next.Resumed) != 1 || next.Resumed[0].Run != rep.Run {
		t.Errorf("the next pass finished %+v, want run %d", next.Resumed, rep.Run)
	}
}
