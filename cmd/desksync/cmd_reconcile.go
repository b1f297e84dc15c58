package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

type passFlags struct {
	pipeline     string
	full         bool
	orgs         []string
	acceptShrink bool
	yes          bool
	asOf         string
}

func (a *app) reconcileCommand() *cobra.Command {
	var f passFlags
	c := &cobra.Command{
		Use:   "reconcile",
		Short: "Make one pass: read, compare, guard, write, record",
		Long: "Makes one pass of every pipeline, or of the one named. An interrupt stops it cleanly, and the next run goes on.\n" +
			"On a terminal it says what it is about to write, and asks; elsewhere, or with --yes, it does not.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.reconcileAll(cmd.Context(), f) })
		},
	}
	f.common(c)
	c.Flags().BoolVar(&f.acceptShrink, "accept-shrink", false, "the source is right to have far fewer rows than before")
	c.Flags().BoolVarP(&f.yes, "yes", "y", false, "write without asking; never past a guard")
	return c
}

func (f *passFlags) common(c *cobra.Command) {
	c.Flags().StringVar(&f.pipeline, "pipeline", "", "only this `pipeline`")
	c.Flags().BoolVar(&f.full, "full", false, "read the source and list the helpdesk in full, whatever they say changed")
	c.Flags().StringArrayVar(&f.orgs, "org", nil, "only this account, by its `id`; may be repeated")
}

func (s *session) reconcileAll(ctx context.Context, f passFlags) error {
	names, err := s.chosen(f.pipeline)
	if err != nil {
		return err
	}
	worst := exitOK
	var errs []error
	tell := s.telling()
	for _, name := range names {
		rep, err := s.reconcileOne(ctx, name, f)
		tell.after(ctx, name, err)
		switch {
		case rep == nil || rep.Run == 0 || err != nil:
		case rep.Declined:
			s.say("nothing was written")
			s.hint("field by field: desksync runs show %d", rep.Run)
		default:
			s.printReport(rep)
		}
		if err != nil {
			if rep != nil && rep.Run != 0 {
				s.printFailed(rep)
			}
			errs = append(errs, err)
			worst = worse(worst, codeOfBroken(rep, err))
			continue
		}
		worst = worse(worst, codeOfReport(rep))
	}
	tell.deliver(ctx)
	if len(errs) > 0 {
		return &exitError{worst, errors.Join(errs...)}
	}
	s.prune(ctx)
	return exit(worst)
}

// keepRuns is how many finished runs of a pipeline stay, however old they are.
const keepRuns = 20

// prune forgets, once a day, what the journal need not keep any longer. A pass that
// went well is not spoilt by it.
func (s *session) prune(ctx context.Context) {
	age := s.file.Journal.Keep.AtLeast()
	gone, err := s.journal.PruneDaily(ctx, journal.Retention{Runs: age, KeepRuns: keepRuns, Items: age, Decisions: age})
	switch {
	case err != nil:
		s.log.Warn().Ctx(ctx).Err(err).Msg("journal not pruned; it is tried again tomorrow")
	case len(gone) > 0:
		s.log.Info().Ctx(ctx).Interface("rows", gone).Msg("journal pruned")
	}
}

func (s *session) reconcileOne(ctx context.Context, name string, f passFlags) (*reconcile.Report, error) {
	r, err := s.reconcilerOf(ctx, name, false)
	if err != nil {
		return nil, err
	}
	only, err := s.accountsOf(ctx, name, f.orgs)
	if err != nil {
		return nil, err
	}
	if f.acceptShrink {
		if err := s.audit(ctx, "accept-shrink", name, ""); err != nil {
			return nil, err
		}
	}
	t := reconcile.Trigger{Mode: reconcile.Reconcile, By: "command", Full: f.full, Only: only, AcceptShrink: f.acceptShrink}
	if !f.yes && s.asks() {
		t.Confirm = func(rep *reconcile.Report) bool { return s.mayWrite(ctx, rep) }
	}
	return r.Run(ctx, t)
}

// mayWrite shows what a pass is about to write, and asks.
func (s *session) mayWrite(ctx context.Context, rep *reconcile.Report) bool {
	for _, g := range rep.Tripped {
		s.prose(0, "guard %q holds: %s", g.Guard, g.Text)
	}
	s.printSums(rep)
	return s.confirm(ctx, "Write this to %s?", rep.Target)
}

// codeOfBroken is the exit code of a pass that an error ended: partly, where a server
// or a disk failed after something was written.
func codeOfBroken(r *reconcile.Report, err error) int {
	if r != nil && r.Applied > 0 && fault.KindOf(err) == fault.Unavailable {
		return exitPartly
	}
	return codeOf(err)
}

// codeOfReport is the exit code that a pass deserves. What raced counts as the second
// try left it.
func codeOfReport(r *reconcile.Report) int {
	if r.Again != nil {
		return worse(codeOfTry(r, 0), codeOfReport(r.Again))
	}
	return codeOfTry(r, r.Raced)
}

func codeOfTry(r *reconcile.Report, raced int) int {
	switch {
	case r.Held():
		return exitRefused
	case r.Failed > 0 || r.Waiting > 0 || r.Conflicts > 0 || raced > 0 || slices.ContainsFunc(r.Resumed, endedPartly):
		return exitPartly
	case r.State == journal.Interrupted:
		return exitInterrupted
	case r.Declined:
		return exitFound
	default:
		return exitOK
	}
}

// endedPartly reports whether something of a run that was cut off is not done. What raced
// and what was left is compared again by the run that follows.
func endedPartly(x reconcile.Resumed) bool { return x.Failed > 0 || x.Waiting > 0 }

// severity orders exit codes when several pipelines ran: the worst is returned.
var severity = map[int]int{exitOK: 0, exitFound: 1, exitPartly: 2, exitRefused: 3, exitFailed: 4, exitUsage: 5, exitInterrupted: 6}

func worse(a, b int) int {
	if severity[b] > severity[a] {
		return b
	}
	return a
}
