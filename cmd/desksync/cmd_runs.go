package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/sync/journal"
)

func (a *app) runsCommand() *cobra.Command {
	var pipeline string
	limit := 20
	c := &cobra.Command{
		Use: "runs", Short: "List what was run, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.listRuns(cmd.Context(), pipeline, limit) })
		},
	}
	c.Flags().StringVar(&pipeline, "pipeline", "", "only this `pipeline`")
	c.Flags().IntVar(&limit, "limit", limit, "how many")
	c.AddCommand(a.runsShowCommand())
	return listing(c)
}

type showFlags struct {
	filter   deltaFilter
	findings bool
	max      int
}

func (a *app) runsShowCommand() *cobra.Command {
	var f showFlags
	c := &cobra.Command{
		Use: "show RUN", Short: "Show one run: its changes, what it held, and why", Args: oneArg("the number of a run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.showRun(cmd.Context(), args[0], f) })
		},
	}
	f.filter.flags(c)
	c.Flags().BoolVar(&f.filter.held, "held", false, "only what is held")
	c.Flags().BoolVar(&f.findings, "findings", false, "the findings instead of the changes")
	c.Flags().IntVar(&f.max, "max", 1000, "organizations shown in text; 0 shows all")
	return c
}

func (s *session) listRuns(ctx context.Context, pipeline string, limit int) error {
	names, err := s.pipelineNames(ctx)
	if err != nil {
		return err
	}
	id, err := s.pipelineFilter(ctx, pipeline)
	if err != nil {
		return err
	}
	runs, err := s.journal.Runs(ctx, journal.RunFilter{Pipeline: id}, limit)
	if err != nil {
		return err
	}
	for i := range runs {
		s.printRun(&runs[i], names[runs[i].Pipeline])
	}
	if len(runs) == 0 {
		s.hint("nothing has run yet; begin with desksync diff")
	}
	return nil
}

func (s *session) printRun(r *journal.Run, pipeline string) {
	if s.json {
		s.printJSON(runJSON(r, pipeline))
		return
	}
	text := fmt.Sprintf("run %-5d %s  %-12s %-9s %s", r.ID, r.Started.UTC().Format("2006-01-02 15:04:05"), pipeline, r.Mode, r.State)
	sums := sumsOf(r)
	if sums.Applied > 0 {
		text += fmt.Sprintf(", %s written", count(sums.Applied, "change"))
	}
	if sums.Failed > 0 {
		text += fmt.Sprintf(", %s refused", comma(sums.Failed))
	}
	if sums.Raced > 0 {
		text += fmt.Sprintf(", %s moved in the helpdesk meanwhile", comma(sums.Raced))
	}
	if r.Mode == journal.Forecast {
		text += ", as of " + r.Day.String()
	}
	if r.Parent != 0 {
		text += fmt.Sprintf(", of run %d", r.Parent)
	}
	s.say("%s", text)
	if r.Error != "" {
		s.prose(10, "%s", r.Error)
	}
}

// sums is what became of the changes of a run, in all its attempts.
type sums struct {
	Applied int `json:"applied"`
	Failed  int `json:"failed"`
	Raced   int `json:"raced"`
	Calls   int `json:"calls"`
}

// sumsOf reads the totals of a run; of one that did not come to its end, how many rows it
// settled.
func sumsOf(r *journal.Run) sums {
	s := sums{Applied: -1}
	if err := json.Unmarshal(r.Totals, &s); err != nil || s.Applied < 0 || r.Finished.IsZero() {
		s.Applied, s.Failed = r.Done, r.Failed
	}
	return s
}

func runJSON(r *journal.Run, pipeline string) map[string]any {
	s := sumsOf(r)
	return map[string]any{
		"run": r.ID, "pipeline": pipeline, "mode": r.Mode, "state": r.State, "phase": r.Phase, "day": r.Day, "started": r.Started, "finished": r.Finished,
		"written": s.Applied, "failed": s.Failed, "raced": s.Raced, "calls": s.Calls, "skipped": r.Skipped, "of": r.Parent, "error": r.Error, "totals": r.Totals, "trigger": r.Trigger,
	}
}

func (s *session) showRun(ctx context.Context, word string, f showFlags) error {
	if err := f.filter.checkCauses(); err != nil {
		return err
	}
	run, err := s.runNamed(ctx, word)
	if err != nil {
		return err
	}
	names, err := s.pipelineNames(ctx)
	if err != nil {
		return err
	}
	if !s.json {
		s.printRun(&run, names[run.Pipeline])
	}
	if err := s.printGuards(ctx, &run); err != nil {
		return err
	}
	if f.findings {
		return s.printFindings(ctx, &run)
	}
	return s.printRunChanges(ctx, &run, names[run.Pipeline], f)
}

// printFindings lists the findings of a run that are known still, those that are over
// too. One that came again after it was over counts for the run that found it again.
func (s *session) printFindings(ctx context.Context, run *journal.Run) error {
	var totals struct {
		Findings int `json:"findings"`
	}
	if err := json.Unmarshal(run.Totals, &totals); err != nil {
		return fmt.Errorf("what is recorded of run %d cannot be read: %w", run.ID, err)
	}
	if run.Mode == journal.Forecast && totals.Findings > 0 {
		s.hint("%s; a forecast prints them and keeps none: desksync diff --as-of %s", count(totals.Findings, "finding"), run.Day)
		return nil
	}
	if totals.Findings == 0 {
		s.hint("run %d found nothing worth a look", run.ID)
		return nil
	}
	n, err := s.printItems(ctx, journal.ItemFilter{Pipeline: run.Pipeline, Class: journal.ItemFinding, Seen: run.ID}, nil)
	if gone := totals.Findings - n.open; gone > 0 && err == nil {
		s.hint("not listed here any more: %s, over meanwhile and found again later, or too old", count(gone, "finding"))
	}
	return err
}

func (s *session) printRunChanges(ctx context.Context, run *journal.Run, pipeline string, f showFlags) error {
	if err := s.printChanges(ctx, run.ID, f.filter.view(s, pipeline, run.ID, f.max)); err != nil {
		return err
	}
	failed, err := s.outcomes(ctx, run.ID)
	for _, o := range failed {
		s.prose(0, "%s: %s", o.State, o.Text)
	}
	return err
}

// outcomes are what the target refused in a run, at most a page of it.
func (s *session) outcomes(ctx context.Context, run int64) ([]journal.Outcome, error) {
	if s.json {
		return nil, nil
	}
	return s.journal.Outcomes(ctx, run, journal.Pos{}, journal.MaxPage)
}

func (s *session) runNamed(ctx context.Context, word string) (journal.Run, error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
	if err != nil {
		return journal.Run{}, usage("%q is not the number of a run; list them with `desksync runs`", word)
	}
	return s.journal.RunByID(ctx, id)
}

func (s *session) pipelineNames(ctx context.Context) (map[int64]string, error) {
	list, err := s.journal.Pipelines(ctx)
	out := map[int64]string{}
	for _, p := range list {
		out[p.ID] = p.Name
	}
	return out, err
}

// pipelineFilter is the journal's number of the pipeline that --pipeline names; 0, for
// all, where it names none.
func (s *session) pipelineFilter(ctx context.Context, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	return s.pipelineID(ctx, name)
}

// pipelineID is the journal's number of a pipeline; 0 where it never ran.
func (s *session) pipelineID(ctx context.Context, name string) (int64, error) {
	if _, err := s.chosen(name); err != nil {
		return 0, err
	}
	list, err := s.journal.Pipelines(ctx)
	for _, p := range list {
		if p.Name == name {
			return p.ID, err
		}
	}
	return -1, err
}

// pipelineOf is the name of the pipeline that made a run, as the file has it.
func (s *session) pipelineOf(ctx context.Context, run *journal.Run) (string, error) {
	names, err := s.pipelineNames(ctx)
	if err != nil {
		return "", err
	}
	_, err = s.chosen(names[run.Pipeline])
	return names[run.Pipeline], err
}
