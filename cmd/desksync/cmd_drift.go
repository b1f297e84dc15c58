package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/pack"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func (a *app) driftCommand() *cobra.Command {
	var pipeline string
	c := &cobra.Command{
		Use: "drift", Short: "List what people edited in the helpdesk and what is held, and decide about it", Args: cobra.NoArgs,
		Long: "Lists fields that hold something else than desksync wrote, and what is computed and not written: by policy, by a guard, after an undo.\n" +
			"What is worth a look about the helpdesk itself, such as another order of its SLA policies, is listed with it, and alone does not\n" +
			"change the exit code.\n\n" + exitHelp,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.listDrift(cmd.Context(), pipeline) })
		},
	}
	c.Flags().StringVar(&pipeline, "pipeline", "", "only this `pipeline`")
	for _, d := range []struct {
		use, short string
		action     changeset.Action
	}{
		{"keep ID", "Leave what the helpdesk holds, in silence, until what the CRM wants changes", changeset.Keep},
		{"revert ID", "Write what the CRM says, once, in the next run", changeset.Revert},
		{"adopt ID", "Make the helpdesk's value an override, so that it is what is wanted", changeset.Adopt},
		{"snooze ID", "Hold it in silence until a day", changeset.Snooze},
	} {
		c.AddCommand(a.decideCommand(d.use, d.short, d.action))
	}
	c.AddCommand(a.releaseCommand())
	return listing(c)
}

func (a *app) decideCommand(use, short string, action changeset.Action) *cobra.Command {
	var reason, until string
	c := &cobra.Command{
		Use: use, Short: short, Args: oneArg("the number that desksync drift shows"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.decide(cmd.Context(), args[0], action, reason, until) })
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, for whoever asks in a year (required)")
	if action == changeset.Snooze || action == changeset.Adopt {
		c.Flags().StringVar(&until, "until", "", "last `day`, written YYYY-MM-DD")
	}
	return c
}

func (s *session) listDrift(ctx context.Context, pipeline string) error {
	id, err := s.pipelineFilter(ctx, pipeline)
	if err != nil {
		return err
	}
	snoozed, err := s.snoozed(ctx, id)
	if err != nil {
		return err
	}
	if err := s.listNotices(ctx, id); err != nil {
		return err
	}
	var n listed
	for _, class := range []journal.ItemClass{journal.ItemDrift, journal.ItemHeld} {
		x, err := s.printItems(ctx, journal.ItemFilter{Pipeline: id, Class: class}, snoozed)
		if err != nil {
			return err
		}
		n.open, n.decided = n.open+x.open, n.decided+x.decided
	}
	guards, err := s.listGuards(ctx, id)
	if err != nil {
		return err
	}
	undone, err := s.putBack(ctx, id)
	if err != nil {
		return err
	}
	if len(snoozed) > 0 {
		s.hint("%s snoozed, and not shown until its day is over", count(len(snoozed), "item"))
	}
	if undone > 0 {
		s.prose(0, "%s put back by undo: held until what the CRM wants changes; the next run lists them", count(undone, "value"))
	}
	return s.closeDrift(n, guards+undone, len(snoozed))
}

// closeDrift names the next step, and the exit code: whether somebody has to look.
func (s *session) closeDrift(n listed, others, snoozed int) error {
	switch {
	case n.open > 0:
		s.hint("decide with: desksync drift keep|revert|adopt|snooze ID --reason \"…\"")
	case others > 0:
	case n.decided > 0:
		s.hint("all of it is decided: desksync reconcile acts on it")
		return nil
	case snoozed > 0:
		s.hint("nothing else drifted and nothing else is held")
		return nil
	default:
		s.hint("nothing drifted and nothing is held")
		return nil
	}
	return exit(exitFound)
}

// listGuards prints what guards hold, and says how many do.
func (s *session) listGuards(ctx context.Context, pipeline int64) (int, error) {
	settled, rejected, err := s.settledGuards(ctx, pipeline)
	if err != nil {
		return 0, err
	}
	n, err := s.printItems(ctx, journal.ItemFilter{Pipeline: pipeline, Class: journal.ItemGuard}, settled)
	if n.open > 0 {
		s.hint("what guards hold: desksync runs show RUN --held; then desksync approve RUN or desksync reject RUN --reason \"…\"")
	}
	if rejected > 0 && !s.json {
		s.prose(0, "what %s held was rejected: it stays held until what the CRM wants changes; the next run lists it", count(rejected, "guard"))
	}
	return n.open + rejected, err
}

// listNotices prints what is worth a look about helpdesks, such as another order of their
// SLA policies, or a second organization that carries the id of an account. Nothing is held by it, and nobody decides about it here.
func (s *session) listNotices(ctx context.Context, pipeline int64) error {
	findings, others := journal.ItemFilter{Pipeline: pipeline, Class: journal.ItemFinding}, map[int64]bool{}
	for i, err := range s.journal.EachItem(ctx, findings) {
		if err != nil {
			return err
		}
		others[i.ID] = !reconcile.Noticed(&i) && !reconcile.Wholly(&i)
	}
	n, err := s.printItems(ctx, findings, others)
	if n.open > 0 {
		s.hint("%s about the helpdesk itself: it is put right there, or in the configuration", count(n.open, "finding"))
	}
	return err
}

// snoozed are the items of a pipeline, or of all, that nobody wants to hear of today.
func (s *session) snoozed(ctx context.Context, pipeline int64) (map[int64]bool, error) {
	out, today := map[int64]bool{}, day.Of(s.now().UTC())
	for d, err := range s.journal.EachDecision(ctx, journal.DecisionFilter{Action: string(changeset.Snooze), Pipeline: pipeline}) {
		if err != nil {
			return nil, err
		}
		if d.Until == 0 || d.Until >= today {
			out[d.Item] = true
		}
	}
	return out, nil
}

// itemValues are the three values that an item of drift carries.
func itemValues(i *journal.Item) (want, have, last helpdesk.Value) {
	if len(i.Body) == 0 {
		return want, have, last
	}
	r := pack.Read(i.Body)
	return helpdesk.UnpackValue(r), helpdesk.UnpackValue(r), helpdesk.UnpackValue(r)
}

func (s *session) itemNamed(ctx context.Context, word string) (journal.Item, error) {
	id, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		return journal.Item{}, usage("%q is not a number from the list; see `desksync drift` and `desksync conflicts`", word)
	}
	return s.journal.ItemByID(ctx, id)
}

// openItem is the item of a number, for a decision about it.
func (s *session) openItem(ctx context.Context, word string) (journal.Item, error) {
	item, err := s.itemNamed(ctx, word)
	if err == nil && !item.Over.IsZero() {
		err = usage("%s is over since %s; see `desksync drift` and `desksync conflicts` for what is open", word, item.Over.UTC().Format("2006-01-02 15:04"))
	}
	return item, err
}

func (s *session) decide(ctx context.Context, word string, action changeset.Action, reason, until string) error {
	if strings.TrimSpace(reason) == "" {
		return usage("say why with --reason, for whoever asks in a year")
	}
	item, err := s.openItem(ctx, word)
	if err != nil {
		return err
	}
	if item.Class != journal.ItemDrift && item.Class != journal.ItemHeld {
		with := "conflicts resolve"
		switch item.Class {
		case journal.ItemMerge:
			with = "merges"
		case journal.ItemGuard:
			with = fmt.Sprintf("approve %d", item.LastRun)
		}
		return usage("%s is a %s; decide about it with `desksync %s`", word, item.Class, with)
	}
	if item.Code == reconcile.CodeInUse && action == changeset.Revert {
		return usage("%s is written by itself once the name is free; decide about the organization that goes by it", word)
	}
	d, err := s.decisionOn(&item, action, reason, until)
	if err != nil {
		return err
	}
	if action == changeset.Adopt {
		if err := s.refuseSecondOf(ctx, &d); err != nil {
			return err
		}
	}
	if err := s.takeBack(ctx, &item); err != nil {
		return err
	}
	id, err := s.journal.PutDecision(ctx, d)
	if err != nil {
		return err
	}
	s.decided(ctx, item.Pipeline)
	if s.json {
		s.printJSON(map[string]any{"decision": id, "action": d.Action, "item": item.ID})
		return nil
	}
	s.say("decision %d: %s %s of %s; the next run acts on it", id, action, item.Field, item.Account)
	return nil
}

// takeBack ends what was decided about the same item before and still acts: the last word
// counts.
func (s *session) takeBack(ctx context.Context, item *journal.Item) error {
	filter := journal.DecisionFilter{Pipeline: item.Pipeline, Accounts: []string{item.Account}}
	today := day.Of(s.now().UTC())
	for d, err := range s.journal.EachDecision(ctx, filter) {
		if err != nil {
			return err
		}
		if d.Item != item.ID || d.Until != 0 && d.Until < today {
			continue
		}
		if err := s.journal.Release(ctx, d.ID, s.who(), "decided again"); err != nil {
			return err
		}
		if d.Action == journal.ActionOverride && !s.json {
			s.say("decision %d, which adopted %s, is ended", d.ID, d.Value)
		}
	}
	return nil
}

func (s *session) decisionOn(item *journal.Item, action changeset.Action, reason, until string) (journal.Decision, error) {
	last, err := day.Parse(until)
	if err != nil {
		return journal.Decision{}, usage("--until: %v", err)
	}
	if today := day.Of(s.now().UTC()); last != 0 && last < today {
		return journal.Decision{}, usage("--until %s is over; it is the last day, such as %s", last, today+14)
	}
	want, have, _ := itemValues(item)
	d := journal.Decision{
		Pipeline: item.Pipeline, Account: item.Account, Kind: item.Kind, Key: item.Key, Field: item.Field, Action: string(action),
		Want: want, Until: last, Reason: reason, Author: s.who(), Item: item.ID,
	}
	switch action {
	case changeset.Snooze:
		if last == 0 {
			return d, usage("say until when with --until, such as --until %s", day.Of(s.now())+14)
		}
	case changeset.Adopt:
		if item.Kind != helpdesk.Organization || !strings.HasPrefix(item.Field, helpdesk.FieldPrefix) && item.Field != helpdesk.Name {
			return d, usage("only a field of an organization can become an override; keep %s instead", item.Field)
		}
		d.Action, d.Field, d.Value = journal.ActionOverride, strings.TrimPrefix(item.Field, helpdesk.FieldPrefix), have
	case changeset.Keep, changeset.Revert, changeset.Reject, changeset.Pin:
	}
	return d, nil
}
