package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/sync/changeset"
)

func (a *app) undoCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "undo RUN", Short: "Put back what a run changed, and keep later runs from writing it again",
		Long: "Shows what undoing a run would put back, and what cannot be undone. With --yes it is done: the values before the run are\n" +
			"written, and those fields are held until what the CRM wants changes. A created organization is marked, never deleted.\n\n" + exitHelp,
		Args: oneArg("the number of a run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.undo(cmd.Context(), args[0], yes) })
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do it, after the preview")
	return c
}

func (s *session) undo(ctx context.Context, word string, yes bool) error {
	run, err := s.runNamed(ctx, word)
	if err != nil {
		return err
	}
	pipeline, err := s.pipelineOf(ctx, &run)
	if err != nil {
		return err
	}
	r, err := s.reconcilerOf(ctx, pipeline, false)
	if err != nil {
		return err
	}
	preview, impossible, err := r.Undo(ctx, run.ID, s.who(), true)
	if err != nil {
		return err
	}
	if err := s.printChanges(ctx, preview.Run, view{pipeline: pipeline, max: 1000, rest: s.self("runs show %d --max 0", preview.Run)}); err != nil {
		return err
	}
	s.printImpossible(impossible)
	if preview.Summary.Writes() == 0 {
		s.answer(map[string]any{"undone": run.ID, "written": 0}, "nothing of run %d is left to undo", run.ID)
		return nil
	}
	if !yes && !s.confirm(ctx, "Undo run %d?", run.ID) {
		if s.json {
			s.printJSON(reportJSON(preview))
		}
		s.hint("nothing was written; do it with: desksync undo %d --yes", run.ID)
		return exit(exitFound)
	}
	if err := s.audit(ctx, "undo", fmt.Sprintf("run %d", run.ID), ""); err != nil {
		return err
	}
	rep, _, err := r.Undo(ctx, run.ID, s.who(), false)
	s.acted(ctx, pipeline)
	if err != nil {
		return err
	}
	return s.replayed(rep)
}

func (s *session) printImpossible(list []changeset.Impossible) {
	for _, x := range list {
		what := x.Ref.String()
		if x.Field != "" {
			what += " " + x.Field
		}
		s.answer(map[string]any{"impossible": map[string]any{"kind": x.Ref.Kind, "key": x.Ref.Key, "name": x.Name, "field": x.Field, "text": x.Text}},
			"cannot be undone: %s %s: %s", x.Name, what, x.Text)
	}
}
