package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/sqldesk"
)

// acknowledgement says why a domain on a shared organization is right.
type acknowledgement struct {
	given  bool
	reason string
}

func (x *acknowledgement) flags(c *cobra.Command) {
	c.Flags().BoolVar(&x.given, "acknowledge", false, "answer for it that everyone with an address of its domains sees its tickets")
	c.Flags().StringVar(&x.reason, "reason", "", "why that is right, for whoever asks in a year")
}

func (x *acknowledgement) check() error {
	if x.given != (strings.TrimSpace(x.reason) != "") {
		return usage("--acknowledge and --reason belong together")
	}
	return nil
}

func (f *deskFlags) shareCommand() *cobra.Command {
	c := verb("share ORG own|read|write", "Say whether members see their own tickets, read all, or also write to all", nil)
	var ack acknowledgement
	ack.flags(c)
	c.RunE = f.writing(func(d *desk, ctx context.Context, args []string) error { return d.share(ctx, args, ack) })
	return c
}

func (d *desk) share(ctx context.Context, args []string, ack acknowledgement) error {
	to, ok := map[string]sqldesk.Sharing{"own": sqldesk.NotShared, "none": sqldesk.NotShared, "read": sqldesk.ReadAll, "write": sqldesk.WriteAll}[args[1]]
	if !ok {
		return usage("%q is no kind of sharing; write own, read or write", args[1])
	}
	if err := ack.check(); err != nil {
		return err
	}
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	found, err := d.Share(ctx, o.ID, to)
	if err != nil {
		return err
	}
	if err := d.answer(ctx, found, ack); err != nil {
		return err
	}
	data := orgJSON(o)
	data["shared"], data["findings"], data["acknowledged"] = to, mapped(found, findingJSON), ack.given
	d.done(data, "%s: %s", o, sharedText(to))
	d.tell(found, ack)
	return nil
}

// answer acknowledges findings, if that was asked for.
func (d *desk) answer(ctx context.Context, found []sqldesk.Finding, ack acknowledgement) error {
	for _, f := range found {
		if !ack.given {
			return nil
		}
		if err := d.Acknowledge(ctx, d.actor, f.Organization.ID, f.Domain, ack.reason); err != nil {
			return err
		}
	}
	return nil
}

// tell says to people what was found, and who answers for it.
func (d *desk) tell(found []sqldesk.Finding, ack acknowledgement) {
	for _, f := range found {
		switch {
		case d.json:
		case ack.given:
			d.say("acknowledged by %s: %s on %s (%s)", d.actor.Name, f.Domain, f.Organization, ack.reason)
		default:
			d.say("finding: %s", f)
		}
	}
	if len(found) > 0 && !ack.given {
		d.hint("acknowledge: desksync store findings acknowledge #%d %s --reason \"…\"", found[0].Organization.ID, found[0].Domain)
	}
}

func (f *deskFlags) findingsCommand() *cobra.Command {
	c := family(&cobra.Command{
		Use: "findings", Short: "List domains on shared organizations that nobody answers for; acknowledge one",
		Long: "Whoever has an address at a domain of a shared organization comes to see the tickets of all its members.\n\n" + exitHelp,
	})
	c.RunE = f.reading((*desk).listFindings)
	acknowledge := verb("acknowledge ORG DOMAIN", "Answer for a domain on a shared organization, until the domain or the sharing changes", nil)
	var reason string
	acknowledge.Flags().StringVar(&reason, "reason", "", "why it is right, for whoever asks in a year (required)")
	acknowledge.RunE = f.writing(func(d *desk, ctx context.Context, args []string) error { return d.acknowledge(ctx, args, reason) })
	c.AddCommand(acknowledge)
	return c
}

func (d *desk) listFindings(ctx context.Context, _ []string) error {
	list, err := d.Findings(ctx)
	if err != nil {
		return err
	}
	for _, f := range list {
		d.done(findingJSON(f), "%s", f)
	}
	if len(list) == 0 {
		d.hint("no findings in %s", d.name)
		return nil
	}
	d.hint("acknowledge one: desksync store findings acknowledge ORG DOMAIN --reason \"…\"")
	return exit(exitFound)
}

func (d *desk) findingsOf(ctx context.Context, organization int64) ([]sqldesk.Finding, error) {
	list, err := d.Findings(ctx)
	return slices.DeleteFunc(list, func(f sqldesk.Finding) bool { return f.Organization.ID != organization }), err
}

func (d *desk) acknowledge(ctx context.Context, args []string, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return usage("say why with --reason, for whoever asks in a year")
	}
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	if err := d.Acknowledge(ctx, d.actor, o.ID, strings.ToLower(args[1]), reason); err != nil {
		if isNotFound(err) {
			return usage("%s is not shared or has no domain %s: there is nothing to acknowledge", o, args[1])
		}
		return err
	}
	data := orgJSON(o)
	data["domain"], data["reason"], data["by"] = strings.ToLower(args[1]), reason, d.actor.Name
	d.done(data, "acknowledged by %s: %s on %s (%s)", d.actor.Name, strings.ToLower(args[1]), o, reason)
	return nil
}
