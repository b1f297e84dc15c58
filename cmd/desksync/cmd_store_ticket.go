package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/sqldesk"
)

// ticketFlags describe a new ticket.
type ticketFlags struct {
	org, requester, subject, status, form, stage string
	tags, cc                                     []string
	number                                       int64
}

func (f *deskFlags) ticketCommand() *cobra.Command {
	create := verb("create", "Make a ticket; it takes the tags of its organization over", nil)
	var t ticketFlags
	flags := create.Flags()
	flags.StringVar(&t.org, "org", "", "its `ORG`; the requester's default organization if left out")
	flags.StringVar(&t.requester, "requester", "", "the `USER` who asks")
	flags.StringVar(&t.subject, "subject", "", "what it is about")
	flags.StringVar(&t.status, "status", string(sqldesk.StatusNew), "new, open, pending, hold, solved or closed")
	flags.StringVar(&t.form, "form", "", "its `form`")
	flags.StringVar(&t.stage, "stage", "", "its `stage`")
	flags.StringSliceVar(&t.tags, "tags", nil, "further `tags`, with commas between them")
	flags.StringSliceVar(&t.cc, "cc", nil, "`users` copied on it, with commas between them")
	flags.Int64Var(&t.number, "number", 0, "the `number` it gets, for imports; the store gives one if left out")
	create.RunE = f.writing(func(d *desk, ctx context.Context, _ []string) error { return d.createTicket(ctx, t) })

	list := verb("list ORG", "List the tickets of an organization", nil)
	var open bool
	list.Flags().BoolVar(&open, "open", false, "only those that are not closed")
	list.RunE = f.reading(func(d *desk, ctx context.Context, args []string) error { return d.listTickets(ctx, args[0], open) })
	return family(&cobra.Command{Use: "ticket", Short: "Tickets, as far as organizations have to do with them"},
		create, list,
		verb("show TICKET", "Show a ticket, and the SLA policy it gets", f.reading((*desk).showTicket)),
		verb("status TICKET STATUS", "Move a ticket on: new, open, pending, hold, solved or closed", f.writing((*desk).setStatus)),
		verb("tie TICKET ORG", "Put a ticket under an organization", f.writing((*desk).tieTicket)),
	)
}

func (d *desk) createTicket(ctx context.Context, t ticketFlags) error {
	n := sqldesk.Ticket{ID: t.number, Subject: t.subject, Status: sqldesk.Status(t.status), Form: t.form, Stage: t.stage, Tags: t.tags}
	if t.org == "" && t.requester == "" {
		return usage("name the organization with --org, or who asks with --requester")
	}
	if t.org != "" {
		o, err := d.org(ctx, t.org)
		if err != nil {
			return err
		}
		n.Organization = o.ID
	}
	if t.requester != "" {
		u, err := d.user(ctx, t.requester)
		if err != nil {
			return err
		}
		n.Requester = u.ID
	}
	for _, word := range t.cc {
		u, err := d.user(ctx, word)
		if err != nil {
			return err
		}
		n.CC = append(n.CC, u.ID)
	}
	made, err := d.CreateTicket(ctx, n)
	if err != nil {
		return err
	}
	return d.printTicket(ctx, made)
}

func (d *desk) listTickets(ctx context.Context, org string, open bool) error {
	o, err := d.org(ctx, org)
	if err != nil {
		return err
	}
	list, err := d.Tickets(ctx, o.ID, open)
	for _, t := range list {
		d.done(ticketJSON(t), "%8d  %-8s %-14s %s", t.ID, t.Status, dash(t.Policy), t.Subject)
	}
	if len(list) == 0 && err == nil {
		d.hint("%s has no such ticket", o)
	}
	return err
}

func ticketNumber(word string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
	if err != nil {
		return 0, usage("%q is not the number of a ticket", word)
	}
	return n, nil
}

func (d *desk) showTicket(ctx context.Context, args []string) error {
	id, err := ticketNumber(args[0])
	if err != nil {
		return err
	}
	t, err := d.Ticket(ctx, id)
	if err != nil {
		return err
	}
	return d.printTicket(ctx, t)
}

func (d *desk) printTicket(ctx context.Context, t sqldesk.Ticket) error {
	if d.json {
		d.printJSON(ticketJSON(t))
		return nil
	}
	d.say("ticket %d  %s  %s", t.ID, t.Status, dash(t.Subject))
	if t.Organization != 0 {
		o, err := d.Organization(ctx, t.Organization)
		if err != nil {
			return err
		}
		d.say("  organization  %s", o.Named)
	}
	var copied []sqldesk.User
	for _, id := range t.CC {
		u, err := d.FindUser(ctx, strconv.FormatInt(id, 10))
		if err != nil {
			return err
		}
		copied = append(copied, u)
	}
	d.say("  tags          %s", dash(joinWords(t.Tags)))
	if len(copied) > 0 {
		d.say("  copied        %s", labels(copied))
	}
	d.say("  SLA           %s", d.whyPolicy(t.Policy))
	return nil
}

func (d *desk) setStatus(ctx context.Context, args []string) error {
	id, err := ticketNumber(args[0])
	if err != nil {
		return err
	}
	if err := d.SetTicketStatus(ctx, id, sqldesk.Status(args[1])); err != nil {
		return err
	}
	return d.showTicket(ctx, args)
}

func (d *desk) tieTicket(ctx context.Context, args []string) error {
	id, err := ticketNumber(args[0])
	if err != nil {
		return err
	}
	o, err := d.org(ctx, args[1])
	if err != nil {
		return err
	}
	if err := d.TieTicket(ctx, id, o.ID); err != nil {
		return err
	}
	return d.showTicket(ctx, args)
}
