package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/sqldesk"
)

func (f *deskFlags) parentCommand() *cobra.Command {
	return family(&cobra.Command{
		Use: "parent", Short: "The hierarchy of organizations: one parent each, any depth; nothing is inherited",
	},
		verb("show ORG", "Show what an organization is under, and what is under it", f.reading((*desk).showParent)),
		verb("set ORG PARENT", "Put an organization under another", f.writing((*desk).setParent)),
		verb("clear ORG", "Take an organization out from under its parent", f.writing((*desk).clearParent)),
	)
}

func (d *desk) showParent(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	return d.printParent(ctx, o)
}

func (d *desk) printParent(ctx context.Context, o sqldesk.Named) error {
	above, err := d.Ancestors(ctx, o.ID)
	if err != nil {
		return err
	}
	below, err := d.Children(ctx, o.ID)
	if err != nil {
		return err
	}
	data := orgJSON(o)
	data["above"], data["children"] = orgsJSON(above), orgsJSON(below)
	text := "is at the top"
	if len(above) > 0 {
		text = "is under " + chain(above)
	}
	if len(below) > 0 {
		text += ", with " + names(below) + " under it"
	}
	d.done(data, "%s %s", o, text)
	return nil
}

func (d *desk) setParent(ctx context.Context, args []string) error {
	child, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	parent, err := d.org(ctx, args[1])
	if err != nil {
		return err
	}
	if err := d.SetParent(ctx, child.ID, parent.ID); err != nil {
		return err
	}
	return d.printParent(ctx, child)
}

func (d *desk) clearParent(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	if err := d.SetParent(ctx, o.ID, 0); err != nil {
		return err
	}
	return d.printParent(ctx, o)
}
