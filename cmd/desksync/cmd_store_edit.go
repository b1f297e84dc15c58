package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
)

func (f *deskFlags) editCommand() *cobra.Command {
	c := verb("edit ORG FIELD=VALUE...", "Change fields of an organization by hand, as an agent does", f.writing((*desk).edit))
	c.Long = "FIELD is the key of a custom field, or name, summary, contact or notes; nothing behind the = empties it.\n" +
		"tag:NAME=true gives the organization a tag, tag:NAME=false takes it away."
	return c
}

func (d *desk) edit(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	fields, err := d.fieldsOf(ctx, args[1:])
	if err != nil {
		return err
	}
	before, err := d.Organization(ctx, o.ID)
	if err != nil {
		return err
	}
	if err := d.Edit(ctx, o.ID, fields); err != nil {
		return about(o, err)
	}
	for _, f := range fields {
		old, _ := before.Fields.Get(f.Name)
		data := orgJSON(o)
		data["field"], data["old"], data["new"] = f.Name, old, f.Value
		d.done(data, "%s of %s: %s → %s", strings.TrimPrefix(f.Name, helpdesk.FieldPrefix), o, old, f.Value)
	}
	d.hint("the next run sees this as somebody's edit, and its policies decide: desksync diff")
	return nil
}

// fieldsOf reads KEY=VALUE, each value as the type of its field.
func (d *desk) fieldsOf(ctx context.Context, words []string) (helpdesk.Fields, error) {
	caps, err := d.Describe(ctx)
	if err != nil {
		return nil, err
	}
	var out helpdesk.Fields
	for _, word := range words {
		key, text, ok := strings.Cut(word, "=")
		if !ok {
			return nil, usage("%q is no FIELD=VALUE", word)
		}
		f, err := fieldOf(caps, key, text)
		if err != nil {
			return nil, err
		}
		if _, twice := out.Get(f.Name); twice {
			return nil, usage("%s is given twice", key)
		}
		out = out.With(f.Name, f.Value)
	}
	return out, nil
}

func fieldOf(caps helpdesk.Capabilities, key, text string) (helpdesk.Field, error) {
	switch {
	case strings.HasPrefix(key, helpdesk.DomPrefix) || key == "domain":
		return helpdesk.Field{}, usage("domains concern users; write `desksync store domain add ORG %s`", dash(strings.TrimPrefix(key, helpdesk.DomPrefix)))
	case strings.HasPrefix(key, helpdesk.GroupPrefix) || key == "group":
		return helpdesk.Field{}, usage("groups concern users; write `desksync store group link GROUP ORG`")
	case strings.HasPrefix(key, helpdesk.TagPrefix):
		return parsed(key, key, helpdesk.Bool, text)
	}
	for _, name := range []string{key, helpdesk.FieldPrefix + key} {
		if spec, ok := caps.Spec(helpdesk.Organization, name); ok {
			return parsed(name, key, spec.Type, text)
		}
	}
	return helpdesk.Field{}, usage("the store has no field %q; see `desksync store fields`", key)
}

func parsed(name, key string, kind helpdesk.Type, text string) (helpdesk.Field, error) {
	v, err := helpdesk.Parse(kind, text)
	if err != nil {
		return helpdesk.Field{}, usage("%s: %v", key, err)
	}
	return helpdesk.Field{Name: name, Value: v}, nil
}

func (f *deskFlags) exportCommand() *cobra.Command {
	var file string
	c := verb("export", "Print the whole store as JSON lines: by CRM id, without numbers and times of its own", nil)
	c.Long = "Two stores in one state give the same bytes, whatever databases they are in; so an export shows what a run changed, and can be kept and compared."
	c.Flags().StringVarP(&file, "output", "o", "", "write to this `file`")
	c.RunE = f.reading(func(d *desk, ctx context.Context, _ []string) error { return d.export(ctx, file) })
	return c
}

func (d *desk) export(ctx context.Context, file string) (err error) {
	if file == "" {
		return d.Export(ctx, d.out)
	}
	if err := mayReplace(file, "{"); err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the user names it
	if err != nil {
		return usage("the export cannot be written: %v", err)
	}
	buf := bufio.NewWriter(out)
	return errors.Join(d.Export(ctx, buf), buf.Flush(), out.Close())
}
