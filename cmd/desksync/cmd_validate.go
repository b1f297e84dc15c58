package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/reconcile"
)

func (a *app) validateCommand() *cobra.Command {
	var online bool
	c := &cobra.Command{
		Use: "validate", Short: "Say everything that is wrong with the configuration, at once",
		Long: "Checks the file, its rules against the columns of sources on disk and the fields of the target, overrides, protected ids and secrets.\n" +
			"With --online, and once the file is right, the databases and sources are opened and the rules are checked against what both ends\n" +
			"really offer. What was not checked is said.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.validate(cmd.Context(), online) },
	}
	c.Flags().BoolVar(&online, "online", false, "also open the databases and the source")
	return c
}

func (a *app) validate(ctx context.Context, online bool) error {
	file, err := config.Read(a.config)
	if err != nil {
		return a.invalid(err)
	}
	unchecked, err := a.validateFile(ctx, file)
	var notices []ofTarget
	if err == nil && online {
		unchecked = nil
		notices, err = a.validateEnds(ctx, file)
	}
	if err != nil {
		return a.invalid(err)
	}
	if a.json {
		a.printJSON(map[string]any{
			"file": file.Name(), "valid": true, "pipelines": len(file.Pipelines), "plans": len(file.Plans), "sla_policies": len(file.SLAPolicies),
			"unchecked": append([]string{}, unchecked...), "notices": append([]ofTarget{}, notices...),
		})
		return nil
	}
	a.say("%s is right: %s, %s, %s", file.Name(), count(len(file.Pipelines), "pipeline"), count(len(file.Plans), "plan"), count(len(file.SLAPolicies), "SLA policie"))
	for _, what := range unchecked {
		a.prose(0, "not checked: %s", what)
	}
	for _, n := range notices {
		a.prose(0, "%s: %s", n.Target, n.Text)
	}
	return nil
}

// ofTarget is a notice with the target that it is about.
type ofTarget struct {
	Target string `json:"target"`
	reconcile.Notice
}

// validateFile checks what needs no network, and opens nothing but files of sources.
func (a *app) validateFile(ctx context.Context, file *config.File) (unchecked []string, err error) {
	var errs []error
	for name := range file.Pipelines.All() {
		w, err := a.wire(file, name)
		if err != nil {
			return nil, err
		}
		left, columnsErr := w.CheckOffline(ctx)
		_, markErr := w.Mark()
		errs = append(errs, markErr, w.CheckSalesforce(), columnsErr)
		if left != "" {
			unchecked = append(unchecked, left)
		}
		if t := file.Targets.Get(w.Config.To); t != nil && t.Type != "sqldesk" {
			unchecked = append(unchecked, fmt.Sprintf("whether %s (%s) has the fields and options that the rules write; that takes --online", w.Config.To, t.Type))
		}
	}
	problems, _ := errors.AsType[config.Problems](file.Err())
	if problems = append(problems, file.Unresolved(file.Secrets(a.lookup))...); len(problems) > 0 {
		errs = append(errs, problems)
	}
	return unchecked, errors.Join(distinct(map[string]bool{}, errs)...)
}

// distinct says once what several pipelines say of a file that they share.
func distinct(said map[string]bool, errs []error) (out []error) {
	for _, err := range errs {
		switch e := err.(type) { //nolint:errorlint // each layer in turn
		case nil:
		case config.Problems:
			if e = slices.DeleteFunc(slices.Clone(e), func(p config.Problem) bool { return seen(said, p.Error()) }); len(e) > 0 {
				out = append(out, e)
			}
		case interface{ Unwrap() []error }:
			out = append(out, distinct(said, e.Unwrap())...)
		default:
			if !seen(said, err.Error()) {
				out = append(out, err)
			}
		}
	}
	return out
}

func seen(said map[string]bool, text string) bool {
	was := said[text]
	said[text] = true
	return was
}

// validateEnds checks the rules of every pipeline against its ends as they are, and
// opens the journal. What is worth a look and no fault it returns.
func (a *app) validateEnds(ctx context.Context, file *config.File) ([]ofTarget, error) {
	var errs []error
	var notices []ofTarget
	for name := range file.Pipelines.All() {
		found, err := a.validatePipeline(ctx, file, name)
		notices, errs = append(notices, found...), append(errs, err)
	}
	if file.Err() != nil {
		return nil, errors.Join(append(errs, file.Err())...)
	}
	return notices, errors.Join(append(errs, a.with(ctx, func(*session) error { return nil }))...)
}

func (a *app) validatePipeline(ctx context.Context, file *config.File, name string) ([]ofTarget, error) {
	w, err := a.wire(file, name)
	if err != nil {
		return nil, err
	}
	s, err := a.openWith(ctx, file)
	if err != nil {
		return nil, err
	}
	notices, err := s.validateOnline(ctx, w)
	return notices, errors.Join(err, s.close())
}

func (s *session) validateOnline(ctx context.Context, w *wire.Pipeline) (out []ofTarget, err error) {
	source, err := s.sourceOf(ctx, w)
	if err != nil {
		return nil, err
	}
	tgt, err := s.openTarget(ctx, w, "", true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tgt.Close()) }()
	p, err := w.Assemble(ctx, source, tgt)
	if _, told := errors.AsType[config.Problems](err); told {
		return nil, remedy(ctx, w, tgt) // they stand in the file
	}
	if err == nil {
		_, err = w.OverridesFor(p.Mapper)
	}
	if err != nil {
		return nil, err
	}
	list, err := reconcile.Notices(ctx, tgt, p.Rules)
	for _, n := range list {
		out = append(out, ofTarget{w.Config.To, n})
	}
	return out, err
}

// invalid ends with what is wrong: for programs as data, for people on standard error.
func (a *app) invalid(err error) error {
	if !a.json {
		return &exitError{exitUsage, err}
	}
	a.printJSON(map[string]any{"file": a.config, "valid": false, "problems": problemsJSON(err)})
	return exit(exitUsage)
}

// problemsJSON lists the faults of a file with their places, and anything else as a
// message alone.
func problemsJSON(err error) []map[string]any {
	switch e := err.(type) { //nolint:errorlint // each layer in turn
	case nil:
		return nil
	case config.Problems:
		out := make([]map[string]any, 0, len(e))
		for _, p := range e {
			out = append(out, map[string]any{"file": p.File, "line": p.Line, "column": p.Column, "path": p.Path, "message": p.Msg, "remedy": p.Fix})
		}
		return out
	case *exitError:
		return problemsJSON(e.cause)
	case interface{ Unwrap() []error }:
		var out []map[string]any
		for _, x := range e.Unwrap() {
			out = append(out, problemsJSON(x)...)
		}
		return out
	default:
		return []map[string]any{{"message": fault.Plain(err)}}
	}
}
