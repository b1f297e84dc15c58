package adopt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// Row is a proposal as it stands in the file that people review.
type Row struct {
	Line       int // in the file, from 1; 0: not read from one
	Kind       helpdesk.Kind
	Account    string
	Contact    string // users
	Name       string
	TargetID   string
	TargetName string
	Evidence   string
	Link       Link
	Reason     string
}

// RowOf is the row of a proposal.
func RowOf(p *Proposal) Row {
	r := Row{
		Kind: p.Ref.Kind, Account: p.Account, Name: label(p.Name, p.Email), Evidence: p.Evidence.String(), Link: p.Link, Reason: p.Reason,
	}
	if r.Kind == helpdesk.User {
		r.Contact = p.Ref.Key
	}
	if p.Held != nil {
		r.TargetID, r.TargetName = p.Held.ID, label(p.Held.Name, p.Held.Email)
	}
	return r
}

// Ref is the object that a row is about.
func (r *Row) Ref() helpdesk.Ref {
	if r.Kind == helpdesk.User {
		return helpdesk.Ref{Kind: r.Kind, Key: r.Contact}
	}
	return helpdesk.Ref{Kind: r.Kind, Key: r.Account}
}

// Problem is what is wrong with a row.
type Problem struct {
	Line int
	Text string
}

// check says what is wrong with a row by itself; empty: nothing.
func (r *Row) check() string {
	switch {
	case r.Kind != helpdesk.Organization && r.Kind != helpdesk.User:
		return fmt.Sprintf("kind %q is neither organization nor user", r.Kind)
	case r.Ref().Key == "":
		return "the id of the " + record(r.Kind) + " is missing"
	case !slices.Contains([]Link{Linked, Yes, Ask, No, None}, r.Link):
		return fmt.Sprintf("link %q is not understood; write yes or no", r.Link)
	case r.Link == Yes && r.TargetID == "":
		return "link says yes, and target_id is empty; write the id of the " + string(r.Kind) + " to link"
	case r.Link == Yes && shortened(r.TargetID):
		return "target_id " + r.TargetID + " was shortened by a spreadsheet; format the column as text and write the id in full"
	}
	return ""
}

func record(k helpdesk.Kind) string {
	if k == helpdesk.User {
		return "contact"
	}
	return "account"
}

// shortened recognises 7E+12 and 7,00E+12.
func shortened(id string) bool {
	head, tail, cut := strings.Cut(strings.ToUpper(id), "E+")
	return cut && head != "" && strings.Trim(head+tail, "0123456789.,") == ""
}

// twice says what of the rows to link is named in two of them.
func twice(rows []Row) []Problem {
	var out []Problem
	lines := map[[2]string]int{}
	for i := range rows {
		r := &rows[i]
		if r.Link != Yes {
			continue
		}
		for _, what := range [][2]string{{record(r.Kind), r.Ref().Key}, {string(r.Kind), r.TargetID}} {
			if before := lines[what]; before > 0 {
				out = append(out, Problem{r.Line, fmt.Sprintf("%s %s is linked by line %d already", what[0], what[1], before)})
			}
			lines[what] = r.Line
		}
	}
	return out
}
