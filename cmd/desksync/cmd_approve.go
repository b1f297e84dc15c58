package main

import (
	"context"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func (a *app) approveCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "approve RUN", Short: "Write exactly what a guard held in a run; refuse what has moved since",
		Args: oneArg("the number of a run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.approve(cmd.Context(), args[0], reason) })
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why it is right, for the record")
	return c
}

func (a *app) rejectCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "reject RUN", Short: "Keep what a guard held in a run from being written, until what the CRM wants changes",
		Args: oneArg("the number of a run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.reject(cmd.Context(), args[0], reason) })
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why it is wrong, for the record")
	return c
}

func (s *session) approve(ctx context.Context, word, reason string) error {
	run, err := s.runNamed(ctx, word)
	if err != nil {
		return err
	}
	pipeline, err := s.pipelineOf(ctx, &run)
	if err != nil {
		return err
	}
	if done, err := s.settled(ctx, &run); done || err != nil {
		return err
	}
	r, err := s.reconcilerOf(ctx, pipeline, false)
	if err != nil {
		return err
	}
	who := s.who()
	if err := s.journal.AddAudit(ctx, journal.Audit{Who: who, What: "approve", Ref: fmt.Sprintf("run %d", run.ID), Detail: reason}); err != nil {
		return err
	}
	rep, err := r.Replay(ctx, reconcile.Replay{Mode: journal.Approve, Parent: run.ID, By: who, Changes: s.guarded(ctx, run.ID)})
	if err != nil {
		return err
	}
	if rep.Summary.Writes() == 0 && len(rep.Refused) == 0 && rep.Standing == 0 {
		s.answer(map[string]any{"run": run.ID, "held": 0, "written": 0}, "run %d holds nothing by a guard", run.ID)
		return nil
	}
	return s.replayed(rep)
}

// settled says whether a run was approved already, and refuses one that there is
// nothing to approve of: it only looked, or a later one of its pipeline held something
// else. What is approved is what was seen last.
func (s *session) settled(ctx context.Context, run *journal.Run) (done bool, err error) {
	if run.Sealed.IsZero() {
		return false, refused("run %d (%s, %s) holds nothing back: there is nothing to approve; desksync reconcile holds what is too much, and names the run", run.ID, run.Mode, run.State)
	}
	if by, err := s.approvedBy(ctx, run); by != 0 || err != nil {
		s.answer(map[string]any{"run": run.ID, "approved_by": by, "written": 0}, "run %d was approved already, by run %d: nothing of it is left to write", run.ID, by)
		return true, err
	}
	return false, s.newest(ctx, run)
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

func (s *session) newest(ctx context.Context, run *journal.Run) error {
	later, err := s.journal.Runs(ctx, journal.RunFilter{Pipeline: run.Pipeline, Mode: journal.Reconcile}, 1)
	if err != nil || len(later) == 0 || later[0].ID <= run.ID || later[0].Changeset == run.Changeset {
		return err
	}
	for _, err := range s.guarded(ctx, later[0].ID) {
		if err != nil {
			return err
		}
		return refused("run %d came after run %d and its changes differ; look at it (desksync runs show %d --held) and approve that one", later[0].ID, run.ID, later[0].ID)
	}
	return refused("run %d came after run %d and its changes differ; no guard holds any of them, so there is nothing to approve", later[0].ID, run.ID)
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

func (s *session) reject(ctx context.Context, word, reason string) error {
	if reason == "" {
		return usage("say why with --reason, for whoever asks in a year")
	}
	run, err := s.runNamed(ctx, word)
	if err != nil {
		return err
	}
	var list []journal.Decision
	accounts := map[string]bool{}
	for c, err := range s.guarded(ctx, run.ID) {
		if err != nil {
			return err
		}
		accounts[c.Account] = true
		for _, d := range changeset.Rejections(&c.Change, s.who(), reason) {
			list = append(list, journal.Decision{
				Pipeline: run.Pipeline, Account: c.Account, Kind: c.Ref.Kind, Key: c.Ref.Key, Field: d.Field, Action: string(d.Action), Want: d.Want,
				Reason: reason, Author: s.who(), Run: run.ID,
			})
		}
	}
	if len(list) == 0 {
		s.answer(map[string]any{"run": run.ID, "held": 0, "rejected": 0}, "run %d holds nothing by a guard", run.ID)
		return nil
	}
	if err := s.journal.PutDecisions(ctx, list); err != nil {
		return err
	}
	s.answer(map[string]any{"run": run.ID, "rejected": len(accounts)}, "%s of run %d rejected; they stay held until what the CRM wants changes", count(len(accounts), "account"), run.ID)
	return nil
}
