package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/reconcile"
)

type diffFlags struct {
	passFlags
	save   string
	causes []string
	fields []string
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
	c.Flags().StringArrayVar(&f.causes, "cause", nil, "only changes of this `cause`, such as moved or drifted; may be repeated")
	c.Flags().StringArrayVar(&f.fields, "field", nil, "only this `field`, such as aar or tag:gold; may be repeated")
	c.Flags().IntVar(&f.max, "max", 1000, "organizations shown in text; 0 shows all")
	return c
}

func (s *session) diffAll(ctx context.Context, f diffFlags) error {
	names, err := s.chosen(f.pipeline)
	if err != nil {
		return err
	}
	if f.save != "" && len(names) != 1 {
		return usage("--save saves one pipeline; name it with --pipeline")
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
	if err := s.printChanges(ctx, rep.Run, view{rep.Pipeline, f.keeps, f.max, s.self("runs show %d --max 0", rep.Run)}); err != nil {
		return err
	}
	if s.json {
		s.printJSON(reportJSON(rep))
		return nil
	}
	for _, g := range rep.Tripped {
		s.prose(0, "guard %q would hold: %s", g.Guard, g.Text)
		s.hint("see them: desksync runs show %d --held · desksync reconcile writes the rest, and names the run to approve or reject", rep.Run)
	}
	for _, run := range rep.Pending {
		s.prose(0, "run %d was cut off while it was being applied: desksync reconcile brings it to its end", run)
	}
	s.printSums(rep)
	s.prose(0, "%s", rep.Cost)
	s.printOpen(rep)
	return nil
}

// keeps reports whether the filters leave anything of a change, and cuts it down to that.
func (f *diffFlags) keeps(c *helpdesk.Change) bool {
	if len(f.causes) == 0 && len(f.fields) == 0 {
		return true
	}
	var kept []helpdesk.Delta
	for _, d := range c.Deltas {
		if f.wants(d) {
			kept = append(kept, d)
		}
	}
	c.Deltas = kept
	return len(kept) > 0
}

func (f *diffFlags) wants(d helpdesk.Delta) bool {
	cause, field := len(f.causes) == 0, len(f.fields) == 0
	for _, x := range f.causes {
		cause = cause || strings.EqualFold(x, string(d.Cause))
	}
	for _, x := range f.fields {
		field = field || d.Field == x || d.Field == helpdesk.FieldPrefix+x || strings.HasSuffix(x, ":") && strings.HasPrefix(d.Field, x)
	}
	return cause && field
}
