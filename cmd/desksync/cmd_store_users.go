package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
)

func (f *deskFlags) usersCommand() *cobra.Command {
	create := verb("create EMAIL", "Make a user, as when somebody registers: the domain of the address may put them into an organization", nil)
	var n sqldesk.NewUser
	role := string(sqldesk.EndUser)
	create.Flags().StringVar(&n.Name, "name", "", "their `name`")
	create.Flags().StringVar(&n.ExternalID, "contact", "", "`id` of their contact in the CRM, if they have one")
	create.Flags().StringVar(&role, "role", role, "end_user, agent or admin")
	create.RunE = f.writing(func(d *desk, ctx context.Context, args []string) error {
		n.Email, n.Role = args[0], sqldesk.Role(role)
		return d.createUser(ctx, n)
	})
	return family(&cobra.Command{Use: "users", Short: "List, add and remove customers; look at one user"},
		verb("list [ORG]", "List the members of an organization, or all users", f.reading((*desk).listUsers)),
		verb("add ORG EMAILS...", "Add everyone in a comma-separated list of addresses; who does not exist is made", f.writing((*desk).addUsers)),
		verb("remove ORG EMAILS...", "Take everyone in a comma-separated list out of an organization; nobody is deleted", f.writing((*desk).removeUsers)),
		verb("show USER", "Show a user, their organizations, and the tickets they see", f.reading((*desk).showUser)),
		create,
		verb("role USER ROLE", "Make a user an end_user, agent or admin", f.writing((*desk).setRole)),
		verb("suspend USER on|off", "Suspend a user, or let them back in; no run writes a suspended user", f.writing((*desk).suspend)),
	)
}

func (d *desk) listUsers(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return d.listAllUsers(ctx)
	}
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	list, err := d.Members(ctx, o.ID)
	for _, m := range list {
		d.done(memberJSON(m), "%s", memberText(m))
	}
	if len(list) == 0 && err == nil {
		d.hint("%s has no members", o)
	}
	return err
}

func (d *desk) listAllUsers(ctx context.Context) error {
	for page, err := range d.Objects(ctx, helpdesk.User, helpdesk.Cursor("")) {
		if err != nil {
			return err
		}
		for _, o := range page.Objects {
			name, _ := o.Fields.Get(helpdesk.Name)
			email, _ := o.Fields.Get(helpdesk.Email)
			n, _ := number("#" + o.ID)
			d.done(map[string]any{"number": n, "user": o.Ref.Key, "name": name, "email": email}, "%8s  %-19s  %-32s %s", "#"+o.ID, dash(o.Ref.Key), email, name.Text())
		}
	}
	return nil
}

func (d *desk) createUser(ctx context.Context, n sqldesk.NewUser) error {
	if n.Role != sqldesk.EndUser && !d.actor.Admin {
		return usage("%s is an agent; roles are given by administrators", d.actor.Name)
	}
	if err := d.MayManage(d.actor); err != nil {
		return err
	}
	var err error
	if n.ExternalID, err = d.crmID(n.ExternalID); err != nil {
		return err
	}
	u, to, err := d.CreateUser(ctx, n)
	if err != nil {
		return err
	}
	data := userJSON(u)
	data["joined"], data["domain"], data["tied"] = nil, to.Domain, orgsJSON(to.Tied)
	if to.Organization.ID != 0 {
		data["joined"] = orgJSON(to.Organization)
	}
	d.done(data, "created %s: %s", label(u), associationText(to))
	return nil
}

func (d *desk) showUser(ctx context.Context, args []string) error {
	u, err := d.user(ctx, args[0])
	if err != nil {
		return err
	}
	in, err := d.OrganizationsOf(ctx, u.ID)
	if err != nil {
		return err
	}
	sees, err := d.TicketsSeenBy(ctx, u.ID)
	if err != nil {
		return err
	}
	if d.json {
		out := userJSON(u)
		out["organizations"], out["sees"] = orgsJSON(in), mapped(sees, seenJSON)
		d.printJSON(out)
		return nil
	}
	d.say("%s  %s  contact %s  number #%d  %s", label(u), dash(u.Name), dash(u.ExternalID), u.ID, u.Role)
	d.say("  in %s", dash(names(in)))
	for _, t := range sees {
		may := "reads"
		if t.MayComment {
			may = "reads and comments on"
		}
		d.say("  %s ticket %d (%s): %s", may, t.ID, t.Why, dash(t.Subject))
	}
	return nil
}

func seenJSON(s sqldesk.Seen) map[string]any {
	out := ticketJSON(s.Ticket)
	out["why"], out["may_comment"] = s.Why, s.MayComment
	return out
}

func (d *desk) setRole(ctx context.Context, args []string) error {
	u, err := d.user(ctx, args[0])
	if err != nil {
		return err
	}
	if err := d.SetRole(ctx, d.actor, u.ID, sqldesk.Role(args[1])); err != nil {
		return err
	}
	u.Role = sqldesk.Role(args[1])
	d.done(userJSON(u), "%s is %s now", label(u), u.Role)
	return nil
}

func (d *desk) suspend(ctx context.Context, args []string) error {
	u, err := d.user(ctx, args[0])
	if err != nil {
		return err
	}
	if u.Suspended, err = onOff(args[1]); err != nil {
		return err
	}
	if err := d.SetSuspended(ctx, u.ID, u.Suspended); err != nil {
		return err
	}
	text := "%s is suspended; no run writes them"
	if !u.Suspended {
		text = "%s is let back in"
	}
	d.done(userJSON(u), text, label(u))
	return nil
}
