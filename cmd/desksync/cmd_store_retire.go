package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/sync/journal"
)

func (f *deskFlags) retireCommand() *cobra.Command {
	c := family(&cobra.Command{
		Use: "retire", Short: "List organizations marked for deletion, and end those that are due",
		Long: "Lists the organizations marked for deletion, and what `retire due` would make of each today: one with a ticket\n" +
			"that is not closed is exempted; the others are deleted once their days are over, if the configuration allows it\n" +
			"(pipelines.NAME.mark.delete_after; of several pipelines the most careful one counts).",
	})
	c.RunE = f.retiring(true, (*desk).listMarked)
	c.AddCommand(verb("due", "Exempt those with open tickets, and delete those whose days are over", f.retiring(false, (*desk).endMarked)))
	return c
}

// retiring is reading or writing with what the journal knows of open merges: what may
// be merged is not deleted before that is decided.
func (f *deskFlags) retiring(readOnly bool, do func(*desk, context.Context, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		d, err := f.closed()
		if err != nil {
			return err
		}
		if d.rules.Merging, err = f.merging(ctx, d); err != nil {
			return err
		}
		if d.Store, err = d.rules.Desk(ctx, d.name, readOnly); err != nil {
			return err
		}
		return errors.Join(do(d, ctx, args), d.Close())
	}
}

// merging lists the accounts whose organizations in a store wait to be merged, or are
// kept apart; none where nothing was ever journaled.
func (f *deskFlags) merging(ctx context.Context, d *desk) (map[string]bool, error) {
	dsn, err := d.rules.File.Journal.DSN.DSN(d.rules.Secrets)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if path, ok := strings.CutPrefix(dsn.Reveal(), "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	out := map[string]bool{}
	return out, f.with(ctx, func(s *session) error {
		targets, err := s.targetsByPipeline(ctx)
		if err != nil {
			return err
		}
		for i, err := range s.journal.EachItem(ctx, journal.ItemFilter{Class: journal.ItemMerge}) {
			if err != nil {
				return err
			}
			if targets[i.Pipeline] == d.name {
				out[i.Account] = true
			}
		}
		return nil
	})
}

func (d *desk) listMarked(ctx context.Context, _ []string) error {
	list, err := d.Marked(ctx, d.rules.Today())
	if err != nil {
		return err
	}
	d.printEnded(list, map[sqldesk.Fate]string{sqldesk.Deleted: "due", sqldesk.Exempted: "exempt"})
	return nil
}

func (d *desk) endMarked(ctx context.Context, _ []string) error {
	list, err := d.EndMarked(ctx, d.actor, d.rules.Today())
	d.printEnded(list, nil) // what was done is said even if it was not all
	return err
}

func (d *desk) printEnded(list []sqldesk.Ended, words map[sqldesk.Fate]string) {
	for _, e := range list {
		fate, ok := words[e.Fate]
		if !ok {
			fate = string(e.Fate)
		}
		data := orgJSON(e.Named)
		data["fate"], data["why"] = fate, e.Why
		d.done(data, "%-9s %s: %s", fate, e.Named, e.Why)
	}
	if len(list) == 0 {
		d.hint("no organization of %s waits for its deletion", d.name)
	}
}
