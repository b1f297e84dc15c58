package sqldesk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/internal/fault"
)

// Options say how a store is run. Zero Options are safe: single-organization mode,
// agents may not manage organizations, names are unique, and a shared domain
// attaches nobody.
type Options struct {
	Now    func() time.Time // default time.Now
	Writer string           // journal instance whose Apply this is: its own writes are left out of its incremental listings

	Fields []Field // custom fields of organizations; missing ones are created

	Edition        Edition // default Team, which has no multi-organization mode
	MultiOrg       bool    // a user may be in several organizations
	MaxMemberships int     // organizations per user in that mode; default 300

	Tie          domains.Tie                  // who gets a new user when several organizations hold the domain; default nobody
	AgentsManage bool                         // agents may add and remove customers and organizations; administrators always may
	SharedNames  bool                         // two organizations may have one name; default: names are unique, folded
	OwnDomains   []string                     // e-mail domains of the helpdesk's own people, who are never written by Apply
	BatchSize    int                          // changes per transaction, at most 500; default 500
	Policies     []Policy                     // SLA policies in order; the first that matches wins
	Retire       Retire                       // how marked organizations end
	CleanDomain  func(string) (string, error) // canonical form of a domain, or why it is none; default: lower case, letters, digits, dots
	Log          func(Entry)                  // told of every write once it is committed
}

// Field declares a custom field of organizations.
type Field struct {
	Key     string        // without the "field:" prefix
	Label   string        // for people; default Key
	Type    helpdesk.Type // Text, Choice, Decimal, Integer, Bool or Date
	MaxLen  int           // of a text, in characters; default 65,535
	Choices []helpdesk.Option
	Tag     string // checkbox: the tag that organizations have while it is set
}

// Edition is what the helpdesk is licensed as.
type Edition string

// The editions. Several organizations per user belong to the upper two.
const (
	Team         Edition = "team"
	Professional Edition = "professional"
	Enterprise   Edition = "enterprise"
)

// Policy is an SLA policy: a named promise to the tickets its filter lets through.
type Policy struct {
	Name   string `json:"name"`
	Filter Filter `json:"filter"`
}

// Filter lets a ticket through when each list that is not empty is satisfied.
type Filter struct {
	All       []string `json:"all,omitempty"`  // the ticket has all of these tags
	Any       []string `json:"any,omitempty"`  // at least one
	None      []string `json:"none,omitempty"` // none
	Forms     []string `json:"forms,omitempty"`
	NotForms  []string `json:"not_forms,omitempty"`
	Stages    []string `json:"stages,omitempty"`
	NotStages []string `json:"not_stages,omitempty"`
}

// Retire says how a marked organization ends: mark, wait, delete.
type Retire struct {
	Field  string // checkbox that marks, without prefix; default mark_for_deletion
	Exempt string // checkbox that exempts; default ignore_deletion
	Delete bool   // deletion is allowed at all
	Days   int    // whole days between the mark and the deletion

	Protected map[string]bool // accounts whose organizations EndMarked never deletes
	Merging   map[string]bool // accounts whose organizations wait to be merged: not deleted before that is decided
}

// Entry is one kind of write that a committed transaction made.
type Entry struct {
	Op    string // what was being done, such as "apply" or "add domain"
	Table string
	Rows  int
}

const (
	maxBatch   = 500
	maxOrgs    = 300 // per user, as the vendor's own multi-organization mode
	maxText    = 65_535
	maxName    = 255
	maxKeyText = 255
	maxEmail   = 254
)

func (o Options) defaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.CleanDomain == nil {
		o.CleanDomain = plainDomain
	}
	o.Edition = cmp.Or(o.Edition, Team)
	o.Tie = cmp.Or(o.Tie, domains.Nobody)
	o.BatchSize = min(cmp.Or(max(o.BatchSize, 0), maxBatch), maxBatch)
	o.MaxMemberships = cmp.Or(o.MaxMemberships, maxOrgs)
	if !o.MultiOrg {
		o.MaxMemberships = 1
	}
	o.Retire.Field = cmp.Or(o.Retire.Field, "mark_for_deletion")
	o.Retire.Exempt = cmp.Or(o.Retire.Exempt, "ignore_deletion")
	o.Fields = slices.Clone(o.Fields)
	slices.SortFunc(o.Fields, func(a, b Field) int { return strings.Compare(a.Key, b.Key) })
	return o
}

// check refuses what cannot work, in the words of whoever wrote the file.
func (o Options) check() error {
	switch o.Edition {
	case Team, Professional, Enterprise:
	default:
		return invalid("open", "the edition %q is not known; write team, professional or enterprise", o.Edition)
	}
	if o.MultiOrg && o.Edition == Team {
		return &fault.Error{Op: "sqldesk.open", Kind: fault.Unsupported, Err: fmt.Errorf("several organizations per user belong to the editions professional and enterprise, and this store is configured as %s: set the edition you are licensed for, or switch the mode off", o.Edition)}
	}
	if o.MaxMemberships < 1 {
		return invalid("open", "a user cannot be in at most %d organizations; write 1 or more", o.MaxMemberships)
	}
	switch o.Tie {
	case domains.Nobody, domains.LowestID, domains.Alphabetical:
	default:
		return invalid("open", "the rule %q for domains of several organizations is not known; write nobody, lowest_id or alphabetical", o.Tie)
	}
	return checkFields(o.Fields)
}

func checkFields(fields []Field) error {
	for i, f := range fields {
		if i > 0 && fields[i-1].Key == f.Key {
			return invalid("open", "the field %s is declared twice", f.Key)
		}
		if err := f.check(); err != nil {
			return err
		}
	}
	return nil
}

func (f Field) check() error {
	switch f.Type {
	case helpdesk.Text, helpdesk.Choice, helpdesk.Decimal, helpdesk.Integer, helpdesk.Bool, helpdesk.Date:
	default:
		return invalid("open", "the field %s has no type; write text, dropdown, decimal, integer, checkbox or date", f.Key)
	}
	if f.Key == "" || len(f.Key) > maxKeyText || !plainText(f.Key) {
		return invalid("open", "a field has the key %q; write letters, digits and underscores", f.Key)
	}
	if f.Type == helpdesk.Choice && len(f.Choices) == 0 {
		return invalid("open", "the dropdown %s has no options; list them", f.Key)
	}
	return nil
}

func invalid(op, format string, args ...any) error {
	return &fault.Error{Op: "sqldesk." + op, Kind: fault.Invalid, Err: fmt.Errorf(format, args...)}
}
