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

	"github.com/desksync/desksync/sync/journal"
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
	kept, err := s.keptWaiting(ctx, st)
	if err != nil {
		return err
	}
	if s.json {
		s.printJSON(queueJSON(st, kept))
		return nil
	}
	s.printQueue(st, kept)
	return nil
}

// keptWaiting finds who holds the target of each pipeline that waits.
func (s *session) keptWaiting(ctx context.Context, st schedule.Status) (map[string]*journal.Locked, error) {
	kept := map[string]*journal.Locked{}
	for _, p := range st.Pipelines {
		if p.Holder != "" || len(p.Waiting) == 0 {
			continue
		}
		by, err := s.journal.Held(ctx, s.file.Pipelines.Get(p.Pipeline).To)
		if err != nil {
			return nil, err
		}
		kept[p.Pipeline] = by
	}
	return kept, nil
}

func (s *session) printQueue(st schedule.Status, kept map[string]*journal.Locked) {
	if len(st.Pipelines) == 0 {
		s.say("no pipeline has a schedule")
		s.hint("give one a schedule: in %s, then run: desksync serve", s.file.Name())
		return
	}
	for _, p := range st.Pipelines {
		s.say("%s  %s", p.Pipeline, atWorkText(p, kept[p.Pipeline]))
		s.printDue(p)
		if p.Failures > 0 {
			s.prose(2, "failed %s in a row, %s: %s", count(p.Failures, "time"), retryText(p.Retry), p.Error)
		}
		for _, t := range p.Next {
			s.prose(2, "%-5s next at %s", t.Kind, clockText(t.Due))
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

// printDue says which runs a pass under way answers, and which are due besides.
func (s *session) printDue(p schedule.PipelineStatus) {
	n := 0
	if p.Holder != "" {
		begun := s.now().Add(-p.For)
		n = len(slices.DeleteFunc(slices.Clone(p.Waiting), func(t schedule.Tick) bool { return t.Due.After(begun) }))
	}
	switch left := len(p.Waiting) - n; {
	case left == 1:
		s.prose(2, "1 run is due since %s", clockText(p.Waiting[n].Due))
	case left > 1:
		s.prose(2, "%s runs are due since %s; one pass answers all", comma(left), clockText(p.Waiting[n].Due))
	}
}

func clockText(t time.Time) string { return t.UTC().Format(time.DateTime) + " UTC" }

func atWorkText(p schedule.PipelineStatus, kept *journal.Locked) string {
	if kept != nil {
		return fmt.Sprintf("waits for run %d, which holds %s since %s: %s", kept.Run, kept.Target, clockText(kept.Since), processText(kept.Holder))
	}
	if p.Holder == "" {
		return "at rest"
	}
	phase := p.Phase
	if phase == "" {
		phase = "begins"
	}
	return fmt.Sprintf("%s for %s: %s, heard of %s ago", phase, p.For.Round(time.Second), processText(p.Holder), p.Silent.Round(time.Second))
}

// processText names the process behind a journal.HolderName as an operator looks for it.
func processText(holder string) string {
	f := strings.Fields(holder)
	if len(f) != 3 {
		return holder
	}
	host, _, _ := strings.Cut(f[0], "/")
	return "process " + f[1] + " on " + host
}

func retryText(wait time.Duration) string {
	if wait == 0 {
		return "the next try is the next run"
	}
	return "tried again in " + wait.Round(time.Second).String()
}

func queueJSON(st schedule.Status, kept map[string]*journal.Locked) map[string]any {
	list := []map[string]any{}
	for _, p := range st.Pipelines {
		list = append(list, map[string]any{
			"pipeline": p.Pipeline, "holder": p.Holder, "phase": p.Phase, "seconds": p.For.Seconds(), "silent_seconds": p.Silent.Seconds(),
			"waiting": ticksJSON(p.Waiting), "next": ticksJSON(p.Next), "failures": p.Failures, "error": p.Error,
			"retry_seconds": p.Retry.Seconds(), "rescued": p.Rescued, "waits_for_run": runOf(kept[p.Pipeline]),
		})
	}
	return map[string]any{"pipelines": list, "jobs": st.Jobs, "rescued": st.Rescued}
}

// runOf is the number of a run that holds a target; 0: none does.
func runOf(by *journal.Locked) int64 {
	if by == nil {
		return 0
	}
	return by.Run
}

func ticksJSON(ticks []schedule.Tick) []map[string]any {
	out := []map[string]any{}
	for _, t := range ticks {
		out = append(out, map[string]any{"kind": t.Kind, "nominal": t.Nominal.UTC(), "due": t.Due.UTC()})
	}
	return out
}
