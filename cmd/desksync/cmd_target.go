package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
)

func (a *app) targetCommand() *cobra.Command {
	c := &cobra.Command{Use: "target", Short: "Make a helpdesk ready for what the rules write"}
	var yes bool
	prepare := &cobra.Command{
		Use: "prepare [TARGET]", Short: "Create the organization fields and options that the rules need",
		Long: "Compares the fields that the file names under targets.TARGET.fields with those of the helpdesk, shows what is missing, and\n" +
			"creates it with --yes. Fields of another type are never changed: they are named, with what to do.\n\n" + exitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.prepare(cmd.Context(), args, yes) },
	}
	prepare.Flags().BoolVarP(&yes, "yes", "y", false, "create it, after it was shown")
	c.AddCommand(prepare)
	return c
}

// preparer is a helpdesk whose fields desksync can create.
type preparer interface {
	helpdesk.Target
	Missing(ctx context.Context, want []helpdesk.Spec) ([]zendesk.Lack, error)
	Prepare(ctx context.Context, lacks []zendesk.Lack) ([]string, error)
}

func (a *app) prepare(ctx context.Context, args []string, yes bool) (err error) {
	file, err := config.Load(a.config)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	w, err := a.wireTarget(file, args)
	if err != nil {
		return err
	}
	tgt, err := w.Target(ctx, "", false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tgt.Close()) }()
	z, ok := tgt.(preparer)
	if !ok {
		return usage("%s makes its fields by itself, from the file", w.Config.To)
	}
	lacks, err := a.lacks(ctx, w, z)
	if err != nil || len(lacks) == 0 {
		return err
	}
	return a.prepareNow(ctx, w, z, lacks, yes)
}

// wireTarget finds a pipeline that writes to the target; without a name, the first one.
func (a *app) wireTarget(file *config.File, args []string) (*wire.Pipeline, error) {
	for name, p := range file.Pipelines.All() {
		if len(args) == 0 || p.To == args[0] {
			return a.wire(file, name)
		}
	}
	return nil, usage("no pipeline in %s writes to such a target; known are: %s", file.Name(), joinWords(file.Targets.Names()))
}

// lacks shows what the helpdesk does not have.
func (a *app) lacks(ctx context.Context, w *wire.Pipeline, z preparer) ([]zendesk.Lack, error) {
	cfg := w.File.Targets.Get(w.Config.To)
	if len(cfg.Fields) == 0 {
		return nil, usage("%s names no fields under targets.%s; list there those that the rules need, with their types", w.File.Name(), w.Config.To)
	}
	lacks, err := z.Missing(ctx, w.Offered().Specs[helpdesk.Organization])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Config.To, err)
	}
	for _, l := range lacks {
		a.say("%s", l.Text)
	}
	if len(lacks) == 0 {
		a.say("%s has all %s that the file names", w.Config.To, count(len(cfg.Fields), "field"))
	}
	return lacks, nil
}

func (a *app) prepareNow(ctx context.Context, w *wire.Pipeline, z preparer, lacks []zendesk.Lack, yes bool) error {
	can := 0
	for _, l := range lacks {
		if l.Can {
			can++
		}
	}
	left := &exitError{exitFound, nil}
	switch {
	case can == 0:
		return left
	case w.Observes():
		a.hint("nothing was created: the pipeline %s only observes (mode: observe)", w.Name)
		return left
	case !yes && !a.confirm(ctx, "Create %s in %s?", count(can, "thing"), w.Config.To):
		a.hint("nothing was created; do it with: desksync target prepare %s --yes", w.Config.To)
		return left
	}
	made, err := z.Prepare(ctx, lacks)
	for _, name := range made {
		a.say("made %s", name)
	}
	if err == nil && can < len(lacks) {
		return left
	}
	return err
}
