package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

func (f *deskFlags) orgsCommand() *cobra.Command {
	c := verb("orgs [TEXT]", "List organizations; create or delete one", f.reading((*desk).listOrgs))
	create := verb("create NAME [FIELD=VALUE]...", "Create an organization by hand", nil)
	var n sqldesk.NewOrganization
	create.Flags().StringVar(&n.ExternalID, "account", "", "`id` of its account in the CRM, if it has one")
	create.Flags().Int64Var(&n.ID, "number", 0, "the `number` it gets here, for imports; the store gives one if left out")
	create.RunE = f.writing(func(d *desk, ctx context.Context, args []string) error { return d.createOrg(ctx, n, args) })
	c.AddCommand(create, verb("delete ORG", "Delete an organization; never while a ticket of it is not closed", f.writing((*desk).deleteOrg)))
	return listing(c)
}

// listOrgs prints the organizations whose name holds a text, or that have it as id
// or domain; all without one.
func (d *desk) listOrgs(ctx context.Context, args []string) error {
	text := strings.ToLower(strings.Join(args, " "))
	n := 0
	for page, err := range d.Objects(ctx, helpdesk.Organization, helpdesk.Cursor("")) {
		if err != nil {
			return err
		}
		for _, o := range page.Objects {
			if isAbout(o, text) {
				n++
				d.printOrg(o)
			}
		}
	}
	if n == 0 {
		d.hint("no organization of %s is called so", d.name)
	}
	return nil
}

func isAbout(o helpdesk.Object, text string) bool {
	name, _ := o.Fields.Get(helpdesk.Name)
	has, _ := o.Fields.Get(helpdesk.DomPrefix + text)
	return text == "" || strings.Contains(strings.ToLower(name.Text()), text) || has.True() || o.ID == text ||
		o.Ref.Key != "" && strings.HasPrefix(strings.ToLower(o.Ref.Key), text)
}

func (d *desk) printOrg(o helpdesk.Object) {
	name, _ := o.Fields.Get(helpdesk.Name)
	if !d.json {
		d.say("%8s  %-19s  %s", "#"+o.ID, dash(o.Ref.Key), name.Text())
		return
	}
	n, _ := number("#" + o.ID)
	out := orgJSON(sqldesk.Named{ID: n, ExternalID: o.Ref.Key, Name: name.Text()})
	for k, v := range fieldsJSON(o.Fields) {
		out[k] = v
	}
	d.printJSON(out)
}

func (d *desk) createOrg(ctx context.Context, n sqldesk.NewOrganization, args []string) error {
	var err error
	if n.ExternalID, err = d.crmID(n.ExternalID); err != nil {
		return err
	}
	n.Name = args[0]
	if n.Fields, err = d.fieldsOf(ctx, args[1:]); err != nil {
		return err
	}
	id, err := d.CreateOrganization(ctx, d.actor, n)
	if err != nil {
		return err
	}
	o := sqldesk.Named{ID: id, ExternalID: n.ExternalID, Name: n.Name}
	d.done(orgJSON(o), "created %s", o)
	return nil
}

// crmID reads the id of an account or a contact as the pipelines of this store write it;
// empty: there is none.
func (d *desk) crmID(id string) (string, error) {
	if id == "" || d.rules.Config.From == "" {
		return id, nil
	}
	key, err := d.rules.Key(id)
	if err != nil {
		return "", usage("%s", fault.Plain(err))
	}
	return key, nil
}

func (d *desk) deleteOrg(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	if err := d.DeleteOrganization(ctx, d.actor, o.ID); err != nil {
		return about(o, err)
	}
	d.done(orgJSON(o), "deleted %s; its users stay, and its closed tickets too", o)
	return nil
}
