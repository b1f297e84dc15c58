package main

import (
	"context"
	"fmt"

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
	if done, err := s.settled(ctx, &run, "approve"); done || err != nil {
		return err
	}
	r, err := s.reconcilerOf(ctx, pipeline, false)
	if err != nil {
		return err
	}
	if err := s.audit(ctx, "approve", fmt.Sprintf("run %d", run.ID), reason); err != nil {
		return err
	}
	rep, err := r.Replay(ctx, reconcile.Replay{Mode: journal.Approve, Parent: run.ID, By: s.who(), Changes: s.guarded(ctx, run.ID)})
	s.acted(ctx, pipeline)
	if err != nil {
		return err
	}
	if rep.Summary.Writes() == 0 && len(rep.Refused) == 0 && rep.Standing == 0 {
		s.answer(map[string]any{"run": run.ID, "held": 0, "written": 0}, "run %d holds nothing by a guard", run.ID)
		return nil
	}
	return s.replayed(rep)
}

func (s *session) reject(ctx context.Context, word, reason string) error {
	if reason == "" {
		return usage("say why with --reason, for whoever asks in a year")
	}
	run, err := s.runNamed(ctx, word)
	if err != nil {
		return err
	}
	if done, err := s.settled(ctx, &run, "reject"); done || err != nil {
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
	s.decided(ctx, run.Pipeline)
	s.answer(map[string]any{"run": run.ID, "rejected": len(accounts)}, "%s of run %d rejected; they stay held until what the CRM wants changes", count(len(accounts), "account"), run.ID)
	return nil
}
