package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/sync/schedule"
)

func (a *app) queueCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "queue",
		Short: "Show what the daemons run, what waits and what was rescued",
		Long: "Shows per pipeline who makes its pass, in which phase, what is due and when the next runs are; what failed and when it is tried again; and how often a pass was\n" +
			"taken over from a process that fell silent. It reads the journal's database, and asks no daemon.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.showQueue(cmd.Context()) })
		},
	}
}

func (s *session) showQueue(ctx context.Context) error {
	dsn, err := s.journalDSN(s.file)
	if err != nil {
		return err
	}
	v, err := schedule.OpenView(ctx, dsn.Reveal(), s.now)
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	entries, err := s.entries(s.file)
	if err != nil {
		return errors.Join(err, v.Close())
	}
	st, err := v.Status(ctx, entries)
	if err := errors.Join(err, v.Close()); err != nil {
		return err
	}
	if s.json {
		s.printJSON(queueJSON(st))
		return nil
	}
	s.printQueue(st)
	return nil
}

func (s *session) printQueue(st schedule.Status) {
	if len(st.Pipelines) == 0 {
		s.say("no pipeline has a schedule")
		s.hint("give one a schedule: in %s, then run: desksync serve", s.file.Name())
		return
	}
	for _, p := range st.Pipelines {
		s.say("%s  %s", p.Pipeline, atWorkText(p))
		if n := len(p.Waiting); n > 0 {
			s.prose(2, "%s since %s", count(n, "run is due")+answersAll(n), p.Waiting[0].Due.UTC().Format(time.DateTime))
		}
		if p.Failures > 0 {
			s.prose(2, "failed %s in a row, %s: %s", count(p.Failures, "time"), retryText(p.Retry), p.Error)
		}
		for _, t := range p.Next {
			s.prose(2, "%-5s next at %s", t.Kind, t.Due.UTC().Format(time.DateTime))
		}
	}
	var jobs []string
	for _, state := range slices.Sorted(maps.Keys(st.Jobs)) {
		jobs = append(jobs, fmt.Sprintf("%s %s", comma(st.Jobs[state]), state))
	}
	if len(jobs) > 0 {
		s.say("jobs: %s; %s taken over from a process that fell silent", strings.Join(jobs, ", "), comma(st.Rescued))
	}
}

// answersAll says what becomes of several runs that are due.
func answersAll(n int) string {
	if n == 1 {
		return ""
	}
	return ", one pass answers all"
}

func atWorkText(p schedule.PipelineStatus) string {
	if p.Holder == "" {
		return "at rest"
	}
	phase := p.Phase
	if phase == "" {
		phase = "begins"
	}
	return fmt.Sprintf("%s for %s by %s, which said so %s ago", phase, p.For.Round(time.Second), p.Holder, p.Silent.Round(time.Second))
}

func retryText(wait time.Duration) string {
	if wait == 0 {
		return "the next try is the next run"
	}
	return "tried again in " + wait.Round(time.Second).String()
}

func queueJSON(st schedule.Status) map[string]any {
	list := []map[string]any{}
	for _, p := range st.Pipelines {
		list = append(list, map[string]any{
			"pipeline": p.Pipeline, "holder": p.Holder, "phase": p.Phase, "seconds": p.For.Seconds(), "silent_seconds": p.Silent.Seconds(),
			"waiting": ticksJSON(p.Waiting), "next": ticksJSON(p.Next), "failures": p.Failures, "error": p.Error,
			"retry_seconds": p.Retry.Seconds(), "rescued": p.Rescued,
		})
	}
	return map[string]any{"pipelines": list, "jobs": st.Jobs, "rescued": st.Rescued}
}

func ticksJSON(ticks []schedule.Tick) []map[string]any {
	out := []map[string]any{}
	for _, t := range ticks {
		out = append(out, map[string]any{"kind": t.Kind, "nominal": t.Nominal.UTC(), "due": t.Due.UTC()})
	}
	return out
}
