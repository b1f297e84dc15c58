package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
)

func (f *deskFlags) slaCommand() *cobra.Command {
	c := family(&cobra.Command{Use: "sla", Short: "List the SLA policies in order; ask which one a ticket would get"})
	c.RunE = f.asking((*desk).listPolicies)
	which := verb("for [TAGS]...", "Say which policy a ticket with these tags, form and stage would get", nil)
	var form, stage string
	which.Flags().StringVar(&form, "form", "", "the ticket's `form`")
	which.Flags().StringVar(&stage, "stage", "", "the ticket's `stage`")
	which.RunE = f.asking(func(d *desk, args []string) error { return d.whichPolicy(args, form, stage) })
	c.AddCommand(which)
	return c
}

// policies are those of the store, in their order.
func (d *desk) policies() []sqldesk.Policy {
	return d.rules.StorePolicies(d.rules.File.Targets.Get(d.name))
}

func (d *desk) listPolicies(_ []string) error {
	for i, p := range d.policies() {
		d.done(map[string]any{"position": i + 1, "policy": p.Name, "filter": p.Filter}, "%3d  %-16s %s", i+1, p.Name, filterText(p.Filter))
	}
	d.hint("the first that matches wins; ask with: desksync store sla for TAG,TAG")
	return nil
}

// filterText says which tickets a policy is for.
func filterText(f sqldesk.Filter) string {
	var parts []string
	for _, x := range []struct {
		words []string
		text  string
	}{
		{f.Any, "a tag of "},
		{f.All, "all tags of "},
		{f.None, "no tag of "},
		{f.Forms, "form "},
		{f.NotForms, "not form "},
		{f.Stages, "stage "},
		{f.NotStages, "not stage "},
	} {
		if len(x.words) > 0 {
			parts = append(parts, x.text+joinWords(x.words))
		}
	}
	if len(f.Any)+len(f.All)+len(f.Forms)+len(f.Stages) == 0 {
		return "no ticket: it only leaves out"
	}
	return strings.Join(parts, "; ")
}

func (d *desk) whichPolicy(args []string, form, stage string) error {
	tags := []string{}
	for _, tag := range strings.Split(strings.Join(args, ","), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	policy, _ := sqldesk.PolicyOf(d.policies())(tags, form, stage)
	d.done(map[string]any{"tags": tags, "form": form, "stage": stage, "policy": policy}, "%s", d.whyPolicy(policy))
	return nil
}

// whyPolicy says which policy, and that it was the first in order.
func (d *desk) whyPolicy(policy string) string {
	list := joinWords(mapped(d.policies(), func(p sqldesk.Policy) string { return p.Name }))
	if policy == "" {
		return "no policy: none of " + dash(list) + " matches"
	}
	return policy + ": first of " + list + " that matches"
}

func policyText(policy string) string {
	if policy == "" {
		return "no SLA policy"
	}
	return "SLA " + policy
}

func (f *deskFlags) fieldsCommand() *cobra.Command {
	return verb("fields", "List the fields of organizations, with their types and options", f.asking((*desk).listFields))
}

func (d *desk) listFields(_ []string) error {
	caps := d.rules.Offered()
	for _, s := range caps.Specs[helpdesk.Organization] {
		key := strings.TrimPrefix(s.Name, helpdesk.FieldPrefix)
		options := mapped(s.Choices, func(o helpdesk.Option) map[string]string {
			return map[string]string{"value": o.Value, "label": o.Label, "tag": o.Tag}
		})
		d.done(map[string]any{"field": key, "type": s.Type.String(), "custom": key != s.Name, "max_length": s.MaxLen, "tag": s.Tag, "options": options},
			"%-28s %-9s %s", key, s.Type, specText(s))
	}
	return nil
}

func specText(s helpdesk.Spec) string {
	words := mapped(s.Choices, func(o helpdesk.Option) string {
		if o.Tag != "" {
			return o.Value + " (tag " + o.Tag + ")"
		}
		return o.Value
	})
	if s.Tag != "" {
		words = append(words, "brings the tag "+s.Tag)
	}
	if s.MaxLen > 0 {
		words = append(words, "up to "+comma(s.MaxLen)+" characters")
	}
	return joinWords(words)
}
