package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/sqldesk"
)

func (f *deskFlags) domainCommand() *cobra.Command {
	add := verb("add ORG DOMAIN", "Give an organization a domain, and see which existing users it concerns", nil)
	add.Long = "New users with an address at the domain join the organization by themselves. Existing users are listed and\n" +
		"never moved by themselves: --attach adds those who are in no organization, --move those who are in another one."
	var attach sqldesk.Attach
	var ack acknowledgement
	add.Flags().BoolVar(&attach.Free, "attach", false, "add the listed users who are in no organization")
	add.Flags().BoolVar(&attach.Elsewhere, "move", false, "add the listed users who are in another organization; they leave it where a user has only one")
	ack.flags(add)
	add.RunE = f.writing(func(d *desk, ctx context.Context, args []string) error { return d.addDomain(ctx, args, attach, ack) })
	return family(&cobra.Command{Use: "domain", Short: "E-mail domains of organizations, and whom they bring in"},
		verb("owner ADDRESS", "Say which organization a new user with an address, or at a domain, would join", f.reading((*desk).showOwner)),
		verb("concerns ORG DOMAIN", "List the existing users whom a domain would concern; nothing is changed", f.reading((*desk).showConcern)),
		add,
		verb("remove ORG DOMAIN", "Take a domain from an organization; nobody leaves it by that", f.writing((*desk).removeDomain)),
	)
}

func (d *desk) showOwner(ctx context.Context, args []string) error {
	email := args[0]
	if !strings.Contains(email, "@") {
		email = "someone@" + email
	}
	a, err := d.AssociationOf(ctx, email)
	if err != nil {
		return err
	}
	data := map[string]any{"address": args[0], "domain": a.Domain, "organization": nil, "tied": orgsJSON(a.Tied)}
	if a.Organization.ID != 0 {
		data["organization"] = orgJSON(a.Organization)
	}
	d.done(data, "%s: %s", args[0], associationText(a))
	return nil
}

// associationText says where a domain leads.
func associationText(a sqldesk.Association) string {
	switch {
	case a.Domain == "":
		return "no organization has its domain; joins none"
	case a.Organization.ID == 0:
		return "conflict: " + a.Domain + " is a domain of " + names(a.Tied) + "; nobody is attached by it (tie: nobody)"
	case len(a.Tied) > 0:
		return "joins " + a.Organization.String() + " by the domain " + a.Domain + ", which " + names(a.Tied) + " hold; the configured tie decides"
	default:
		return "joins " + a.Organization.String() + " by the domain " + a.Domain
	}
}

func (d *desk) showConcern(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	c, err := d.Concerned(ctx, o.ID, args[1])
	if err != nil {
		return err
	}
	where, err := d.homes(ctx, c.Elsewhere)
	if err != nil {
		return err
	}
	if d.json {
		d.printJSON(concernJSON(o, c, where))
		return nil
	}
	d.printConcern(c, where, sqldesk.Attach{})
	return nil
}

// homes names the organizations of each user.
func (d *desk) homes(ctx context.Context, users []sqldesk.User) (map[int64][]sqldesk.Named, error) {
	out := map[int64][]sqldesk.Named{}
	for _, u := range users {
		in, err := d.OrganizationsOf(ctx, u.ID)
		if err != nil {
			return nil, err
		}
		out[u.ID] = in
	}
	return out, nil
}

func concernJSON(o sqldesk.Named, c sqldesk.Concern, where map[int64][]sqldesk.Named) map[string]any {
	elsewhere := mapped(c.Elsewhere, func(u sqldesk.User) map[string]any {
		out := userJSON(u)
		out["organizations"] = orgsJSON(where[u.ID])
		return out
	})
	return map[string]any{
		"organization": orgJSON(o), "domain": c.Domain, "without_organization": mapped(c.Free, userJSON), "in_another": elsewhere, "also_of": orgsJSON(c.Others),
	}
}

// printConcern prints the two lists, and what to do about them.
func (d *desk) printConcern(c sqldesk.Concern, where map[int64][]sqldesk.Named, attach sqldesk.Attach) {
	if len(c.Others) > 0 {
		d.say("%s is a domain of %s too; whom new users join is decided by the tie: %s", c.Domain, names(c.Others), dash(d.rules.Config.Organizations.Domains.Tie))
	}
	if len(c.Free) > 0 {
		d.say("%s in no organization (proposed):", count(len(c.Free), "user"))
	}
	for _, u := range c.Free {
		d.say("  %s", label(u))
	}
	if len(c.Elsewhere) > 0 {
		d.say("%s in another organization (only if you say so):", count(len(c.Elsewhere), "user"))
	}
	for _, u := range c.Elsewhere {
		d.say("  %-32s in %s", label(u), names(where[u.ID]))
	}
	switch {
	case len(c.Free)+len(c.Elsewhere) == 0:
		d.say("no existing user is concerned")
	case len(c.Free) > 0 && !attach.Free:
		d.hint("add those in no organization: desksync store domain add ORG %s --attach", c.Domain)
	}
	if len(c.Elsewhere) > 0 && !attach.Elsewhere {
		d.hint("add those in another one: desksync store domain add ORG %s --move", c.Domain)
	}
}

func (d *desk) addDomain(ctx context.Context, args []string, attach sqldesk.Attach, ack acknowledgement) error {
	if err := ack.check(); err != nil {
		return err
	}
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	before, err := d.Concerned(ctx, o.ID, args[1])
	if err != nil {
		return err
	}
	where, err := d.homes(ctx, before.Elsewhere) // asked before they are moved
	if err != nil {
		return err
	}
	c, added, found, err := d.AddDomain(ctx, d.actor, o.ID, args[1], attach)
	if err != nil {
		return err
	}
	if err := d.answer(ctx, found, ack); err != nil {
		return err
	}
	if d.json {
		data := concernJSON(o, c, where)
		data["added"], data["findings"], data["acknowledged"] = mapped(added, addedJSON), mapped(found, findingJSON), ack.given
		d.printJSON(data)
		return codeOfAdded(added)
	}
	d.say("%s has the domain %s: new users with an address there join it", o, c.Domain)
	d.printConcern(c, where, attach)
	d.tell(found, ack)
	return d.report(o, added, func(x sqldesk.Added) string {
		if left := names(where[x.User]); left != "" && !d.rules.MultiOrganization() {
			return "moved from " + left + " to " + o.String()
		}
		return "added to " + o.String()
	})
}

func (d *desk) removeDomain(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	if err := d.RemoveDomain(ctx, o.ID, args[1]); err != nil {
		return err
	}
	data := orgJSON(o)
	data["removed"] = args[1]
	d.done(data, "%s no longer has the domain %s; its members stay", o, args[1])
	return nil
}
