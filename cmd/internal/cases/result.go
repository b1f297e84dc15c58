package cases

import (
	"fmt"
	"strings"

	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/helpdesk"
)

// Result is what became of one case.
type Result struct {
	File     string
	Case     *casefile.Case // nil: unreadable
	Problem  error          // why the case could not be tried at all
	Failures []Failure
	Shown    *Shown // a case without expectations: what would happen
}

// Failure is one expectation that did not come true.
type Failure struct {
	Line     int      `json:"line"`
	Path     string   `json:"path"` // such as organizations.001….want.support_level
	Expected string   `json:"expected"`
	Got      string   `json:"got"`
	Because  []string `json:"because,omitempty"` // how it came to that, a clause per line
}

// Shown is what would happen in a case without expectations.
type Shown struct {
	Organizations []ShownOrganization `json:"organizations"`
	Held          []string            `json:"held"`
	Conflicts     []string            `json:"conflicts"`
	Findings      []string            `json:"findings"`
	Skipped       []string            `json:"skipped"`
	Refused       []string            `json:"refused,omitempty"` // changes that the helpdesk did not take
	Tickets       []string            `json:"tickets"`           // policies, in the order of the case
	Summary       string              `json:"summary"`

	Changes []helpdesk.Change `json:"-"`
}

// ShownOrganization is what would be wanted of one.
type ShownOrganization struct {
	Account string                    `json:"account"`
	Skip    string                    `json:"skip,omitempty"`
	Want    map[string]helpdesk.Value `json:"want,omitempty"`
	Tags    []string                  `json:"tags,omitempty"`
	Policy  string                    `json:"policy,omitempty"`

	Label  string          `json:"-"` // name and id
	Fields helpdesk.Fields `json:"-"`
}

func (o *outcome) show() *Shown {
	out := &Shown{
		Held: itemTexts(o.heldItems()), Conflicts: itemTexts(o.conflictItems()), Findings: itemTexts(o.findingItems()),
		Skipped: append([]string{}, o.skippedRows()...), Tickets: []string{}, Summary: o.rep.Summary.String(), Changes: o.changes,
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

func (o *outcome) showOne(account string) ShownOrganization {
	ref := helpdesk.Ref{Kind: helpdesk.Organization, Key: account}
	fields, why := o.wanted(ref)
	x := ShownOrganization{Account: account, Skip: why, Label: o.label(account), Fields: fields}
	if why != "" {
		return x
	}
	x.Tags, x.Policy, x.Want = o.tagsOf(ref), o.policyOf(ref), map[string]helpdesk.Value{}
	for _, f := range fields {
		if !IsElement(f.Name) {
			x.Want[strings.TrimPrefix(f.Name, helpdesk.FieldPrefix)] = f.Value
		}
	}
	return x
}

func itemTexts(items []item) []string {
	out := []string{}
	for _, i := range items {
		out = append(out, i.String())
	}
	return out
}
