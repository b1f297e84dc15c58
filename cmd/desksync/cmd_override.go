package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
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
			return a.with(cmd.Context(), func(s *session) error { return s.endOverride(cmd.Context(), args[0], f.reason) })
		},
	}
	end.Flags().StringVar(&f.reason, "reason", "", "why (required)")
	c.AddCommand(set, end)
	return c
}

func (s *session) listOverrides(ctx context.Context, pipeline string) error {
	names, err := s.chosen(pipeline)
	if err != nil {
		return err
	}
	w, err := s.wire(s.file, names[0])
	if err != nil {
		return err
	}
	file, err := w.overrides()
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

func (s *session) setOverride(ctx context.Context, args []string, f overrideFlags) error {
	d, pipeline, err := s.overrideOf(ctx, args, f)
	if err != nil {
		return err
	}
	id, err := s.journal.PutDecision(ctx, d)
	if err != nil {
		return err
	}
	s.say("decision %d: %s of %s is %s in %s; the next run acts on it", id, d.Field, d.Account, d.Value, pipeline)
	return nil
}

// overrideOf checks what was asked for against the catalogue and the rules.
func (s *session) overrideOf(ctx context.Context, args []string, f overrideFlags) (journal.Decision, string, error) {
	var d journal.Decision
	if strings.TrimSpace(f.reason) == "" {
		return d, "", usage("say why with --reason, for whoever asks in a year")
	}
	pipeline, err := s.onePipeline(f.pipeline)
	if err != nil {
		return d, "", err
	}
	from, fromErr := day.Parse(f.from)
	until, untilErr := day.Parse(f.until)
	if fromErr != nil || untilErr != nil || until != 0 && until < max(from, day.Of(s.now())) {
		return d, "", usage("--from and --until are days, written YYYY-MM-DD, and until is not over yet")
	}
	accounts, err := s.accountsOf(ctx, pipeline, args[:1])
	if err != nil {
		return d, "", err
	}
	field, err := s.overridable(pipeline, args[1], args[2])
	if err != nil {
		return d, "", err
	}
	id, err := s.pipelineID(ctx, pipeline)
	if err == nil && id < 0 {
		err = usage("pipeline %s has never run; run `desksync diff` first", pipeline)
	}
	return journal.Decision{
		Pipeline: id, Account: accounts[0], Kind: helpdesk.Organization, Key: accounts[0], Field: field, Action: journal.ActionOverride,
		Value: helpdesk.TextOf(args[2]), From: from, Until: until, Reason: f.reason, Author: s.who(),
	}, pipeline, err
}

// overridable returns the name of a field that an override may act on.
func (s *session) overridable(pipeline, field, value string) (string, error) {
	p := s.file.Pipelines.Get(pipeline)
	field = strings.TrimPrefix(field, helpdesk.FieldPrefix)
	switch {
	case field == "plan":
		for _, plan := range s.file.Plans {
			if plan.Plan == value {
				return field, nil
			}
		}
		return "", usage("there is no plan %q; known are those under plans in %s", value, s.file.Name())
	case field == helpdesk.Name || p.Organizations.Fields.Get(field) != nil:
		return field, nil
	default:
		return "", usage("pipeline %s maps no field %q; known are plan, name and %s", pipeline, field, strings.Join(p.Organizations.Fields.Names(), ", "))
	}
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

func (s *session) endOverride(ctx context.Context, word, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return usage("say why with --reason")
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(word, "decision "), 10, 64)
	if err != nil {
		return usage("%q is not the number of a decision; see `desksync override`. An override of the file is ended there", word)
	}
	if err := s.journal.Release(ctx, id, s.who(), reason); err != nil {
		return err
	}
	s.say("decision %d is ended; the next run acts on it", id)
	return nil
}
