package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func (a *app) mergesCommand() *cobra.Command {
	var pipeline string
	var kept bool
	c := &cobra.Command{
		Use: "merges", Short: "List organizations to merge because their accounts were merged, and decide about it", Args: cobra.NoArgs,
		Long: "Lists the organizations whose accounts the CRM merged: what merging them would move, what it would lose, and what stands in\n" +
			"its way. Until somebody decides, neither is deleted. A merge cannot be undone.\n\n" + exitHelp,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.listMerges(cmd.Context(), pipeline, kept) })
		},
	}
	c.Flags().StringVar(&pipeline, "pipeline", "", "only this `pipeline`")
	c.Flags().BoolVar(&kept, "kept", false, "also those that somebody decided to keep apart")
	c.AddCommand(
		a.mergeCommand("approve ID", "Merge the organizations, exactly as shown; refuse what has moved since", (*session).approveMerge),
		a.mergeCommand("reject ID", "Keep both organizations, until the account is merged into another one", (*session).rejectMerge),
		&cobra.Command{
			Use: "show ID", Short: "Show one proposal", Args: oneArg("the number that desksync merges shows"),
			RunE: func(cmd *cobra.Command, args []string) error {
				return a.with(cmd.Context(), func(s *session) error { return s.showMerge(cmd.Context(), args[0]) })
			},
		})
	return listing(c)
}

func (a *app) mergeCommand(use, short string, decide func(*session, context.Context, *journal.Item, string) error) *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: use, Short: short, Args: oneArg("the number that desksync merges shows"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				if strings.TrimSpace(reason) == "" {
					return usage("say why with --reason, for whoever asks in a year")
				}
				item, err := s.openItem(cmd.Context(), args[0])
				if err == nil && item.Class != journal.ItemMerge {
					err = usage("%s is a %s, not a merge; see `desksync merges`", args[0], item.Class)
				}
				if err != nil {
					return err
				}
				return decide(s, cmd.Context(), &item, reason)
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, for whoever asks in a year (required)")
	return c
}

func (s *session) listMerges(ctx context.Context, pipeline string, kept bool) error {
	id, err := s.pipelineFilter(ctx, pipeline)
	if err != nil {
		return err
	}
	filter, apart := journal.ItemFilter{Pipeline: id, Class: journal.ItemMerge}, map[int64]bool{}
	for i, err := range s.journal.EachItem(ctx, filter) {
		if err != nil {
			return err
		}
		if i.Code == reconcile.KeptApart {
			apart[i.ID] = true
		}
	}
	hidden := apart
	if kept {
		hidden = nil
	}
	shown, err := s.printItems(ctx, filter, hidden)
	if err != nil {
		return err
	}
	if len(hidden) > 0 {
		s.hint("%s kept apart, and not shown without --kept", count(len(hidden), "pair"))
	}
	n := shown.open
	if kept {
		n -= len(apart)
	}
	if n == 0 {
		s.hint("no organizations wait to be merged")
		return nil
	}
	s.hint("decide with: desksync merges approve|reject ID --reason \"…\"")
	return exit(exitFound)
}

func (s *session) showMerge(ctx context.Context, word string) error {
	item, err := s.itemNamed(ctx, word)
	if err != nil {
		return err
	}
	return s.printItem(ctx, &item)
}

func (s *session) approveMerge(ctx context.Context, item *journal.Item, reason string) error {
	names, err := s.pipelineNames(ctx)
	if err != nil {
		return err
	}
	r, err := s.reconcilerOf(ctx, names[item.Pipeline], false)
	if err != nil {
		return err
	}
	who := s.who()
	detail := fmt.Sprintf("the organization of %s into that of %s: %s", item.Account, item.Value, reason)
	if err := s.journal.AddAudit(ctx, journal.Audit{Who: who, What: "merge", Ref: fmt.Sprintf("item %d", item.ID), Detail: detail}); err != nil {
		return err
	}
	rep, err := r.Merge(ctx, reconcile.Approval{Item: *item, By: who, Reason: reason})
	s.decided(ctx, item.Pipeline)
	if err != nil {
		return err
	}
	if len(rep.Refused) > 0 {
		s.hint("look at it as it is now: desksync merges show %d", item.ID)
	}
	return s.replayed(rep)
}

func (s *session) rejectMerge(ctx context.Context, item *journal.Item, reason string) error {
	id, err := s.journal.PutDecision(ctx, journal.Decision{
		Pipeline: item.Pipeline, Account: item.Account, Kind: item.Kind, Key: item.Key, Action: reconcile.ActionApart,
		Want: helpdesk.TextOf(item.Value), Reason: reason, Author: s.who(), Item: item.ID,
	})
	if err != nil {
		return err
	}
	s.decided(ctx, item.Pipeline)
	if s.json {
		s.printJSON(map[string]any{"decision": id, "action": reconcile.ActionApart, "item": item.ID, "account": item.Account})
		return nil
	}
	s.prose(0, "decision %d: both organizations stay, until %s is merged into another account than %s; the next run acts on it", id, item.Account, item.Value)
	return nil
}

// mergeJSON is a proposal for programs.
func mergeJSON(m *matter) map[string]any {
	out := map[string]any{
		"id": m.ID, "class": m.Class, "code": m.Code, "accounts": m.accounts, "names": m.names, "text": m.Text, "since": m.Since, "run": m.LastRun,
	}
	if x, err := changeset.UnpackProposal(m.Body); err == nil { // else: somebody in it was forgotten
		out["merge"] = x
	}
	return out
}
