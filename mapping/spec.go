package mapping

import (
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// Expr is the text of a rule and its place in the configuration.
type Expr struct {
	Text   string
	Path   string // such as organizations.fields.aar
	Line   int
	Column int // of the first character of Text
}

// Spec is one pipeline's mapping as the configuration states it.
type Spec struct {
	Pipeline string

	Only   Expr // bool over the account: in this pipeline at all; empty: true
	Wanted Expr // bool: false says the account has left; empty: true
	Create Expr // bool: false never creates, only updates; empty: true
	Scope  Expr // bool: false is shown and not written yet; empty: true
	Retain Retain

	Name    Expr
	Named   Ownership // who decides over the name
	Fields  []FieldRule
	Tags    Family
	Domains Domains
	Groups  Family

	Charge  ChargeColumns
	Related Related
	Members Members
	Mark    Mark

	Policies Policies // what fields without policies of their own follow
	Money    Money
	ARR      Expr // the account's ARR; empty: the sum over its active charges

	// CleanDomain returns the registrable form of a domain, or why it may not be
	// claimed. Nil: lower case only. DomainRules names the list it works by; it
	// belongs to the digest.
	CleanDomain func(string) (string, error) `json:"-"`
	DomainRules string

	// Open takes columns that the schema does not name for empty text instead of
	// refusing them: for cases, which state few facts, and for checking a file
	// without its source.
	Open bool
}

// Retain says how long an account is wanted after a day: until it lies more than Years
// and Days back. Both are counted back from the day of the run, as GitLab's handbook
// says it ("earlier than three years and one day ago").
type Retain struct {
	From  Expr
	Years int
	Days  int
	Line  int `json:"-"`
}

// over is the first day on which from lies too far back.
func (r Retain) over(from day.Day) day.Day {
	days := day.Day(r.Days)                 //nolint:gosec // a few years
	d := from + day.Day(365*r.Years) + days //nolint:gosec // as above
	for from >= d.YearsBefore(r.Years)-days {
		d++
	}
	return d
}

// Policies say what to do where someone else's value stands in the way; unset
// ones follow the pipeline.
type Policies struct{ OnFound, OnDrift, OnClash helpdesk.Policy }

// Ownership says who decides over a field, and what to do where someone else's
// value stands in the way.
type Ownership struct {
	Owner helpdesk.Owner
	Policies
}

// FieldRule gives one field its value.
type FieldRule struct {
	Name   string // without "field:" unless Native
	Expr   Expr   // may be empty for a field that the helpdesk owns
	Owner  helpdesk.Owner
	Native bool // Name is a field that organizations have by themselves: notes, summary, contact
	Policies
}

// Family gives a list, each element of which is a field of its own.
type Family struct {
	From  Expr
	Owned []string // elements that are ours whoever put them there
	When  Expr     // bool: while it is true; empty: always
	Policies
}

// Domains is the family of e-mail domains.
type Domains struct {
	Family
	Tie string // nobody, lowest_id, alphabetical: who gets a domain claimed twice
}

// ChargeColumns names the columns of a subscription; an empty one is not read.
type ChargeColumns struct{ ID, Product, Quantity, Start, End, Status, ARR string }

// Related says how a relation makes a contact of another account a member.
type Related struct {
	Contact  string // column with the contact's id; empty: the relation's own id
	Who      Expr   // bool over relation; empty: true
	Position Expr
	Manager  Expr
}

// Members says which contacts become users and members.
type Members struct {
	Off        bool
	Who        Expr // bool over contact; empty: every contact
	Name       Expr
	Email      Expr
	Position   Expr
	Manager    Expr
	Order      Expr   // ascending; equal and empty ones by id; empty: by id, oldest first
	Cap        int    // members per organization; 0: no limit
	Default    string // oldest or first: the own account's membership is the user's default; none: no opinion
	UserFields []FieldRule
	Policies
}

// Mark names the checkboxes that a retired organization gets.
type Mark struct {
	Field  string // without "field:"
	Exempt string
	Path   string `json:"-"`
	Line   int    `json:"-"`
	Column int    `json:"-"`
}

// Problem is a fault of the configuration: where, what and what to do. Offset
// counts characters from the start of the expression, 0 if the whole is meant.
type Problem struct {
	Path   string
	Line   int
	Column int // of the expression's first character; add Offset for the fault itself
	Offset int
	Msg    string
	Fix    string
}
