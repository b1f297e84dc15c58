package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/journal"
)

func (s *session) setOverride(ctx context.Context, args []string, f overrideFlags) error {
	d, pipeline, err := s.overrideOf(ctx, args, f)
	if err != nil {
		return err
	}
	if err := s.refuseSecond(ctx, pipeline, &d); err != nil {
		return err
	}
	id, err := s.journal.PutDecision(ctx, d)
	if err != nil {
		return err
	}
	if s.json {
		s.printJSON(map[string]any{"decision": id, "pipeline": pipeline, "account": d.Account, "field": d.Field, "value": d.Value.Text(), "from": d.From, "until": d.Until})
		return nil
	}
	s.say("decision %d: %s of %s is %s in %s; the next run acts on it", id, d.Field, d.Account, d.Value, pipeline)
	return nil
}

// overrideOf checks what was asked for against the catalogue and the rules.
func (s *session) overrideOf(ctx context.Context, args []string, f overrideFlags) (journal.Decision, string, error) {
	var d journal.Decision
	if strings.TrimSpace(f.reason) == "" {
		return d, "", usage("say why with --reason, for whoever asks in a year")
	}
	pipeline, err := s.onePipeline(f.pipeline)
	if err != nil {
		return d, "", err
	}
	from, fromErr := day.Parse(f.from)
	until, untilErr := day.Parse(f.until)
	if fromErr != nil || untilErr != nil || until != 0 && until < max(from, day.Of(s.now())) {
		return d, "", usage("--from and --until are days, written YYYY-MM-DD, and until is not over yet")
	}
	accounts, err := s.accountsOf(ctx, pipeline, args[:1])
	if err != nil {
		return d, "", err
	}
	field, err := s.overridable(ctx, pipeline, args[1], args[2])
	if err != nil {
		return d, "", err
	}
	id, err := s.pipelineID(ctx, pipeline)
	if err == nil && id < 0 {
		err = usage("pipeline %s has never run; run `desksync diff` first", pipeline)
	}
	return journal.Decision{
		Pipeline: id, Account: accounts[0], Kind: helpdesk.Organization, Key: accounts[0], Field: field, Action: journal.ActionOverride,
		Value: helpdesk.TextOf(args[2]), From: from, Until: until, Reason: f.reason, Author: s.who(),
	}, pipeline, err
}

// overridable returns the name of a field that an override may act on, and refuses a
// value that would never act.
func (s *session) overridable(ctx context.Context, pipeline, field, value string) (string, error) {
	p := s.file.Pipelines.Get(pipeline)
	field = strings.TrimPrefix(field, helpdesk.FieldPrefix)
	switch {
	case field == sla.PlanField:
		return field, s.knownPlan(value)
	case field == helpdesk.Name || p.Organizations.Fields.Get(field) != nil:
		return field, s.takes(ctx, pipeline, field, value)
	default:
		return "", usage("pipeline %s maps no field %q; known are plan, name and %s", pipeline, field, strings.Join(p.Organizations.Fields.Names(), ", "))
	}
}

func (s *session) knownPlan(value string) error {
	names := make([]string, 0, len(s.file.Plans))
	for _, plan := range s.file.Plans {
		if plan.Plan == value {
			return nil
		}
		names = append(names, plan.Plan)
	}
	return usage("there is no plan %q%s; known are those under plans in %s", value, near.Meant(value, names), s.file.Name())
}

// takes refuses a value that a field of the pipeline's target cannot take.
func (s *session) takes(ctx context.Context, pipeline, field, value string) error {
	w, err := s.wire(s.file, pipeline)
	if err != nil {
		return err
	}
	mapper, problems := w.CompileOpen(w.Offered(), w.Rules())
	if len(problems) > 0 {
		return s.allOf(ctx, s.file)
	}
	if err := mapper.CheckOverride(field, value); err != nil {
		return usage("%s cannot be set to %q: %v", field, value, err)
	}
	return nil
}

// refuseSecond refuses an override that would never act, because another one of the
// same field stands in the same days: the file comes first, then the older decision.
func (s *session) refuseSecond(ctx context.Context, pipeline string, d *journal.Decision) error {
	file, err := s.reviewed(pipeline)
	if err != nil {
		return err
	}
	for i := range file {
		o := &file[i]
		if o.Account == d.Account && strings.TrimPrefix(o.Field, helpdesk.FieldPrefix) == d.Field && s.meets(o.From, o.Until, d) {
			return usage("%s sets %s of %s to %q%s already, and the file comes first; change it there", o.Source, d.Field, d.Account, o.Value, untilText(o.Until))
		}
	}
	filter := journal.DecisionFilter{Pipeline: d.Pipeline, Action: journal.ActionOverride, Accounts: []string{d.Account}}
	for old, err := range s.journal.EachDecision(ctx, filter) {
		if err != nil {
			return err
		}
		again := d.Item != 0 && old.Item == d.Item // the last word about an item ends the one before
		if !again && old.Field == d.Field && s.meets(old.From, old.Until, d) {
			return usage("decision %d sets %s of %s to %s%s already, and goes on acting; end it first: %s",
				old.ID, d.Field, d.Account, old.Value, untilText(old.Until), s.self(`override end %d --reason "…"`, old.ID))
		}
	}
	return nil
}

// refuseSecondOf is refuseSecond for what was found by its number.
func (s *session) refuseSecondOf(ctx context.Context, d *journal.Decision) error {
	names, err := s.pipelineNames(ctx)
	if err != nil {
		return err
	}
	return s.refuseSecond(ctx, names[d.Pipeline], d)
}

// meets reports whether an override from one day to another has a day in common with
// a new one, today or later. No last day is for ever.
func (s *session) meets(from, until day.Day, d *journal.Decision) bool {
	const forever = 1<<31 - 1
	return from <= cmp.Or(d.Until, forever) && max(d.From, day.Of(s.now().UTC())) <= cmp.Or(until, forever)
}

func untilText(until day.Day) string {
	if until == 0 {
		return ""
	}
	return " until " + until.String()
}
