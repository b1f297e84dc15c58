package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
)

// maxBecause bounds the lines of explanation below one failure.
const maxBecause = 12

// printCase says what became of a case: nothing of one that passed.
func (a *app) printCase(r *caseResult) {
	switch {
	case a.json:
		a.printJSON(r.json())
	case r.problem != nil:
		a.printCaseProblem(r)
	case r.shown != nil:
		a.printShown(r)
	case len(r.failures) > 0:
		a.say("FAIL %s%s", r.file, r.title())
		for _, f := range r.failures {
			a.printFailure(r.file, f)
		}
	}
}

func (r *caseResult) title() string {
	if r.c == nil || r.c.Title == "" {
		return ""
	}
	return "  " + r.c.Title
}

func (a *app) printCaseProblem(r *caseResult) {
	if problems, ok := errors.AsType[config.Problems](r.problem); ok {
		a.say("%s", problems.Render(a.width()))
		return
	}
	a.say("%s: cannot be tried: %s", r.file, fault.Plain(r.problem))
}

func (a *app) printFailure(file string, f caseFailure) {
	a.say("  %s:%d: %s", file, f.Line, f.Path)
	a.say("      expected  %s", f.Expected)
	a.say("      got       %s", f.Got)
	for i, line := range f.Because {
		head := ""
		if i == 0 {
			head = "because"
		}
		if i == maxBecause {
			a.say("                … and %s more", comma(len(f.Because)-i))
			break
		}
		a.say("      %-8s  %s", head, line)
	}
}

// caseJSON is a result for programs.
type caseJSON struct {
	File     string        `json:"file"`
	Title    string        `json:"title,omitempty"`
	Pipeline string        `json:"pipeline,omitempty"`
	Day      string        `json:"day,omitempty"`
	Result   string        `json:"result"` // passed, failed, shown or broken
	Failures []caseFailure `json:"failures,omitempty"`
	Problems []string      `json:"problems,omitempty"`
	Would    *caseShown    `json:"would,omitempty"`
}

func (r *caseResult) json() caseJSON {
	out := caseJSON{File: r.file, Result: "passed", Failures: r.failures, Would: r.shown}
	if r.c != nil {
		out.Title, out.Pipeline, out.Day = r.c.Title, r.c.Pipeline, r.c.Day.String()
	}
	switch {
	case r.problem != nil:
		out.Result, out.Problems = "broken", problemTexts(r.problem)
	case r.shown != nil:
		out.Result = "shown"
	case len(r.failures) > 0:
		out.Result = "failed"
	}
	return out
}

func problemTexts(err error) []string {
	problems, ok := errors.AsType[config.Problems](err)
	if !ok {
		return []string{fault.Plain(err)}
	}
	var out []string
	for _, p := range problems {
		out = append(out, p.Error())
	}
	return out
}

// caseShown is what would happen in a case without expectations.
type caseShown struct {
	Organizations []shownOrganization `json:"organizations"`
	Held          []string            `json:"held"`
	Conflicts     []string            `json:"conflicts"`
	Findings      []string            `json:"findings"`
	Skipped       []string            `json:"skipped"`
	Refused       []string            `json:"refused,omitempty"` // changes that the helpdesk did not take
	Notes         []string            `json:"notes,omitempty"`   // what of the case no rule reads
	Tickets       []string            `json:"tickets"`           // policies, in the order of the case
	Summary       string              `json:"summary"`

	changes []helpdesk.Change
}

type shownOrganization struct {
	Account string                    `json:"account"`
	Skip    string                    `json:"skip,omitempty"`
	Want    map[string]helpdesk.Value `json:"want,omitempty"`
	Tags    []string                  `json:"tags,omitempty"`
	Policy  string                    `json:"policy,omitempty"`

	label  string
	fields helpdesk.Fields
}

func (o *caseCame) show() *caseShown {
	out := &caseShown{
		Held: itemTexts(o.heldItems()), Conflicts: itemTexts(o.conflictItems()), Findings: itemTexts(o.findingItems()),
		Skipped: append([]string{}, o.skippedRows()...), Notes: o.export.notes, Tickets: []string{}, Summary: o.rep.Summary.String(), changes: o.changes,
	}
	for _, row := range o.c.CRM.Accounts {
		out.Organizations = append(out.Organizations, o.showOne(o.accountOf(row)))
	}
	for i := range o.changes {
		if x, failed := o.failed[o.changes[i].ID]; failed {
			out.Refused = append(out.Refused, fmt.Sprintf("%s %s: %s", o.changes[i].Op, o.changes[i].Ref, x.Text))
		}
	}
	for i := range o.c.Helpdesk.Tickets {
		out.Tickets = append(out.Tickets, o.ticketPolicy(i))
	}
	return out
}

func (o *caseCame) showOne(account string) shownOrganization {
	ref := helpdesk.Ref{Kind: helpdesk.Organization, Key: account}
	fields, why := o.wanted(ref)
	x := shownOrganization{Account: account, Skip: why, label: o.label(account), fields: fields}
	if why != "" {
		return x
	}
	x.Tags, x.Policy, x.Want = o.tagsOf(ref), o.policyOf(ref), map[string]helpdesk.Value{}
	for _, f := range fields {
		if !isElement(f.Name) {
			x.Want[strings.TrimPrefix(f.Name, helpdesk.FieldPrefix)] = f.Value
		}
	}
	return x
}

func itemTexts(items []caseItem) []string {
	out := []string{}
	for _, i := range items {
		out = append(out, i.String())
	}
	return out
}

// printShown shows what would happen, the quickest way to try a rule.
func (a *app) printShown(r *caseResult) {
	s := r.shown
	a.say("%s%s", r.file, r.title())
	a.say("%s, %s", r.c.Pipeline, r.c.Day)
	for _, x := range s.Organizations {
		a.printShownOrganization(x)
	}
	a.say("\nchanges")
	if len(s.changes) == 0 {
		a.say("  none")
	}
	if err := a.printChangesOf(s.changes); err != nil {
		fmt.Fprintln(a.err, err)
	}
	for _, list := range []struct {
		name  string
		lines []string
	}{{"held", s.Held}, {"conflicts", s.Conflicts}, {"findings", s.Findings}, {"skipped", s.Skipped}, {"refused by the helpdesk", s.Refused}, {"tickets", s.Tickets}, {"notes", s.Notes}} {
		a.printList(list.name, list.lines)
	}
	a.say("\n%s\n", s.Summary)
}

func (a *app) printList(name string, lines []string) {
	if len(lines) == 0 {
		return
	}
	a.say("\n%s", name)
	for _, line := range lines {
		a.say("  %s", line)
	}
}

func (a *app) printShownOrganization(x shownOrganization) {
	a.say("\n%s", x.label)
	if x.Skip != "" {
		a.say("  nothing is wanted: %s", x.Skip)
		return
	}
	for _, f := range x.fields {
		if !isElement(f.Name) && !f.Value.IsZero() && f.Value != helpdesk.None {
			a.say("  %-28s %s", strings.TrimPrefix(f.Name, helpdesk.FieldPrefix), f.Value)
		}
	}
	a.say("  %-28s %s", "tags", joinWords(x.Tags))
	a.say("  %-28s %s", "SLA policy", x.Policy)
}

// printChangesOf prints changes as diff does, organizations before their people.
func (a *app) printChangesOf(list []helpdesk.Change) error {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(x, y helpdesk.Change) int { return strings.Compare(x.Account, y.Account) })
	p := changeset.NewPrinter(indented{a.out}, changeset.TextOptions{Width: a.width() - 2, Color: a.color()})
	for i := range list {
		if err := p.Print(changeset.Entry{Change: &list[i]}); err != nil {
			return err
		}
	}
	return p.Close()
}

// indented puts two spaces before each line; it is given whole lines.
type indented struct{ w io.Writer }

// Write writes the lines.
func (i indented) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		if _, err := io.WriteString(i.w, "  "+line); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}
