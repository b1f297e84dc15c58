package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// explained checks parts of what `desksync explain` says of fields of an
// organization.
func (k *checker) explained(ctx context.Context, path string, ref helpdesk.Ref, expect config.Map[casefile.Says]) error {
	for name, parts := range expect.All() {
		text, err := k.explainText(ctx, ref, name)
		if err != nil {
			text = fault.Plain(err)
		}
		for _, part := range *parts {
			if !strings.Contains(text, part) {
				k.fail(path+"."+name, "explain says "+part, "it says:", strings.Split(strings.TrimSpace(text), "\n")...)
			}
		}
	}
	return ctx.Err()
}

// Explained is an explanation with what it is about.
type Explained struct {
	mapping.Explanation
	Pipeline, Target string
	File             *config.File
	Journal          *journal.Journal
	Run              *journal.Run // whose rules and day these are
	Subject          *reconcile.Subject
}

// explainText is what the command prints.
func (o *outcome) explainText(ctx context.Context, ref helpdesk.Ref, field string) (string, error) {
	if ref.Kind != helpdesk.Organization {
		return "", errors.New("only fields of organizations are explained")
	}
	run, err := o.journal.RunByID(ctx, o.rep.Run)
	if err != nil {
		return "", err
	}
	x := &Explained{Pipeline: o.pipeline.Name, Target: o.pipeline.TargetName, File: o.file, Journal: o.journal, Run: &run}
	if x.Subject, err = o.r.Subject(ctx, ref.Key); err != nil {
		return "", err
	}
	if x.Subject.Staged == nil {
		return "", fmt.Errorf("the CRM of the case has no account %s", ref.Key)
	}
	if x.Explanation, err = o.r.Explain(x.Subject, o.c.Day, field); err != nil {
		return "", err
	}
	return o.opt.Explain(ctx, x)
}

// explain tells how an account came by the value of a field, a clause per line.
func (o *outcome) explain(ref helpdesk.Ref, full string) []string {
	g, ok := o.groups[ref.Key]
	if !ok || ref.Kind != helpdesk.Organization {
		return nil
	}
	x, err := o.pipeline.Mapper.Explain(&g, o.c.Day, nameToExplain(full))
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	if x.Opinion {
		out = append(out, "the rules want "+x.Value.String())
	}
	for _, s := range x.Steps {
		out = append(out, o.step(s))
	}
	return out
}

// nameToExplain is a field as explain knows it.
func nameToExplain(full string) string {
	if full == helpdesk.FieldPrefix+"plan" {
		return "plan"
	}
	return full
}

func (o *outcome) step(s mapping.Step) string {
	text := fmt.Sprintf("%-8s %s", s.Kind, s.Text)
	if s.Note != "" {
		text += " (" + s.Note + ")"
	}
	switch {
	case s.Line > 0:
		text += fmt.Sprintf("  %s:%d", o.file.Name(), s.Line)
	case s.Path != "":
		text += "  " + s.Path
	}
	return text
}

// because says why a field came out as it did: what the run did with it, and where
// the value comes from.
func (o *outcome) because(ref helpdesk.Ref, full string) []string {
	var out []string
	for _, c := range o.changesOf(ref) {
		for _, d := range c.Deltas {
			if d.Field == full {
				out = append(out, deltaClause(&c, d))
			}
		}
		if x, failed := o.failed[c.ID]; failed {
			out = append(out, o.pipeline.TargetName+" did not take the change: "+x.Text)
		}
	}
	return append(out, o.explain(ref, full)...)
}

// deltaClause says what the run made of one field.
func deltaClause(c *helpdesk.Change, d helpdesk.Delta) string {
	text := fmt.Sprintf("%s: %s → %s, %s", d.Field, d.Have, d.Want, d.Cause)
	if !d.Last.IsEmpty() {
		text += fmt.Sprintf(" (last written: %s)", d.Last)
	}
	if d.Origin != "" {
		text += ", from " + d.Origin
	}
	if hold := orElse(d.Hold, c.Hold); hold != "" {
		text += "; held: " + hold
	}
	return text
}

// whole says what became of an object as a whole.
func (o *outcome) whole(ref helpdesk.Ref) []string {
	var out []string
	if _, why := o.wanted(ref); why != "" {
		out = append(out, why)
	} else if res, ok := o.results[ref.Key]; ok && ref.Kind == helpdesk.Organization && !res.MayCreate {
		out = append(out, "create_when says that it gets no new organization")
	}
	for _, c := range o.changesOf(ref) {
		text := string(c.Op)
		if changeset.Held(&c) {
			text += ", held"
		}
		out = append(out, text)
		for _, d := range c.Deltas {
			out = append(out, deltaClause(&c, d))
		}
		if x, failed := o.failed[c.ID]; failed {
			out = append(out, o.pipeline.TargetName+" did not take it: "+x.Text)
		}
	}
	if len(out) == 0 {
		out = append(out, "the run changes nothing of it")
	}
	return out
}

// overall says what became of the run as a whole.
func (o *outcome) overall() []string {
	out := []string{fmt.Sprintf("run %s: %s", o.rep.State, &o.rep.Summary)}
	for _, g := range o.rep.Tripped {
		out = append(out, fmt.Sprintf("guard %q: %s", g.Guard, g.Text))
	}
	for _, x := range o.rep.Failures {
		out = append(out, x.Key+": "+fault.Plain(x.Err))
	}
	return out
}
