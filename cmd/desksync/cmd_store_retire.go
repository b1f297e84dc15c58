package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/sqldesk"
)

func (f *deskFlags) retireCommand() *cobra.Command {
	c := family(&cobra.Command{
		Use: "retire", Short: "List organizations marked for deletion, and end those that are due",
		Long: "Lists the organizations marked for deletion, and what `retire due` would make of each today: one with a ticket\n" +
			"that is not closed is exempted; the others are deleted once their days are over, if the configuration allows it\n" +
			"(pipelines.NAME.mark.delete_after; of several pipelines the most careful one counts).",
	})
	c.RunE = f.reading((*desk).listMarked)
	c.AddCommand(verb("due", "Exempt those with open tickets, and delete those whose days are over", f.writing((*desk).endMarked)))
	return c
}

func (d *desk) listMarked(ctx context.Context, _ []string) error {
	list, err := d.Marked(ctx, d.rules.today())
	if err != nil {
		return err
	}
	d.printEnded(list, map[sqldesk.Fate]string{sqldesk.Deleted: "due", sqldesk.Exempted: "exempt"})
	return nil
}

func (d *desk) endMarked(ctx context.Context, _ []string) error {
	list, err := d.EndMarked(ctx, d.actor, d.rules.today())
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
