package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/journal"
)

type overrideFlags struct{ pipeline, reason, from, until string }

func (a *app) overrideCommand() *cobra.Command {
	var f overrideFlags
	c := &cobra.Command{
		Use: "override", Short: "List exceptions for single accounts; set or end one", Args: cobra.NoArgs,
		Long: "Lists the overrides of the reviewed file and those decided by command. Where both speak of one field of one account, the file wins.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.listOverrides(cmd.Context(), f.pipeline) })
		},
	}
	c.PersistentFlags().StringVar(&f.pipeline, "pipeline", "", "of this `pipeline`")
	set := &cobra.Command{
		Use: "set ACCOUNT FIELD VALUE", Short: "Set the plan or a field of one account, until a day",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 3 {
				return usage("override set wants three arguments: the account, the field (plan, or a mapped field), and its value")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.setOverride(cmd.Context(), args, f) })
		},
	}
	set.Flags().StringVar(&f.reason, "reason", "", "why, for whoever asks in a year (required)")
	set.Flags().StringVar(&f.from, "from", "", "first `day`; at once if left out")
	set.Flags().StringVar(&f.until, "until", "", "last `day`, included; without end if left out")
	end := &cobra.Command{
		Use: "end ID", Short: "End an override that was decided by command", Args: oneArg("the number that desksync override shows"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.endDecision(cmd.Context(), args[0], f.reason, true) })
		},
	}
	end.Flags().StringVar(&f.reason, "reason", "", "why (required)")
	c.AddCommand(set, end)
	return listing(c)
}

func (s *session) listOverrides(ctx context.Context, pipeline string) error {
	names, err := s.chosen(pipeline)
	if err != nil {
		return err
	}
	file, err := s.reviewed(names[0])
	if err != nil {
		return err
	}
	for i := range file {
		o := &file[i]
		s.printOverride(o.Source, o.Account, o.Field, o.Value, o.Author, o.Reason, o.From, o.Until)
	}
	for _, name := range names {
		id, err := s.pipelineID(ctx, name)
		if err != nil {
			return err
		}
		for d, err := range s.journal.EachDecision(ctx, journal.DecisionFilter{Pipeline: id, Action: journal.ActionOverride}) {
			if err != nil {
				return err
			}
			s.printOverride("decision "+strconv.FormatInt(d.ID, 10), d.Account, d.Field, d.Value.Text(), d.Author, d.Reason, d.From, d.Until)
		}
	}
	return nil
}

// reviewed lists the overrides of the reviewed file, by the ids of a pipeline's source.
func (s *session) reviewed(pipeline string) ([]sla.Override, error) {
	w, err := s.wire(s.file, pipeline)
	if err != nil {
		return nil, err
	}
	return w.Overrides()
}

func (s *session) printOverride(source, account, field, value, author, reason string, from, until day.Day) {
	if s.json {
		s.printJSON(map[string]any{
			"source": source, "account": account, "field": field, "value": value, "author": author, "reason": reason, "from": from, "until": until,
		})
		return
	}
	text := account + "  " + field + " = " + value
	if from != 0 {
		text += ", from " + from.String()
	}
	if until != 0 {
		text += ", until " + until.String()
	}
	s.say("%s: %s (%s): %s", source, text, author, reason)
}

// onePipeline is the pipeline named, or the only one there is.
func (s *session) onePipeline(name string) (string, error) {
	names, err := s.chosen(name)
	if err != nil {
		return "", err
	}
	if len(names) != 1 {
		return "", usage("name the pipeline with --pipeline; known are %s", strings.Join(names, ", "))
	}
	return names[0], nil
}

// endDecision ends a decision of the kind that the command is about: an override, or
// what was said about drift and conflicts.
func (s *session) endDecision(ctx context.Context, word, reason string, override bool) error {
	if strings.TrimSpace(reason) == "" {
		return usage("say why with --reason")
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(word, "decision "), 10, 64)
	if err != nil {
		return usage("%q is not the number of a decision; see `desksync override`. An override of the file is ended there", word)
	}
	d, err := s.journal.DecisionByID(ctx, id)
	if err != nil {
		return err
	}
	switch is := d.Action == journal.ActionOverride; {
	case !d.Released.IsZero():
		return usage("decision %d is ended since %s: %s", id, d.Released.UTC().Format("2006-01-02 15:04"), d.Why)
	case is != override:
		command := "drift release"
		if is {
			command = "override end"
		}
		return usage("decision %d is %q, about %s; end it with %s", id, d.Action, speaksOf(&d), s.self(`%s %d --reason "…"`, command, id))
	}
	if err := s.journal.Release(ctx, id, s.who(), reason); err != nil {
		return err
	}
	s.decided(ctx, d.Pipeline)
	if s.json {
		s.printJSON(map[string]any{"decision": id, "action": d.Action, "account": d.Account, "field": d.Field, "ended": true})
		return nil
	}
	s.say("decision %d is ended (%s, %s); the next run acts on it", id, d.Action, speaksOf(&d))
	return nil
}

// speaksOf is what a decision is about.
func speaksOf(d *journal.Decision) string {
	if d.Field == "" {
		return d.Account
	}
	return strings.TrimPrefix(d.Field, helpdesk.FieldPrefix) + " of " + d.Account
}

// releaseCommand ends what was decided about drift, holds and conflicts.
func (a *app) releaseCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "release DECISION", Short: "End what was decided: keep, snooze, reject, undo or the end of a conflict",
		Args: oneArg("the number that the decision was given, as desksync audit export shows it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.endDecision(cmd.Context(), args[0], reason, false) })
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why (required)")
	return c
}
