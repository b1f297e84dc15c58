package account

import "strings"

// Problem is a refusal: what was asked cannot be.
type Problem struct {
	Kind    Kind
	Details []Detail // of Invalid
	Text    string
}

// Kind is the sort of a refusal.
type Kind string

// The kinds of refusals.
const (
	Invalid  Kind = "RecordInvalid"
	NotFound Kind = "RecordNotFound"
	BadValue Kind = "InvalidAttribute" // a value of a wrong type; Text names the attribute
	TooMany  Kind = "TooManyJobs"
)

// Detail is what is wrong with one attribute.
type Detail struct {
	Field string // key in the reply
	Label string // how a person calls it
	Text  string // what follows the label
	Code  string // may be empty
}

// Error is one line, as results of jobs tell it: two spaces after the colon (recordings).
func (p *Problem) Error() string {
	if p.Kind != Invalid {
		return p.Text
	}
	var lines []string
	for _, d := range p.Details {
		lines = append(lines, d.Label+":  "+d.Text)
	}
	return strings.Join(lines, ", ")
}

func invalid(field, label, text, code string) *Problem {
	return &Problem{Kind: Invalid, Details: []Detail{{field, label, text, code}}}
}

func taken(field, label, value string) *Problem {
	return invalid(field, label, value+" has already been taken", "DuplicateValue")
}

func blank(field, label string) *Problem {
	return invalid(field, label, "cannot be blank", "BlankValue")
}

func notFound() *Problem { return &Problem{Kind: NotFound, Text: "Not found"} }

func badValue(attribute string) *Problem { return &Problem{Kind: BadValue, Text: attribute} }
