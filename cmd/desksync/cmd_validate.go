package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/config"
)

func (a *app) validateCommand() *cobra.Command {
	var online bool
	c := &cobra.Command{
		Use: "validate", Short: "Say everything that is wrong with the configuration, at once",
		Long: "Checks the file, its rules against the columns of the source and the fields of the target, overrides, protected ids and secrets.\n" +
			"With --online the databases are opened and the rules are checked against what both ends really offer.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.validate(cmd.Context(), online) },
	}
	c.Flags().BoolVar(&online, "online", false, "also open the databases and the source")
	return c
}

func (a *app) validate(ctx context.Context, online bool) error {
	file, err := config.Read(a.config)
	if err != nil {
		return err
	}
	secrets := file.Secrets(a.lookup)
	var errs []error
	for name := range file.Pipelines.All() {
		errs = append(errs, a.validatePipeline(ctx, file, name, online))
	}
	problems, _ := errors.AsType[config.Problems](file.Err())
	problems = append(problems, file.Unresolved(secrets)...)
	if len(problems) > 0 {
		errs = append(errs, problems)
	} else if online {
		errs = append(errs, a.with(ctx, func(*session) error { return nil }))
	}
	if err := errors.Join(errs...); err != nil {
		return &exitError{exitUsage, err}
	}
	a.say("%s is right: %s, %s, %s", file.Name(), count(len(file.Pipelines), "pipeline"), count(len(file.Plans), "plan"), count(len(file.SLAPolicies), "SLA policie"))
	return nil
}

// validatePipeline checks the rules of a pipeline against its ends: as the file
// describes them, or as they are.
func (a *app) validatePipeline(ctx context.Context, file *config.File, name string, online bool) error {
	w, err := a.wire(file, name)
	if err != nil {
		return err
	}
	_, overridesErr := w.overrides()
	_, markErr := w.mark()
	if file.Sources.Get(w.cfg.From) == nil || file.Targets.Get(w.cfg.To) == nil {
		return errors.Join(overridesErr, markErr) // the file says so itself
	}
	if !online {
		w.checkOffline()
		return errors.Join(overridesErr, markErr, w.checkSalesforce())
	}
	s, err := a.openWith(ctx, file)
	if err != nil {
		return err
	}
	return errors.Join(s.validateOnline(ctx, w), s.close())
}

func (s *session) validateOnline(ctx context.Context, w *wiring) error {
	source, err := s.sourceOf(ctx, w)
	if err != nil {
		return err
	}
	tgt, err := w.target(ctx, "", true)
	if err != nil {
		return err
	}
	_, err = w.pipeline(ctx, source, tgt)
	if _, told := errors.AsType[config.Problems](err); told {
		err = nil // they stand in the file
	}
	return errors.Join(err, tgt.Close())
}
