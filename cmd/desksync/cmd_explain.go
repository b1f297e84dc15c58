package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func (a *app) explainCommand() *cobra.Command {
	var pipeline, asOf string
	c := &cobra.Command{
		Use: "explain ORGANIZATION [FIELD]", Short: "Say why a field holds what it holds, from the CRM's charge to the last write",
		Long: "Follows one field from the charge over the catalogue, the order, overrides and grace to tags, policy, what the helpdesk holds and\n" +
			"who wrote it. Everything is read from what the last run recorded. Without a field it explains the plan.\n\n" + exitHelp,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usage("explain wants an organization (id, name or domain), and may have a field such as support_level")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			field := "plan"
			if len(args) == 2 {
				field = args[1]
			}
			return a.with(cmd.Context(), func(s *session) error { return s.explain(cmd.Context(), pipeline, args[0], field, asOf) })
		},
	}
	c.Flags().StringVar(&pipeline, "pipeline", "", "of this `pipeline`")
	c.Flags().StringVar(&asOf, "as-of", "", "the same rules on another `day`, written YYYY-MM-DD")
	return c
}

// explained is an explanation with what the journal adds to it.
type explained struct {
	mapping.Explanation
	pipeline string
	target   string
	run      *journal.Run // whose rules and day these are
	holder   string       // the helpdesk's field; of the plan, the one that shows it
	subject  *reconcile.Subject
	stale    bool // the file has changed since
}

func (s *session) explain(ctx context.Context, pipeline, word, field, asOf string) error {
	on, err := day.Parse(asOf)
	if err != nil {
		return usage("--as-of: %v", err)
	}
	names, err := s.chosen(pipeline)
	if err != nil {
		return err
	}
	var said error
	for _, name := range names {
		x, err := s.explanation(ctx, name, word, field, on)
		if unknown, ok := errors.AsType[*unknownError](err); ok {
			said = unknown.error
			continue
		}
		if err != nil {
			return err
		}
		if x == nil {
			continue
		}
		if s.json {
			out, err := s.explainJSON(ctx, x)
			if err == nil {
				s.printJSON(out)
			}
			return err
		}
		return s.printExplanation(ctx, x)
	}
	return passedOver(said, word)
}

// unknownError says that a pipeline does not know an organization; another one may.
type unknownError struct{ error }

// explanation is nil where the pipeline knows nothing of the account.
func (s *session) explanation(ctx context.Context, pipeline, word, field string, on day.Day) (*explained, error) {
	accounts, err := s.accountsOf(ctx, pipeline, []string{word})
	if err != nil && codeOf(err) == exitUsage {
		return nil, &unknownError{err}
	}
	if err != nil {
		return nil, err
	}
	x := &explained{pipeline: pipeline, target: s.file.Pipelines.Get(pipeline).To}
	if x.run, err = s.lastRun(ctx, pipeline); err != nil || x.run == nil {
		return nil, err
	}
	r, err := s.recorded(ctx, x)
	if err != nil {
		return nil, err
	}
	if x.subject, err = r.Subject(ctx, accounts[0]); err != nil || x.subject.Staged == nil {
		return nil, err
	}
	if on == 0 {
		on = s.dayMade(pipeline, x.run)
	}
	if x.Explanation, err = r.Explain(x.subject, on, field); err != nil {
		return nil, usage("%s", strings.TrimPrefix(err.Error(), "mapping: "))
	}
	if x.holder = x.Field; x.Field == sla.PlanField {
		x.holder = levelField(r.Mapper)
	}
	return x, err
}

// levelField is the field that holds the plan itself; there may be none.
func levelField(m *mapping.Mapper) string {
	fields := m.Shapes()[helpdesk.Organization].Fields
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if r := fields[name]; r != nil && r.Level {
			return name
		}
	}
	return ""
}

// lastRun is the last run of a pipeline that came to an end.
func (s *session) lastRun(ctx context.Context, pipeline string) (*journal.Run, error) {
	id, err := s.pipelineID(ctx, pipeline)
	if err != nil {
		return nil, err
	}
	runs, err := s.journal.Runs(ctx, journal.RunFilter{Pipeline: id}, 50)
	for i := range runs {
		if !runs[i].Finished.IsZero() && runs[i].Mode.Looks() {
			return &runs[i], err
		}
	}
	return nil, err
}

// dayMade is the calendar day on which a run was made; that of a forecast is not the
// one it worked with.
func (s *session) dayMade(pipeline string, run *journal.Run) day.Day {
	w, err := s.wire(s.file, pipeline)
	if err != nil || run.Mode != journal.Forecast {
		return run.Day
	}
	return day.Of(run.Started.In(w.Location()))
}

// recorded compiles the rules as they stood in the run, whatever the file says now.
func (s *session) recorded(ctx context.Context, x *explained) (*reconcile.Reconciler, error) {
	text, err := s.journal.ConfigOf(ctx, x.run.Config)
	if err != nil {
		return nil, err
	}
	then := *s
	if x.stale = text != s.file.Text(); x.stale {
		if then.file, err = config.Parse(s.file.Name(), []byte(text)); err != nil {
			return nil, fmt.Errorf("the configuration of run %d cannot be read any more: %w", x.run.ID, err)
		}
	}
	w, err := s.wire(then.file, x.pipeline)
	if err != nil {
		return nil, err
	}
	now, err := s.wire(s.file, x.pipeline) // both ends are where they are today
	if err != nil {
		return nil, err
	}
	source, err := s.knownSource(ctx, now)
	if err != nil {
		return nil, err
	}
	tgt, err := s.openTarget(ctx, now, s.journal.Instance(), true)
	if err != nil {
		return nil, err
	}
	p, err := w.Assemble(ctx, source, tgt)
	if err := errors.Join(err, tgt.Close()); err != nil {
		return nil, err
	}
	return s.app.reconciler(p, s.journal), nil
}

func (s *session) printExplanation(ctx context.Context, x *explained) error {
	value := x.Value.String()
	if x.Skip != "" {
		value = "nothing is wanted: " + x.Skip
	}
	s.prose(0, "%s", value)
	before := ""
	for _, step := range x.Steps {
		label, words := string(step.Kind), step.Text
		if step.Kind == mapping.StepRow {
			label, words = before, "→ "+words
		}
		shown := label
		if label == before {
			shown = ""
		}
		before = label
		s.row(shown, words, s.noteOf(ctx, x, step))
	}
	if err := s.printHolds(ctx, x); err != nil {
		return err
	}
	if x.stale {
		s.hint("these are the rules of run %d; %s has changed since", x.run.ID, s.file.Name())
	}
	return nil
}

// noteOf is what stands beside a step: why, where it is written, when it was read.
func (s *session) noteOf(ctx context.Context, x *explained, step mapping.Step) string {
	var parts []string
	for _, part := range []string{strings.ReplaceAll(step.Note, "_", " "), s.place(step), s.readFrom(ctx, x, step)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "; ")
}

// row prints a label, a text, and what stands beside it, within the width: the note in
// a column of its own, or below a text that reaches into it.
func (a *app) row(label, words, note string) {
	const left = 11
	notes := max(a.width()*6/10, 40)
	first := fmt.Sprintf("  %-*s", left-2, label)
	lines := wrapText(words, a.width()-left, a.width()-left-2)
	beside := len(lines) == 1 && left+text.StringWidth(lines[0])+2 <= notes && notes+text.StringWidth(note) <= a.width()
	for i, line := range lines {
		switch {
		case i > 0:
			a.say("%s%s", strings.Repeat(" ", left+2), line)
		case beside && note != "":
			a.say("%s%s%s%s", first, line, strings.Repeat(" ", notes-left-text.StringWidth(line)), note)
		default:
			a.say("%s%s", first, line)
		}
	}
	if note != "" && !beside {
		for _, line := range wrapText(note, a.width()-left-2, a.width()-left-2) {
			a.say("%s%s", strings.Repeat(" ", left+2), line)
		}
	}
}

// readFrom says when a record was read.
func (s *session) readFrom(ctx context.Context, x *explained, step mapping.Step) string {
	if step.ID == "" {
		return ""
	}
	run, err := s.journal.RunByID(ctx, x.subject.ReadRuns[step.ID])
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s, read %s in run %d", s.file.Pipelines.Get(x.pipeline).From, run.Started.UTC().Format("2006-01-02 15:04:05"), run.ID)
}

// place is where a step is written down: in the configuration of the run, or in the
// file of overrides.
func (s *session) place(step mapping.Step) string {
	if step.Line > 0 {
		return fmt.Sprintf("%s:%d", s.file.Name(), step.Line)
	}
	return step.Path
}

func (s *session) explainJSON(ctx context.Context, x *explained) (map[string]any, error) {
	have, there := x.subject.Holds(x.holder)
	out := map[string]any{
		"account": x.Account, "pipeline": x.pipeline, "field": x.Field, "day": x.Day, "want": x.Value, "skip": x.Skip, "steps": x.Steps, "run": x.run.ID,
	}
	if !there {
		return out, nil
	}
	out["have"] = have
	run, value, err := s.wrote(ctx, x)
	if err == nil && run != nil && value == have {
		out["written_by_run"], out["written_at"] = run.ID, run.Started.UTC()
	}
	return out, err
}
