package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
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
	for _, name := range names {
		x, err := s.explanation(ctx, name, word, field, on)
		if err != nil {
			return err
		}
		if x == nil {
			continue
		}
		if s.json {
			s.printJSON(explainJSON(x))
			return nil
		}
		return s.printExplanation(ctx, x)
	}
	return usage("nothing is recorded of %q; run `desksync diff` first, or look it up with `desksync org`", word)
}

// explanation is nil where the pipeline knows nothing of the account.
func (s *session) explanation(ctx context.Context, pipeline, word, field string, on day.Day) (*explained, error) {
	accounts, err := s.accountsOf(ctx, pipeline, []string{word})
	if err != nil && codeOf(err) == exitUsage {
		return nil, nil //nolint:nilnil // another pipeline may know it
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
		on = x.run.Day
	}
	x.Explanation, err = r.Explain(x.subject, on, field)
	return x, err
}

// lastRun is the last run of a pipeline that came to an end.
func (s *session) lastRun(ctx context.Context, pipeline string) (*journal.Run, error) {
	id, err := s.pipelineID(ctx, pipeline)
	if err != nil {
		return nil, err
	}
	runs, err := s.journal.Runs(ctx, journal.RunFilter{Pipeline: id}, 50)
	for i := range runs {
		if m := runs[i].Mode; !runs[i].Finished.IsZero() && (m == journal.Reconcile || m == journal.Diff || m == journal.Observe) {
			return &runs[i], err
		}
	}
	return nil, err
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
	source, err := now.source()
	if err != nil {
		return nil, err
	}
	tgt, err := now.target(ctx, s.journal.Instance(), true)
	if err != nil {
		return nil, err
	}
	p, err := w.pipeline(ctx, source, tgt)
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
	s.say("%s", value)
	label := ""
	for _, step := range x.Steps {
		note := step.Note
		if from := s.readFrom(ctx, x, step); from != "" {
			note = from
		} else if step.Path != "" && note == "" {
			note = s.place(x, step)
		}
		name, text := string(step.Kind), step.Text
		if step.Kind == mapping.StepRow {
			name, text, note = "", "→ "+text, s.place(x, step)
		}
		if name == label {
			name = ""
		} else if name != "" {
			label = name
		}
		s.row(name, text, note)
	}
	s.printHolds(ctx, x)
	if x.stale {
		s.hint("these are the rules of run %d; %s has changed since", x.run.ID, s.file.Name())
	}
	return nil
}

// row prints a label, a text, and what stands beside it, within the width.
func (a *app) row(label, text, note string) {
	const left, right = 9, 40
	room := max(a.width()-left-right-4, 40)
	if utf8.RuneCountInString(text) > room || note == "" {
		a.say("  %-*s%s", left, label, text)
		if note != "" {
			a.say("  %-*s%s", left, "", strings.Repeat(" ", 2)+note)
		}
		return
	}
	a.say("  %-*s%s%s  %s", left, label, text, strings.Repeat(" ", room-utf8.RuneCountInString(text)), note)
}

// readFrom says when a record was read.
func (s *session) readFrom(ctx context.Context, x *explained, step mapping.Step) string {
	if step.ID == "" || step.Role != crm.Subscription && step.Role != crm.Account {
		return ""
	}
	run, err := s.journal.RunByID(ctx, x.subject.ReadRuns[step.ID])
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s, read %s in run %d", s.file.Pipelines.Get(x.pipeline).From, run.Started.UTC().Format("2006-01-02 15:04:05"), run.ID)
}

func (s *session) place(x *explained, step mapping.Step) string {
	switch {
	case step.Line > 0:
		return fmt.Sprintf("%s:%d", s.file.Name(), step.Line)
	case step.Path != "":
		return step.Path
	default:
		return step.Note
	}
}

// printHolds says what the helpdesk holds, who wrote it, and what stands in the way.
func (s *session) printHolds(ctx context.Context, x *explained) {
	field := x.Field
	if field == "" {
		return
	}
	have, there := x.subject.Holds(field)
	switch {
	case !there:
		s.row(x.target, "has no organization for it", "")
	case x.subject.Org.Written:
		s.row(x.target, "holds "+have.String()+s.writer(x, field, have), "")
	default:
		s.row(x.target, "holds "+have.String()+", which desksync never wrote", "")
	}
	for _, i := range x.subject.Items {
		if i.Field == field || i.Field == "" {
			s.row("but", i.Text, "")
		}
	}
}

func (s *session) writer(x *explained, field string, have helpdesk.Value) string {
	last, wrote := x.subject.Org.Last.Get(field)
	switch {
	case !wrote:
		return ", which desksync never wrote"
	case last != have:
		return ", edited there; desksync last wrote " + last.String()
	default:
		return fmt.Sprintf("; last written %s by run %d", x.subject.Org.At.UTC().Format("2006-01-02 15:04:05"), x.subject.Org.Run)
	}
}

func explainJSON(x *explained) map[string]any {
	have, there := x.subject.Holds(x.Field)
	out := map[string]any{
		"account": x.Account, "pipeline": x.pipeline, "field": x.Field, "day": x.Day, "want": x.Value, "skip": x.Skip, "steps": x.Steps, "run": x.run.ID,
	}
	if there {
		out["have"], out["written_by_run"], out["written_at"] = have, x.subject.Org.Run, x.subject.Org.At
	}
	return out
}
