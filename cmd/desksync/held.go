package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

const actionApprove = "approve"

// settled says whether a run was approved already, and refuses one of which there is
// nothing to decide: it only looked, or a later one of its pipeline held something else.
// What is decided about is what was seen last.
func (s *session) settled(ctx context.Context, run *journal.Run, verb string) (done bool, err error) {
	if run.Sealed.IsZero() {
		return false, s.onlyLooked(ctx, run, verb)
	}
	if by, err := s.approvedBy(ctx, run); by != 0 || err != nil {
		s.answer(map[string]any{"run": run.ID, "approved_by": by, "written": 0}, "run %d was approved already, by run %d: nothing of it is left to write", run.ID, by)
		return true, err
	}
	return false, s.newest(ctx, run, verb)
}

// onlyLooked refuses a run that sealed nothing, and names the one that holds.
func (s *session) onlyLooked(ctx context.Context, run *journal.Run, verb string) error {
	hold, err := s.holdOf(ctx, run.Pipeline, 0)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("run %d (%s, %s) holds nothing back: there is nothing to %s", run.ID, run.Mode, run.State, verb)
	if hold.ID == 0 {
		return refused("%s; desksync reconcile holds what is too much, and names the run", what)
	}
	return refused("%s; run %d does: desksync %s %d", what, hold.ID, verb, hold.ID)
}

// holdOf is the newest run of a pipeline, up to one (0: of all), that holds something by a
// guard; none where a run came after it that looked at all accounts and holds nothing. One
// that looked at some accounts counts where none that looked at all of them holds.
func (s *session) holdOf(ctx context.Context, pipeline, upTo int64) (journal.Run, error) {
	f := journal.RunFilter{Pipeline: pipeline, Mode: journal.Reconcile}
	if upTo != 0 {
		f.Before = upTo + 1
	}
	var some journal.Run
	for r, err := range s.journal.EachRun(ctx, f) {
		if err != nil {
			return some, err
		}
		if r.Sealed.IsZero() {
			continue
		}
		_, n, err := s.heldIn(ctx, r.ID, nil)
		switch all := onlyOf(&r) == nil; {
		case err != nil || all && n > 0:
			return r, err
		case all:
			return some, nil
		case n > 0 && some.ID == 0:
			some = r
		}
	}
	return some, nil
}

// onlyOf are the accounts that a run was for; nil: all.
func onlyOf(r *journal.Run) map[string]bool {
	var totals struct {
		Only []string `json:"only"`
	}
	if err := json.Unmarshal(r.Totals, &totals); err != nil || totals.Only == nil {
		return nil
	}
	out := map[string]bool{}
	for _, a := range totals.Only {
		out[a] = true
	}
	return out
}

// heldIn is the digest and the number of the changes that a guard held in a run, of some
// accounts (nil: of all).
func (s *session) heldIn(ctx context.Context, run int64, only map[string]bool) (d changeset.Digest, n int, err error) {
	for c, err := range s.guarded(ctx, run) {
		if err != nil {
			return d, n, err
		}
		if only == nil || only[c.Account] {
			d.Add(&c.Change)
			n++
		}
	}
	return d, n, nil
}

// newest refuses a run after which a later one held something else. A run for some accounts
// says nothing of the others, and what is written by now is told apart change by change.
func (s *session) newest(ctx context.Context, run *journal.Run, verb string) error {
	for later, err := range s.journal.EachRun(ctx, journal.RunFilter{Pipeline: run.Pipeline, Mode: journal.Reconcile}) {
		if err != nil || later.ID <= run.ID {
			return err
		}
		if later.Sealed.IsZero() {
			continue
		}
		only := onlyOf(&later)
		now, n, err := s.heldIn(ctx, later.ID, only)
		if err != nil {
			return err
		}
		then, _, err := s.heldIn(ctx, run.ID, only)
		switch same := now == then; {
		case err != nil || same && only == nil:
			return err
		case same || only != nil && n == 0:
		default:
			return replacedBy(run, &later, n, only != nil, verb)
		}
	}
	return nil
}

func replacedBy(run, later *journal.Run, held int, some bool, verb string) error {
	switch {
	case held == 0:
		return refused("run %d came after run %d and its changes differ; no guard holds any of them, so there is nothing to %s", later.ID, run.ID, verb)
	case some:
		return refused("run %d came after run %d, for some accounts alone, and holds other changes of them; desksync reconcile looks at all again, and names the run to %s", later.ID, run.ID, verb)
	default:
		return refused("run %d came after run %d and its changes differ; look at it (desksync runs show %d --held) and %s that one", later.ID, run.ID, later.ID, verb)
	}
}

// approvedBy is the run that wrote all that a guard held in another; 0: none did.
func (s *session) approvedBy(ctx context.Context, run *journal.Run) (int64, error) {
	for r, err := range s.journal.EachRun(ctx, journal.RunFilter{Pipeline: run.Pipeline, Mode: journal.Approve}) {
		if err != nil || r.ID < run.ID {
			return 0, err
		}
		if r.Parent == run.ID && r.State == journal.Applied {
			return r.ID, nil
		}
	}
	return 0, nil
}

// rejectedAt is when somebody rejected what a guard held in a run; zero: nobody did, or it
// is over.
func (s *session) rejectedAt(ctx context.Context, run *journal.Run) (at time.Time, err error) {
	f := journal.DecisionFilter{Pipeline: run.Pipeline, Action: string(changeset.Reject), Run: run.ID}
	for d, err := range s.journal.EachDecision(ctx, f) {
		return d.At, err
	}
	return at, nil
}

// guarded yields what a guard held in a run, released from that hold; what waits for
// another reason goes on waiting.
func (s *session) guarded(ctx context.Context, run int64) iter.Seq2[reconcile.Computed, error] {
	return func(yield func(reconcile.Computed, error) bool) {
		held := true
		for c, err := range reconcile.ComputedIn(ctx, s.journal, run, journal.ChangeFilter{Held: &held}) {
			if err == nil && changeset.HoldKind(c.Hold) != changeset.HoldGuard {
				continue
			}
			c.Hold = ""
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}
