package casefile

import (
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/strict"
)

// Expect is what a run must make of the facts. A list that is given is exact; one
// that is left out is not looked at.
type Expect struct {
	// Organizations, by account id.
	Organizations config.Map[ObjectExpect] `yaml:"organizations"`
	// Users, by contact id.
	Users config.Map[ObjectExpect] `yaml:"users"`
	// Memberships, by account id/contact id.
	Members config.Map[ObjectExpect] `yaml:"members"`
	// Accounts that get a new organization.
	Creates List[string] `yaml:"creates"`
	// Accounts whose organization is changed.
	Updates List[string] `yaml:"updates"`
	// Accounts whose organization is marked for deletion.
	Retires List[string] `yaml:"retires"`
	// Accounts whose organization is deleted.
	Deletes List[string] `yaml:"deletes"`
	// Changes and fields that wait for a decision.
	Held List[Item] `yaml:"held"`
	// Claims that no rule can decide.
	Conflicts List[Item] `yaml:"conflicts"`
	// What is worth a look.
	Findings List[Item] `yaml:"findings"`
	// Rows of the CRM that cannot be read; each entry is a part of the message.
	Skipped List[string] `yaml:"skipped"`
	// Policy of each ticket of the case, in their order; none, or nothing, for no policy.
	Tickets List[Policy] `yaml:"tickets"`
	// To which organization a new user with an address would belong after the run: by the helpdesk's id, and one that the run creates by the id of its account; nobody for none.
	Joins config.Map[config.Literal] `yaml:"joins"`
	// Number of batches that the changes of organizations are written in.
	Batches *int `yaml:"batches" jsonschema:"minimum=0"`
	// Exit code of the run.
	Exit *int `yaml:"exit" jsonschema:"minimum=0,maximum=130"`
}

// ObjectExpect is what must become of one object.
type ObjectExpect struct {
	// What the rules want, custom fields by key; name, notes, summary and contact as they are. Fields not named are not looked at.
	Want Facts `yaml:"want"`
	// What the helpdesk holds after the run, in the same form.
	Have Facts `yaml:"have"`
	// Tags.
	Tags *ElementExpect `yaml:"tags"`
	// E-mail domains.
	Domains *ElementExpect `yaml:"domains"`
	// Usergroups.
	Groups *ElementExpect `yaml:"groups"`
	// SLA policy that its own tags lead to; none, or nothing, for no policy.
	Policy Policy `yaml:"policy"`
	// Changes that there must be, by full name of the field, each with its cause.
	Changes config.Map[Cause] `yaml:"changes"`
	// Fields, by full name, that must be as they were.
	Untouched []string `yaml:"untouched"`
	// Whether the rules want no such object at all.
	Absent bool `yaml:"absent" jsonschema:"default=false"`
	// Why no object is wanted; a part of the reason.
	Skip string `yaml:"skip"`
	// What explain says of a field, by key; each entry is a part of the text.
	Explain config.Map[Says] `yaml:"explain"`
}

// ElementExpect is what must become of tags, domains or groups.
type ElementExpect struct {
	// What the rules want. Exact.
	Want List[string] `yaml:"want"`
	// What is there after the run. Exact.
	Have List[string] `yaml:"have"`
}

// NoPolicy is what stands for no SLA policy.
const NoPolicy Policy = "none"

// Policy is the name of an SLA policy.
type Policy string

// DecodeYAML reads a name; nothing is no policy, as it is no value elsewhere in a case.
func (p *Policy) DecodeYAML(n strict.Node) {
	if n.Kind() == strict.Null {
		*p = NoPolicy
		return
	}
	n.Into((*string)(p))
}

// Says are parts of a text, all of which must be in it; one may stand alone.
type Says []string

// DecodeYAML reads one part or a list of them.
func (s *Says) DecodeYAML(n strict.Node) {
	if n.Scalar() {
		*s = Says{n.Text()}
		return
	}
	n.Into((*[]string)(s))
}

// List is a list that may be left out, which is not the same as empty.
type List[T any] struct {
	Given bool
	Items []T
	Lines []int
}

// JSONSchemaAlias is what the list looks like in the file.
func (List[T]) JSONSchemaAlias() any { return []T{} }

// DecodeYAML reads the items.
func (l *List[T]) DecodeYAML(n strict.Node) {
	l.Given = true
	n.Into(&l.Items)
	for _, item := range n.Items() {
		line, _ := item.Place()
		l.Lines = append(l.Lines, line)
	}
}

// Item describes something held, a conflict or a finding. What is left out is
// not looked at. Written as a word it is the account.
type Item struct {
	// Account, or one of the accounts.
	Account string `yaml:"account"`
	// All accounts that take part. Exact.
	Accounts List[string] `yaml:"accounts"`
	// Kind of conflict: name, domain or email; or code of a finding.
	Kind string `yaml:"kind"`
	// Field, by full name.
	Field string `yaml:"field"`
	// What is claimed twice, or what was found.
	Value config.Literal `yaml:"value"`
	// Cause of a held field.
	Cause Cause `yaml:"cause"`
	// Guard that holds it.
	Guard string `yaml:"guard"`
	// Parts of its text.
	Says Says `yaml:"says"`
}

// DecodeYAML reads an account id, or the whole description.
func (m *Item) DecodeYAML(n strict.Node) {
	if n.Kind() == strict.Text {
		n.Into(&m.Account)
		return
	}
	type plain Item
	n.Into((*plain)(m))
}

// Cause is why a field differs from what the rules want.
type Cause string

var causes = []string{"new", "found", "moved", "drifted", "clashed", "withdrawn", "let go", "undone", "gone", "linked"}

// DecodeYAML reads one of the causes.
func (c *Cause) DecodeYAML(n strict.Node) {
	for _, known := range causes {
		if n.Text() == known {
			*c = Cause(known)
			return
		}
	}
	fix := "write new, found, moved, drifted, clashed, withdrawn, let go, undone, gone or linked"
	if s := strict.Closest(n.Text(), causes); s != "" {
		fix = "did you mean " + s + "?"
	}
	n.Report("is no cause of a change", fix)
}
