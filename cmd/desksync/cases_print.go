package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/desksync/desksync/cmd/internal/cases"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
)

// maxBecause bounds the lines of explanation below one failure.
const maxBecause = 12

// printCase says what became of a case: nothing of one that passed.
func (a *app) printCase(r *cases.Result) {
	switch {
	case a.json:
		a.printJSON(jsonOf(r))
	case r.Problem != nil:
		a.printCaseProblem(r)
	case r.Shown != nil:
		a.printShown(r)
	case len(r.Failures) > 0:
		a.say("FAIL %s%s", r.File, titleOf(r))
		for _, f := range r.Failures {
			a.printFailure(r.File, f)
		}
	}
}

func titleOf(r *cases.Result) string {
	if r.Case == nil || r.Case.Title == "" {
		return ""
	}
	return "  " + r.Case.Title
}

func (a *app) printCaseProblem(r *cases.Result) {
	if problems, ok := errors.AsType[config.Problems](r.Problem); ok {
		a.say("%s", problems.Render(a.width()))
		return
	}
	a.say("%s: cannot be tried: %s", r.File, fault.Plain(r.Problem))
}

func (a *app) printFailure(file string, f cases.Failure) {
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
	File     string          `json:"file"`
	Title    string          `json:"title,omitempty"`
	Pipeline string          `json:"pipeline,omitempty"`
	Day      string          `json:"day,omitempty"`
	Result   string          `json:"result"` // passed, failed, shown or broken
	Failures []cases.Failure `json:"failures,omitempty"`
	Problems []string        `json:"problems,omitempty"`
	Would    *cases.Shown    `json:"would,omitempty"`
}

func jsonOf(r *cases.Result) caseJSON {
	out := caseJSON{File: r.File, Result: "passed", Failures: r.Failures, Would: r.Shown}
	if r.Case != nil {
		out.Title, out.Pipeline, out.Day = r.Case.Title, r.Case.Pipeline, r.Case.Day.String()
	}
	switch {
	case r.Problem != nil:
		out.Result, out.Problems = "broken", problemTexts(r.Problem)
	case r.Shown != nil:
		out.Result = "shown"
	case len(r.Failures) > 0:
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

// printShown shows what would happen, the quickest way to try a rule.
func (a *app) printShown(r *cases.Result) {
	s := r.Shown
	a.say("%s%s", r.File, titleOf(r))
	a.say("%s, %s", r.Case.Pipeline, r.Case.Day)
	for _, x := range s.Organizations {
		a.printShownOrganization(x)
	}
	a.say("\nchanges")
	if len(s.Changes) == 0 {
		a.say("  none")
	}
	if err := a.printChangesOf(s.Changes); err != nil {
		fmt.Fprintln(a.err, err)
	}
	for _, list := range []struct {
		name  string
		lines []string
	}{{"held", s.Held}, {"conflicts", s.Conflicts}, {"findings", s.Findings}, {"skipped", s.Skipped}, {"refused by the helpdesk", s.Refused}, {"tickets", s.Tickets}} {
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

func (a *app) printShownOrganization(x cases.ShownOrganization) {
	a.say("\n%s", x.Label)
	if x.Skip != "" {
		a.say("  nothing is wanted: %s", x.Skip)
		return
	}
	for _, f := range x.Fields {
		if !cases.IsElement(f.Name) && !f.Value.IsZero() && f.Value != helpdesk.None {
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
