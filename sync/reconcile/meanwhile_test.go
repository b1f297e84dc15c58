package reconcile_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func TestWhatMovesWhileApplyingIsDroppedAndSaid(t *testing.T) {
	t.Parallel()
	each(t, movesMeanwhile)
}

func TestWhatMovesWhileAStreamIsAppliedIsDroppedAndSaid(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.streams(2)
		movesMeanwhile(w)
	})
}

func movesMeanwhile(w *world) {
	w.Helper()
	w.opt.Shard = 2
	for i := range 8 {
		w.crm.put(account{id: fmt.Sprintf("N%d", i), name: fmt.Sprintf("New %d", i), owner: "Kim"})
	}
	w.run()
	for i := range 8 {
		w.crm.set(crm.Account, fmt.Sprintf("N%d", i), "Owner", "Zoe")
	}
	shards := 0
	w.opt.Checkpoint = func(point string) {
		if point != "wrote" {
			return
		}
		if shards++; shards == 1 {
			w.edit("N3", owner, text("Ivy"))                               // made ready already
			w.edit("N7", owner, text("Ivy"))                               // not read yet
			w.edit("N6", "field:support_level", helpdesk.ChoiceOf("gold")) // not what is to be written
			w.clock.Move(time.Minute)
		}
	}
	w.desk.ClearLog()
	rep := w.run()
	w.opt.Checkpoint = nil
	if got := len(w.written()); got != 6 {
		w.Errorf("written: %q", w.written())
	}
	w.holds("N3", owner, "Ivy")
	w.holds("N7", owner, "Ivy")
	if len(rep.Refused) != 2 || rep.State != journal.Partly {
		w.Errorf("%q, refused: %+v", rep.State, rep.Refused)
	}
	if again := rep.Again; again == nil || again.Run != rep.Run+1 || again.State != journal.InStep {
		w.Errorf("the second try: %+v", again)
	}
	w.same("items after the second try", w.items(), []string{"drift clashed N3 " + owner, "drift clashed N7 " + owner})
	w.quiet()
	w.same("items", w.items(), []string{"drift clashed N3 " + owner, "drift clashed N7 " + owner})
}

// A name is free only once the organization that has it is called otherwise, which
// may be in a later shard.
func TestAChainOfNamesOverShardsEndsInOneCommand(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.opt.Shard = 1
		w.run()
		w.crm.set(crm.Account, "A1", "Name", "Bolt")
		w.crm.set(crm.Account, "B1", "Name", "Gamma Inc")
		rep := w.run()
		if rep.Raced != 1 || rep.Failed != 0 || rep.Again == nil || rep.Again.Applied != 1 || rep.Again.State != journal.Applied {
			w.Errorf("raced %d, failed %d, second try %+v", rep.Raced, rep.Failed, rep.Again)
		}
		w.holds("A1", helpdesk.Name, "Bolt")
		w.holds("B1", helpdesk.Name, "Gamma Inc")
		w.quiet()
	})
}

// What cannot be written at the second try either has failed, and is tried no third
// time.
func TestASecondTryIsTheLast(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.run()
		w.crm.set(crm.Account, "A1", "Owner", "Zoe")
		hand := 0
		w.opt.Checkpoint = func(point string) {
			if point == "apply" {
				hand++
				w.edit("A1", owner, text(fmt.Sprintf("Hand %d", hand)))
				w.clock.Move(2 * time.Minute)
			}
		}
		rep := w.run()
		w.opt.Checkpoint = nil
		if rep.Raced != 1 || rep.Again == nil || rep.Again.Again != nil {
			w.Errorf("raced %d, second try %+v", rep.Raced, rep.Again)
		}
		w.holds("A1", owner, fmt.Sprintf("Hand %d", hand))
	})
}

func TestAResumedRunDropsWhatMovedSince(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.run()
		w.crm.set(crm.Account, "A1", "Owner", "Zoe")
		w.crm.set(crm.Account, "B1", "Owner", "Zoe")
		frozen, thaw, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
		w.opt.Checkpoint = func(point string) {
			if point == "apply" {
				select {
				case <-frozen:
				default:
					close(frozen)
				}
				<-thaw
			}
		}
		dead := w.reconciler()
		go func() {
			defer close(over)
			if _, err := dead.Run(context.WithoutCancel(w.Context()), reconcile.Trigger{Mode: reconcile.Reconcile}); err == nil {
				w.Error("the dead run went on")
			}
		}()
		<-frozen
		w.opt.Checkpoint = nil
		w.clock.Move(time.Hour)
		w.edit("B1", owner, text("Ivy"))
		rep := w.run()
		if want := []reconcile.Resumed{{Run: 2, State: journal.Partly, Tally: reconcile.Tally{Written: 1, Raced: 1}}}; !slices.Equal(rep.Resumed, want) || rep.Applied != 0 {
			w.Errorf("resumed %+v, want %+v; and written besides: %d", rep.Resumed, want, rep.Applied)
		}
		run, err := w.journal.RunByID(w.Context(), 2)
		if err != nil || !strings.Contains(string(run.Totals), `"applied":1`) {
			w.Errorf("the journal's totals of the resumed run are %s, %v", run.Totals, err)
		}
		w.holds("A1", owner, "Zoe")
		w.holds("B1", owner, "Ivy")
		w.same("items", w.items(), []string{"drift clashed B1 " + owner})
		close(thaw)
		<-over
		w.quiet()
	})
}
