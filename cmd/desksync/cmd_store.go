package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk/sqldesk"
)

// desk is an open helpdesk store and who works in it.
type desk struct {
	*app
	*sqldesk.Store
	name  string // of the target
	rules *wire.Pipeline
	actor sqldesk.Actor
}

// deskFlags are what all subcommands of store share.
type deskFlags struct {
	*app
	target, pipeline, as string
}

func (a *app) storeCommand() *cobra.Command {
	f := &deskFlags{app: a}
	c := &cobra.Command{
		Use: "store", Short: "Look into the helpdesk store, and do by hand what agents and administrators do",
		Long: "Works in a helpdesk store (a target of type sqldesk) as its agents and administrators do.\n" +
			"What is changed here is an edit like any other: the next run sees it, and its policies decide.\n\n" +
			"ORG is an account id (15 or 18 characters), a name, a domain, or #NUMBER; USER is an address,\n" +
			"a contact id, or #NUMBER.\n\n" + exitHelp,
	}
	c.PersistentFlags().StringVar(&f.target, "target", "", "the `name` of the target, if the file has several")
	c.PersistentFlags().StringVar(&f.pipeline, "pipeline", "", "the `name` of the pipeline whose rules for ties and deletion hold; the first of the target if left out")
	c.PersistentFlags().StringVar(&f.as, "as", "admin", "act as admin or `agent`")
	for _, sub := range []func(*deskFlags) *cobra.Command{
		(*deskFlags).orgsCommand, (*deskFlags).showCommand, (*deskFlags).editCommand, (*deskFlags).usersCommand, (*deskFlags).memberCommand,
		(*deskFlags).groupCommand, (*deskFlags).parentCommand, (*deskFlags).shareCommand, (*deskFlags).findingsCommand, (*deskFlags).projectCommand,
		(*deskFlags).domainCommand, (*deskFlags).ticketCommand, (*deskFlags).slaCommand, (*deskFlags).fieldsCommand, (*deskFlags).retireCommand,
		(*deskFlags).exportCommand,
	} {
		c.AddCommand(sub(f))
	}
	return family(c)
}

// reading opens the store with a connection that cannot write, and works in it.
func (f *deskFlags) reading(do func(*desk, context.Context, []string) error) func(*cobra.Command, []string) error {
	return f.running(true, do)
}

// writing opens the store, makes it if need be, and works in it.
func (f *deskFlags) writing(do func(*desk, context.Context, []string) error) func(*cobra.Command, []string) error {
	return f.running(false, do)
}

// asking answers from the configuration alone; the store need not exist.
func (f *deskFlags) asking(do func(*desk, []string) error) func(*cobra.Command, []string) error {
	return func(_ *cobra.Command, args []string) error {
		d, err := f.closed()
		if err != nil {
			return err
		}
		return do(d, args)
	}
}

func (f *deskFlags) running(readOnly bool, do func(*desk, context.Context, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		d, err := f.openDesk(cmd.Context(), readOnly)
		if err != nil {
			return err
		}
		return errors.Join(do(d, cmd.Context(), args), d.Close())
	}
}

// openDesk opens the store that the flags name; the journal stays closed.
func (f *deskFlags) openDesk(ctx context.Context, readOnly bool) (*desk, error) {
	d, err := f.closed()
	if err != nil {
		return nil, err
	}
	d.Store, err = d.rules.Desk(ctx, d.name, readOnly)
	return d, err
}

// closed is a desk that knows its configuration and has not opened its store.
func (f *deskFlags) closed() (*desk, error) {
	if f.as != "admin" && f.as != "agent" {
		return nil, usage("--as is admin or agent, not %q", f.as)
	}
	file, err := config.Read(f.config)
	if err == nil {
		err = file.Err()
	}
	if err != nil {
		return nil, err
	}
	name, err := f.targetOf(file)
	if err != nil {
		return nil, err
	}
	w, err := f.rulesOf(file, name)
	return &desk{app: f.app, name: name, rules: w, actor: sqldesk.Actor{Name: f.who(), Admin: f.as == "admin"}}, err
}

// targetOf is the store named, or the only one.
func (f *deskFlags) targetOf(file *config.File) (string, error) {
	var stores []string
	for name, t := range file.Targets.All() {
		if t.Type == "sqldesk" {
			stores = append(stores, name)
		}
	}
	name, p := f.target, file.Pipelines.Get(f.pipeline)
	if p != nil {
		name = cmp.Or(name, p.To)
	}
	t := file.Targets.Get(name)
	switch {
	case f.pipeline != "" && p == nil:
		return "", usage("there is no pipeline %q in %s; known are: %s", f.pipeline, file.Name(), joinWords(file.Pipelines.Names()))
	case name == "" && len(stores) == 1:
		return stores[0], nil
	case name == "" && len(stores) == 0:
		return "", usage("%s has no target of type sqldesk; `desksync store` works in no other helpdesk", file.Name())
	case name == "":
		return "", usage("%s has several stores; name one with --target: %s", file.Name(), strings.Join(stores, ", "))
	case t == nil:
		return "", usage("there is no target %q in %s; known stores are: %s", name, file.Name(), strings.Join(stores, ", "))
	case t.Type != "sqldesk":
		return "", usage("%s is of type %s; `desksync store` works in stores of type sqldesk only", name, t.Type)
	}
	return name, nil
}

// org returns the one organization that a word means.
func (d *desk) org(ctx context.Context, word string) (sqldesk.Named, error) {
	if n, ok := number(word); ok {
		o, err := d.Organization(ctx, n)
		return o.Named, err
	}
	found, err := d.FindOrganizations(ctx, word)
	if err != nil {
		return sqldesk.Named{}, err
	}
	for _, o := range found {
		if len(found) == 1 || o.ExternalID == word {
			return o, nil
		}
	}
	if len(found) == 0 {
		return sqldesk.Named{}, usage("no organization of %s has the id, name or domain %q; list them with `desksync store orgs`", d.name, word)
	}
	return sqldesk.Named{}, usage("%s organizations of %s match %q: %s; give the number, such as #%d", comma(len(found)), d.name, word, names(found), found[0].ID)
}

// user returns the user that a word means.
func (d *desk) user(ctx context.Context, word string) (sqldesk.User, error) {
	u, err := d.FindUser(ctx, strings.TrimPrefix(word, "#"))
	if isNotFound(err) {
		return u, usage("nobody in %s has the address, contact id or number %q; list them with `desksync store users list`", d.name, word)
	}
	return u, err
}

// about names what an error is about.
func about(what fmt.Stringer, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
