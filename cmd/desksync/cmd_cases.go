package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/cmd/internal/cases"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/internal/day"
)

// testFlags are the flags of test.
type testFlags struct{ asOf string }

func (a *app) testCommand() *cobra.Command {
	var f testFlags
	c := &cobra.Command{
		Use:   "test [FILE|DIR …]",
		Short: "Try your own cases against your configuration, in a world that is thrown away",
		Long: "Each case is a small file: a day, what the CRM holds, what the helpdesk holds, and what one run must make of it.\n" +
			"Nothing of yours is read but the configuration, and nothing is written. Without files, the folder cases beside the\n" +
			"configuration is tried. A case without `expect` shows what would happen. docs/cases.md has the format.\n\n" +
			"Exit codes:\n  0    every case passed\n  1    a case failed\n  2    wrong flags, configuration or case file",
		RunE: func(cmd *cobra.Command, args []string) error { return a.test(cmd.Context(), args, f) },
	}
	c.Flags().StringVar(&f.asOf, "as-of", "", "run every case on this `day` instead of its own, written YYYY-MM-DD")
	return c
}

func (a *app) test(ctx context.Context, args []string, f testFlags) error {
	asOf, err := day.Parse(f.asOf)
	if err != nil {
		return usage("--as-of: %v", err)
	}
	if _, err := config.Load(a.config); err != nil {
		return err
	}
	files, err := a.caseFiles(args)
	if err != nil {
		return err
	}
	lab, err := cases.New(a.config, cases.Options{AsOf: asOf, Lookup: a.lookup, Code: codeOfReport, Explain: a.explainedText})
	if err != nil {
		return err
	}
	defer lab.Close()
	sum := &caseSummary{}
	for res := range lab.RunAll(ctx, files) {
		sum.add(res)
		a.printCase(res)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return a.printCaseSummary(sum)
}

// caseFiles lists the files that the arguments name, folders in the order of their
// names with all that is below them.
func (a *app) caseFiles(args []string) ([]string, error) {
	if len(args) == 0 {
		args = []string{filepath.Join(filepath.Dir(a.config), "cases")}
	}
	var out []string
	for _, arg := range args {
		name := strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(arg, "..."), "…"), "/")
		found, err := casesIn(name)
		if err != nil {
			return nil, usage("%s cannot be read: %v; name a case file, or a folder of them", arg, innermostOf(err))
		}
		if len(found) == 0 {
			return nil, usage("%s holds no case; a case is a file whose name ends in .yaml", arg)
		}
		out = append(out, found...)
	}
	return slices.Compact(out), nil
}

func casesIn(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return []string{name}, err
	}
	var out []string
	err = filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err == nil && !entry.IsDir() && (ext == ".yaml" || ext == ".yml") {
			out = append(out, path)
		}
		return err
	})
	return out, err
}

// innermostOf drops the name of the file and of the system call, which the message
// has already.
func innermostOf(err error) error {
	if e, ok := err.(*fs.PathError); ok { //nolint:errorlint // as Stat and WalkDir return it
		return e.Err
	}
	return err
}

// explainedText is what explain prints of a case.
func (a *app) explainedText(ctx context.Context, x *cases.Explained) (string, error) {
	var out strings.Builder
	inside := &app{out: &out, err: a.err, now: a.now, log: a.log, quiet: true}
	s := &session{app: inside, file: x.File, journal: x.Journal}
	err := s.printExplanation(ctx, &explained{Explanation: x.Explanation, pipeline: x.Pipeline, target: x.Target, run: x.Run, subject: x.Subject})
	return out.String(), err
}

// caseSummary counts results.
type caseSummary struct{ cases, passed, failed, broken, shown int }

func (s *caseSummary) add(r *cases.Result) {
	s.cases++
	switch {
	case r.Problem != nil:
		s.broken++
	case r.Shown != nil:
		s.shown++
	case len(r.Failures) > 0:
		s.failed++
	default:
		s.passed++
	}
}

// String renders "38 cases: 37 passed, 1 failed".
func (s *caseSummary) String() string {
	parts := []string{fmt.Sprintf("%s passed", comma(s.passed)), fmt.Sprintf("%s failed", comma(s.failed))}
	if s.shown > 0 {
		parts = append(parts, fmt.Sprintf("%s without expectations", comma(s.shown)))
	}
	if s.broken > 0 {
		parts = append(parts, fmt.Sprintf("%s could not be tried", comma(s.broken)))
	}
	return count(s.cases, "case") + ": " + joinWords(parts)
}

func (a *app) printCaseSummary(s *caseSummary) error {
	if !a.json {
		a.say("%s", s)
	}
	switch {
	case s.broken > 0:
		return exit(exitUsage)
	case s.failed > 0:
		return exit(exitFailed)
	default:
		return nil
	}
}
