package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/near"
)

func (a *app) sourceCommand() *cobra.Command {
	c := &cobra.Command{Use: "source", Short: "Look at where the wanted state comes from"}
	c.AddCommand(&cobra.Command{
		Use: "describe [SOURCE]", Short: "List the columns that the source's login can see",
		Long: "Lists, for each role, the columns that rules can name, with their types. Of Salesforce these are the fields that\n" +
			"field-level security shows the integration user, and those of parents that a rule already names.\n\n" + exitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.describeSource(cmd.Context(), args) },
	})
	return c
}

func (a *app) describeSource(ctx context.Context, args []string) error {
	file, err := config.Load(a.config)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	w, err := a.wireSource(file, args)
	if err != nil {
		return err
	}
	w.Whole = true
	s, err := a.openWith(ctx, file)
	if err != nil {
		return err
	}
	return errors.Join(s.describe(ctx, w), s.close())
}

func (s *session) describe(ctx context.Context, w *wire.Pipeline) error {
	source, err := s.sourceOf(ctx, w)
	if err != nil {
		return err
	}
	schema, err := source.Describe(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", w.Config.From, err)
	}
	if s.json {
		s.printJSON(describedSource(schema))
		return nil
	}
	s.saySchema(w.Config.From, schema)
	return nil
}

// wireSource finds a pipeline that reads the source; without a name, the first one.
func (a *app) wireSource(file *config.File, args []string) (*wire.Pipeline, error) {
	for name, p := range file.Pipelines.All() {
		if len(args) == 0 || p.From == args[0] {
			return a.wire(file, name)
		}
	}
	if len(args) == 0 {
		return nil, usage("no pipeline in %s reads a source", file.Name())
	}
	if file.Sources.Get(args[0]) == nil {
		return nil, usage("%s has no such source%s", file.Name(), near.Known(args[0], file.Sources.Names()))
	}
	return nil, usage("no pipeline in %s reads %s; name it under from of one", file.Name(), args[0])
}

func (a *app) saySchema(name string, schema crm.Schema) {
	if schema.Account != "" {
		a.say("%s is the organization %s", name, schema.Account)
	}
	for _, role := range crm.Roles {
		columns, offered := schema.Columns[role]
		if !offered {
			a.say("%s: not offered", role)
			continue
		}
		a.say("%s: %s", role, count(len(columns), "column"))
		for _, c := range columns {
			a.say("  %-40s %s", c.Name, typeName[c.Type])
		}
	}
}

// typeName is a type as the configuration calls it.
var typeName = map[crm.Type]string{
	crm.Text: "text", crm.Number: "number", crm.Money: "currency", crm.Bool: "checkbox", crm.Date: "date", crm.Multi: "multi",
}

// describedColumn is a column as programs are told of it.
type describedColumn struct {
	Role string `json:"role"`
	Name string `json:"name"`
	Type string `json:"type"`
}

func describedSource(schema crm.Schema) map[string]any {
	columns := []describedColumn{}
	for _, role := range crm.Roles {
		for _, c := range schema.Columns[role] {
			columns = append(columns, describedColumn{string(role), c.Name, typeName[c.Type]})
		}
	}
	return map[string]any{"organization": schema.Account, "columns": columns}
}
