package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/sqldesk"
)

func (f *deskFlags) projectCommand() *cobra.Command {
	return family(&cobra.Command{Use: "project", Short: "Service projects, and the organizations whose members may ask there"},
		verb("list [ORG]", "List the projects, or those of an organization", f.reading((*desk).listProjects)),
		verb("show PROJECT...", "Show the organizations of one or several projects, each counted once, and who may ask there", f.reading((*desk).showProjects)),
		verb("attach ORG PROJECT...", "Let the members of an organization ask in projects, which are made if need be", f.writing((*desk).attachProjects)),
		verb("detach ORG PROJECT...", "Take an organization out of projects", f.writing((*desk).detachProjects)),
	)
}

func (d *desk) listProjects(ctx context.Context, args []string) error {
	if len(args) == 0 {
		list, err := d.Projects(ctx)
		d.printCounted(list, "project")
		return err
	}
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	return d.printProjects(ctx, o)
}

func (d *desk) printProjects(ctx context.Context, o sqldesk.Named) error {
	list, err := d.ProjectsOf(ctx, o.ID)
	if err != nil {
		return err
	}
	data := orgJSON(o)
	data["projects"] = some(list)
	if len(list) == 0 {
		d.done(data, "%s is in no project", o)
		return nil
	}
	d.done(data, "%s is in %s: %s", o, count(len(list), "project"), joinWords(list))
	return nil
}

func (d *desk) showProjects(ctx context.Context, args []string) error {
	if err := d.knownProjects(ctx, args); err != nil {
		return err
	}
	orgs, err := d.ProjectOrganizations(ctx, args...)
	if err != nil {
		return err
	}
	var customers []sqldesk.User
	for _, p := range args {
		more, err := d.ProjectCustomers(ctx, p)
		if err != nil {
			return err
		}
		for _, u := range more {
			if !slices.Contains(customers, u) {
				customers = append(customers, u)
			}
		}
	}
	if d.json {
		d.printJSON(map[string]any{"projects": args, "organizations": orgsJSON(orgs), "customers": mapped(customers, userJSON)})
		return nil
	}
	d.say("%s: %s, %s", joinWords(args), count(len(orgs), "organization"), count(len(customers), "customer"))
	for _, o := range orgs {
		d.say("  %s", o)
	}
	for _, u := range customers {
		d.say("    %s", label(u))
	}
	return nil
}

func (d *desk) knownProjects(ctx context.Context, args []string) error {
	list, err := d.Projects(ctx)
	if err != nil {
		return err
	}
	for _, p := range args {
		if !slices.ContainsFunc(list, func(c sqldesk.Counted) bool { return c.Name == p }) {
			return usage("%s has no project %q; list them with `desksync store project list`", d.name, p)
		}
	}
	return nil
}

func (d *desk) attachProjects(ctx context.Context, args []string) error {
	return d.eachProject(ctx, args, d.AttachProject)
}

func (d *desk) detachProjects(ctx context.Context, args []string) error {
	return d.eachProject(ctx, args, d.DetachProject)
}

func (d *desk) eachProject(ctx context.Context, args []string, do func(context.Context, sqldesk.Actor, int64, string) error) error {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	for _, p := range args[1:] {
		if err := do(ctx, d.actor, o.ID, p); err != nil {
			return err
		}
	}
	return d.printProjects(ctx, o)
}
