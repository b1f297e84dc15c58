package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func (a *app) orgCommand() *cobra.Command {
	var pipeline string
	c := &cobra.Command{
		Use: "org ORGANIZATION", Short: "Look one organization up by id (15 or 18 characters), name or domain", Args: oneArg("an id, a name or a domain"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.showOrg(cmd.Context(), pipeline, args[0]) })
		},
	}
	c.Flags().StringVar(&pipeline, "pipeline", "", "of this `pipeline`")
	return c
}

func (s *session) showOrg(ctx context.Context, pipeline, word string) error {
	names, err := s.chosen(pipeline)
	if err != nil {
		return err
	}
	shown, said := false, error(nil)
	for _, name := range names {
		accounts, err := s.accountsOf(ctx, name, []string{word})
		if err != nil && codeOf(err) == exitUsage {
			said = err
			continue
		}
		if err != nil {
			return err
		}
		r, err := s.reconcilerOf(ctx, name, true)
		if err != nil {
			return err
		}
		subject, err := r.Subject(ctx, accounts[0])
		if err != nil {
			return err
		}
		if subject.Staged == nil && subject.Org == nil {
			continue
		}
		went, err := s.wentInto(ctx, s.file.Pipelines.Get(name).To, subject.Account)
		if err != nil {
			return err
		}
		s.printSubject(name, subject, went)
		shown = true
	}
	if !shown {
		return passedOver(said, word)
	}
	return nil
}

// printSubject prints what is recorded; went says where an organization is now that is
// no longer its own.
func (s *session) printSubject(pipeline string, x *reconcile.Subject, went string) {
	target := s.file.Pipelines.Get(pipeline).To
	if s.json {
		s.printJSON(map[string]any{
			"pipeline": pipeline, "account": x.Account, "short_id": crm.ShortID(x.Account), "lost": x.Lost, "organization": organizationJSON(x.Org), "members": len(x.Members), "items": len(x.Items),
		})
		return
	}
	name := x.Account
	if v, ok := x.Holds(helpdesk.Name); ok {
		name = v.Text()
	}
	s.say("%s  %s (%s)  pipeline %s", name, x.Account, crm.ShortID(x.Account), pipeline)
	s.printStaged(x)
	if x.Org == nil {
		s.say("  %s has no organization for it%s", target, went)
	} else {
		s.printOrganization(target, x)
	}
	for _, i := range x.Items {
		s.say("  %s %d: %s", i.Class, i.ID, i.Text)
	}
}

// organizationJSON is what is recorded of an organization; nil where there is none.
func organizationJSON(o *journal.Object) map[string]any {
	if o == nil {
		return nil
	}
	out := map[string]any{
		"id": o.TargetID, "gone": o.HaveState == journal.HaveGone, "have": valuesJSON(o.Have), "written": o.Written, "last_written": valuesJSON(o.Last),
		"marked": o.Marked, "corrected": correctedJSON(o.Corrected),
	}
	if o.Written {
		out["written_by_run"], out["written_at"] = o.Run, o.At
	}
	return out
}

func valuesJSON(list helpdesk.Fields) map[string]helpdesk.Value {
	out := make(map[string]helpdesk.Value, len(list))
	for _, f := range list {
		out[f.Name] = f.Value
	}
	return out
}

func correctedJSON(list []journal.Corrected) []map[string]any {
	out := make([]map[string]any, 0, len(list))
	for _, c := range list {
		out = append(out, map[string]any{"field": c.Field, "at": c.At})
	}
	return out
}

func (s *session) printStaged(x *reconcile.Subject) {
	switch {
	case x.Staged == nil:
		s.say("  the CRM does not show it")
	case x.Gone() != "":
		s.say("  %s", x.Gone())
	default:
		s.say("  in the CRM with %s and %s", count(len(x.Staged.Contacts), "contact"), count(len(x.Staged.Subscriptions), "subscription"))
	}
}

func (s *session) printOrganization(target string, x *reconcile.Subject) {
	state := "organization " + x.Org.TargetID + " of " + target
	if x.Org.HaveState == journal.HaveGone {
		state += ", which no longer exists there"
	}
	s.say("  %s, %s; last written by run %d at %s", state, count(len(x.Members), "member"), x.Org.Run, x.Org.At.UTC().Format("2006-01-02 15:04:05"))
	var tags, domains []string
	for _, f := range x.Org.Have {
		switch {
		case strings.HasPrefix(f.Name, helpdesk.TagPrefix):
			tags = append(tags, f.Name[len(helpdesk.TagPrefix):])
		case strings.HasPrefix(f.Name, helpdesk.DomPrefix):
			domains = append(domains, f.Name[len(helpdesk.DomPrefix):])
		default:
			s.printField(x, f)
		}
	}
	s.say("    %-28s %s", "tags", joinWords(tags))
	s.say("    %-28s %s", "domains", joinWords(domains))
}

func (s *session) printField(x *reconcile.Subject, f helpdesk.Field) {
	if f.Value.IsEmpty() {
		return
	}
	whose := ""
	if last, wrote := x.Org.Last.Get(f.Name); !wrote {
		whose = "  (not ours)"
	} else if last != f.Value {
		whose = "  (edited; desksync wrote " + last.String() + ")"
	}
	s.say("    %-28s %s%s", strings.TrimPrefix(f.Name, helpdesk.FieldPrefix), f.Value, whose)
}
