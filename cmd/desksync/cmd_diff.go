package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/reconcile"
)

type diffFlags struct {
	passFlags
	filter deltaFilter
	save   string
	max    int
}

func (a *app) diffCommand() *cobra.Command {
	var f diffFlags
	c := &cobra.Command{
		Use:   "diff",
		Short: "Show what a pass would change, and why; write nothing to the helpdesk",
		Long:  "Reads, maps and compares like a pass, and writes nothing to the helpdesk: per organization and field the old value, the new one, and why.\n\n" + exitHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.diffAll(cmd.Context(), f) })
		},
	}
	f.common(c)
	c.Flags().StringVar(&f.asOf, "as-of", "", "the same rules on another `day`, written YYYY-MM-DD")
	c.Flags().StringVar(&f.save, "save", "", "save the changes to a `file` for desksync apply")
	f.filter.flags(c)
	c.Flags().IntVar(&f.max, "max", 1000, "organizations shown in text; 0 shows all")
	return c
}

func (s *session) diffAll(ctx context.Context, f diffFlags) error {
	names, err := s.chosen(f.pipeline)
	if err != nil {
		return err
	}
	if f.save != "" && f.asOf != "" {
		return usage("--save saves what may be written today, and --as-of shows another day; leave one of them out")
	}
	if err := f.filter.check(s, names); err != nil {
		return err
	}
	if f.save != "" && len(names) != 1 {
		return usage("--save saves one pipeline; name it with --pipeline")
	}
	if f.save != "" {
		if err := mayReplace(f.save, savedBegins); err != nil {
			return err
		}
	}
	worst := exitOK
	for _, name := range names {
		rep, err := s.diffOne(ctx, name, f)
		if err != nil {
			return err
		}
		if !rep.Summary.Idle() || rep.Conflicts > 0 || len(rep.Pending) > 0 {
			worst = worse(worst, exitFound)
		}
		if rep.Blocked() {
			worst = worse(worst, exitRefused)
		}
	}
	return exit(worst)
}

func (s *session) diffOne(ctx context.Context, name string, f diffFlags) (*reconcile.Report, error) {
	asOf, err := day.Parse(f.asOf)
	if err != nil {
		return nil, usage("--as-of: %v", err)
	}
	r, err := s.reconcilerOf(ctx, name, true)
	if err != nil {
		return nil, err
	}
	only, err := s.accountsOf(ctx, name, f.orgs)
	if err != nil {
		return nil, err
	}
	rep, err := r.Run(ctx, reconcile.Trigger{Mode: reconcile.Diff, By: "command", Full: f.full, Only: only, AsOf: asOf})
	if err != nil {
		return rep, err
	}
	if err := s.printDiff(ctx, rep, f); err != nil {
		return rep, err
	}
	if f.save != "" {
		return rep, s.saveDiff(ctx, rep, f.save)
	}
	return rep, nil
}

func (s *session) printDiff(ctx context.Context, rep *reconcile.Report, f diffFlags) error {
	if !s.json {
		s.printHead(rep)
		s.printShrunk(rep)
		if rep.Blocked() {
			return nil
		}
	}
	if err := s.printChanges(ctx, rep.Run, f.filter.view(s, rep.Pipeline, rep.Run, f.max)); err != nil {
		return err
	}
	if s.json {
		s.printJSON(reportJSON(rep))
		return nil
	}
	for _, g := range rep.Tripped {
		s.prose(0, "guard %q would hold: %s", g.Guard, g.Text)
		next := " · desksync reconcile writes the rest, and names the run to approve or reject"
		if rep.Forecast {
			next = ""
		}
		s.hint("see them: desksync runs show %d --held%s", rep.Run, next)
	}
	for _, run := range rep.Pending {
		s.prose(0, "run %d was cut off while it was being applied: desksync reconcile brings it to its end", run)
	}
	s.printSums(rep)
	s.prose(0, "%s", rep.Cost)
	if rep.Forecast {
		s.printForeseen(rep)
		return nil
	}
	s.printOpen(rep)
	return nil
}

// printForeseen says what would be worth a look on another day. There is nothing to
// decide about it today.
func (s *session) printForeseen(rep *reconcile.Report) {
	if s.quiet {
		return
	}
	s.prose(0, "this is a forecast of %s: drift, conflicts and explain list nothing of it", rep.Day)
	if len(rep.Foreseen) > 0 {
		s.prose(0, "worth a look on that day:")
	}
	for _, i := range rep.Foreseen {
		s.prose(2, "%s", i.Text)
	}
}
