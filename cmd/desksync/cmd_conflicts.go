package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func (a *app) conflictsCommand() *cobra.Command {
	var pipeline string
	list := func(cmd *cobra.Command, _ []string) error {
		return a.with(cmd.Context(), func(s *session) error { return s.listConflicts(cmd.Context(), pipeline) })
	}
	c := &cobra.Command{Use: "conflicts", Short: "List what no rule can decide, and decide it", Args: cobra.NoArgs, RunE: list}
	c.PersistentFlags().StringVar(&pipeline, "pipeline", "", "only this `pipeline`")
	c.AddCommand(a.resolveCommand(), &cobra.Command{
		Use: "show ID", Short: "Show one conflict", Args: oneArg("the number that desksync conflicts shows"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				item, err := s.itemNamed(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return s.printItem(cmd.Context(), &item)
			})
		},
	})
	return listing(c)
}

func (s *session) listConflicts(ctx context.Context, pipeline string) error {
	id, err := s.pipelineFilter(ctx, pipeline)
	if err != nil {
		return err
	}
	n, err := s.printItems(ctx, journal.ItemFilter{Pipeline: id, Class: journal.ItemConflict}, nil)
	if err != nil {
		return err
	}
	switch {
	case n.open+n.decided == 0:
		s.hint("no conflicts")
		return nil
	case n.open == 0:
		s.hint("all of it is decided: desksync reconcile acts on it")
		return nil
	}
	s.hint("give it to one account: desksync conflicts resolve ID --to ACCOUNT --reason \"…\"")
	ids, err := s.journal.Items(ctx, journal.ItemFilter{Pipeline: id, Class: journal.ItemConflict, Code: reconcile.CodeOneID}, 1)
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		s.hint("of organizations with one id, say which it is: desksync conflicts resolve ID --to NUMBER --reason \"…\"")
	}
	return exit(exitFound)
}

func (a *app) resolveCommand() *cobra.Command {
	var to, reason string
	c := &cobra.Command{
		Use: "resolve ID", Short: "Give what is claimed twice to one", Args: oneArg("the number that desksync conflicts shows"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.resolve(cmd.Context(), args[0], to, reason) })
		},
	}
	c.Flags().StringVar(&to, "to", "", "the `account` that gets it: id, name or domain; of one id in several organizations, the number of the organization (required)")
	c.Flags().StringVar(&reason, "reason", "", "why, for whoever asks in a year (required)")
	return c
}

func (s *session) resolve(ctx context.Context, word, to, reason string) error {
	if to == "" || strings.TrimSpace(reason) == "" {
		return usage("name the account with --to, and say why with --reason")
	}
	item, err := s.openItem(ctx, word)
	if err != nil {
		return err
	}
	if item.Class != journal.ItemConflict {
		return usage("%s is a %s, not a conflict; see `desksync conflicts`", word, item.Class)
	}
	names, err := s.pipelineNames(ctx)
	if err != nil {
		return err
	}
	d := journal.Decision{
		Pipeline: item.Pipeline, Kind: item.Kind, Field: item.Field, Action: reconcile.ActionAssign, Reason: reason, Author: s.who(), Item: item.ID,
	}
	if item.Code == reconcile.CodeOneID {
		return s.resolveID(ctx, names[item.Pipeline], &item, d, to)
	}
	accounts, err := s.accountsOf(ctx, names[item.Pipeline], []string{to})
	if err != nil {
		return err
	}
	d.Account, d.Key = accounts[0], accounts[0]
	return s.assign(ctx, &item, d, map[string]any{"account": accounts[0]}, accounts[0])
}

// resolveID ties an account whose id several organizations carry to one of them.
func (s *session) resolveID(ctx context.Context, pipeline string, item *journal.Item, d journal.Decision, to string) error {
	found, err := s.journal.Carriers(ctx, s.file.Pipelines.Get(pipeline).To, []string{item.Account})
	if err != nil {
		return err
	}
	var ids []string
	for _, x := range found[item.Account] {
		ids = append(ids, x.TargetID)
	}
	if !slices.Contains(ids, to) {
		return usage("--to wants the organization that belongs to %s, one of %s", item.Account, strings.Join(ids, ", "))
	}
	d.Account, d.Key, d.Value = item.Account, item.Account, helpdesk.TextOf(to)
	return s.assign(ctx, item, d, map[string]any{"account": item.Account, "organization": to}, "organization "+to)
}

// assign stores a decision about a conflict, and says it.
func (s *session) assign(ctx context.Context, item *journal.Item, d journal.Decision, told map[string]any, to string) error {
	id, err := s.journal.PutDecision(ctx, d)
	if err != nil {
		return err
	}
	s.decided(ctx, item.Pipeline)
	if s.json {
		told["decision"], told["action"], told["item"] = id, d.Action, item.ID
		s.printJSON(told)
		return nil
	}
	s.prose(0, "decision %d: %s goes to %s; the next run acts on it", id, item.Value, to)
	return nil
}
