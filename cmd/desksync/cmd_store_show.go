package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
)

func (f *deskFlags) showCommand() *cobra.Command {
	return verb("show ORG", "Show all that the store knows of one organization", f.reading((*desk).showOrg))
}

// wholeOrg is an organization with all that hangs on it.
type wholeOrg struct {
	sqldesk.Organization
	above, below []sqldesk.Named
	members      []sqldesk.Member
	projects     []string
	open         []sqldesk.Ticket
	findings     []sqldesk.Finding
}

func (d *desk) showOrg(ctx context.Context, args []string) error {
	named, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	o, err := d.whole(ctx, named.ID)
	if err != nil {
		return err
	}
	if d.json {
		d.printJSON(o.json())
		return nil
	}
	d.printWhole(o)
	return nil
}

func (d *desk) whole(ctx context.Context, id int64) (*wholeOrg, error) {
	o := &wholeOrg{}
	var errs [7]error
	o.Organization, errs[0] = d.Organization(ctx, id)
	o.above, errs[1] = d.Ancestors(ctx, id)
	o.below, errs[2] = d.Children(ctx, id)
	o.members, errs[3] = d.Members(ctx, id)
	o.projects, errs[4] = d.ProjectsOf(ctx, id)
	o.open, errs[5] = d.Tickets(ctx, id, true)
	o.findings, errs[6] = d.findingsOf(ctx, id)
	return o, errors.Join(errs[:]...)
}

func (o *wholeOrg) json() map[string]any {
	out := orgJSON(o.Named)
	for k, v := range fieldsJSON(o.Fields) {
		out[k] = v
	}
	out["all_tags"], out["shared"], out["projects"] = some(o.AllTags), o.Shared, some(o.projects)
	out["above"], out["children"] = orgsJSON(o.above), orgsJSON(o.below)
	out["members"], out["open_tickets"], out["findings"] = mapped(o.members, memberJSON), mapped(o.open, ticketJSON), mapped(o.findings, findingJSON)
	return out
}

func (d *desk) printWhole(o *wholeOrg) {
	d.say("%s  account %s  number #%d", o.Name, dash(o.ExternalID), o.ID)
	for _, x := range o.Fields {
		if !isFamily(x.Name) && x.Name != helpdesk.Name {
			d.say("  %-28s %s", strings.TrimPrefix(x.Name, helpdesk.FieldPrefix), x.Value)
		}
	}
	for _, line := range []struct{ label, text string }{
		{"tags", joinWords(o.Fields.Family(helpdesk.TagPrefix))},
		{"tags with those of fields", joinWords(o.AllTags)},
		{"domains", joinWords(o.Fields.Family(helpdesk.DomPrefix))},
		{"groups", joinWords(o.Fields.Family(helpdesk.GroupPrefix))},
		{"under", chain(o.above)},
		{"over", names(o.below)},
		{"service projects", joinWords(o.projects)},
		{"sharing", sharedText(o.Shared)},
	} {
		if line.text != "" {
			d.say("  %-28s %s", line.label, line.text)
		}
	}
	d.say("  %s", count(len(o.members), "member"))
	for _, m := range o.members {
		d.say("    %s", memberText(m))
	}
	for _, t := range o.open {
		d.say("  ticket %d is %s (%s): %s", t.ID, t.Status, policyText(t.Policy), dash(t.Subject))
	}
	for _, f := range o.findings {
		d.say("  finding: %s", f)
	}
}

// chain says what is under what, nearest first.
func chain(above []sqldesk.Named) string {
	return strings.Join(mapped(above, sqldesk.Named.String), " under ")
}
