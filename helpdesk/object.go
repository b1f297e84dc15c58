// Package helpdesk is the vocabulary that all helpdesks share: objects with
// fields, changes to them, and the Target that lists and changes them. What a
// particular helpdesk can do is data (Capabilities); how it does it stands in
// the adapter packages below this one.
package helpdesk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/pack"
)

// Kind is a kind of object.
type Kind string

// The kinds, in the order in which they can be created.
const (
	Organization Kind = "organization"
	User         Kind = "user"
	Membership   Kind = "membership"
)

// Ref names an object by what the CRM calls it, the same in every helpdesk.
type Ref struct {
	Kind Kind
	Key  string // account id, contact id; for a membership see MemberKey
}

// String renders kind/key.
func (r Ref) String() string { return string(r.Kind) + "/" + r.Key }

// MemberKey is the key of the membership of a contact in an account's organization.
// The account comes first, so that the memberships of one account are neighbours.
func MemberKey(account, contact string) string { return account + "/" + contact }

// SplitMember returns the account and the contact of a membership key.
func SplitMember(key string) (account, contact string) {
	account, contact, _ = strings.Cut(key, "/")
	return account, contact
}

// Names of fields that are no custom fields. A custom field is "field:" and its
// key; a tag, a domain and a group is a field of its own, present when true.
const (
	Name    = "name"
	Notes   = "notes"
	Summary = "summary"
	Contact = "contact" // contact information, free text
	Email   = "email"   // of a user

	Details        = "details"
	SharedTickets  = "shared_tickets"  // members see each other's tickets
	SharedComments = "shared_comments" // and may comment on them

	Spared      = "spared"    // of a user: why no sync may write them, whose key is then empty; targets show it and nobody writes it
	SparedAs    = "spared_as" // of such a user: the contact whose id they carry all the same
	Default     = "default"   // of a membership: is the user's default one
	Position    = "position"
	Manager     = "manager"
	FieldPrefix = "field:"
	TagPrefix   = "tag:"
	DomPrefix   = "domain:"
	GroupPrefix = "group:"
)

// AsideName is what the organization of an account is called for a moment, where names
// are unique and change hands in a circle. Nobody gave it that name: where one still has
// it, the renaming was cut off before its end.
func AsideName(account string) string { return "desksync is renaming " + account }

// IsAside reports an object that is called so.
func (o *Object) IsAside() bool {
	name, _ := o.Fields.Get(Name)
	return o.Ref.Kind == Organization && o.Ref.Key != "" && name.Text() == AsideName(o.Ref.Key)
}

// Rule says where a wanted value comes from and who decides over it.
type Rule struct {
	Path    string // place in the configuration, such as organizations.fields.tier
	Line    int    // line in the configuration
	Origin  string // what the rule reads, such as Account.Tier__c
	Owner   Owner
	OnFound Policy
	OnDrift Policy
	OnClash Policy
	Plan    bool // the rule reads plan or sla
	Level   bool // the field holds the plan itself
}

// Owner says who decides over a field.
type Owner uint8

// The owners.
const (
	OwnerCRM      Owner = iota // the CRM: written whenever it moves
	OwnerCreate                // written once, when the object is created
	OwnerHelpdesk              // never written; rules may read it
)

// Policy says what to do where someone else's value stands in the way.
type Policy uint8

// The policies. There is no default: a file without them is refused.
const (
	PolicyUnset Policy = iota
	Hold               // show, alert, and wait for a decision
	Correct            // write what the rules say
)

// Field is one named value of an object.
type Field struct {
	Name  string
	Value Value
	Rule  *Rule // wanted objects only
}

// Fields is sorted by name, each name once.
type Fields []Field

// Sort puts fields in order; of two with one name the later wins. It returns the
// sorted list, which shares memory with the old one.
func (f Fields) Sort() Fields {
	slices.SortStableFunc(f, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	out := f[:0]
	for i, x := range f {
		if i+1 < len(f) && f[i+1].Name == x.Name {
			continue
		}
		out = append(out, x)
	}
	return out
}

// Get returns the value of a field, and whether the object has an opinion on it.
func (f Fields) Get(name string) (Value, bool) {
	i, ok := f.find(name)
	if !ok {
		return Value{}, false
	}
	return f[i].Value, true
}

// With returns a copy in which name holds v.
func (f Fields) With(name string, v Value) Fields {
	i, ok := f.find(name)
	out := slices.Clone(f)
	if ok {
		out[i].Value = v
		return out
	}
	return slices.Insert(out, i, Field{Name: name, Value: v})
}

// Without returns a copy that has no opinion on name.
func (f Fields) Without(name string) Fields {
	i, ok := f.find(name)
	if !ok {
		return f
	}
	return slices.Delete(slices.Clone(f), i, i+1)
}

// Family yields the names of true fields behind a prefix, such as all tags,
// without the prefix.
func (f Fields) Family(prefix string) []string {
	var out []string
	i, _ := f.find(prefix)
	for ; i < len(f) && strings.HasPrefix(f[i].Name, prefix); i++ {
		if f[i].Value.True() {
			out = append(out, f[i].Name[len(prefix):])
		}
	}
	return out
}

// Equal reports whether both hold the same names and values; rules do not count.
func (f Fields) Equal(o Fields) bool {
	return slices.EqualFunc(f, o, func(a, b Field) bool { return a.Name == b.Name && a.Value == b.Value })
}

func (f Fields) find(name string) (int, bool) {
	return slices.BinarySearchFunc(f, name, func(x Field, n string) int { return strings.Compare(x.Name, n) })
}

// Pack appends the fields in stored form; rules are not stored.
func (f Fields) Pack(b []byte) []byte {
	b = pack.Uint(b, uint64(len(f)))
	for _, x := range f {
		b = x.Value.Pack(packName(b, x.Name))
	}
	return b
}

// packName appends the name of a field: one bit behind its length stands for the
// prefix that most names have.
func packName(b []byte, name string) []byte {
	bare, custom := strings.CutPrefix(name, FieldPrefix)
	b = pack.Uint(b, uint64(len(bare))<<1|bit(custom, 1))
	return append(b, bare...)
}

func readName(r *pack.Reader) string {
	n := r.Uint()
	name := r.Text(n >> 1)
	if n&1 != 0 {
		return FieldPrefix + name
	}
	return name
}

// UnpackFields reads what Pack wrote.
func UnpackFields(r *pack.Reader) Fields {
	n := r.Uint()
	out := make(Fields, 0, min(n, 256))
	for range n {
		if r.Err() != nil {
			return nil
		}
		out = append(out, Field{Name: readName(r), Value: UnpackValue(r)})
	}
	return out
}

// What is stored of a checkbox: its type and value in one.
const (
	storedFalse = 0x10
	storedTrue  = 0x11
)

// Pack appends the value in stored form.
func (v Value) Pack(b []byte) []byte {
	switch v {
	case BoolOf(false):
		return pack.Uint(b, storedFalse)
	case BoolOf(true):
		return pack.Uint(b, storedTrue)
	default:
		return pack.String(pack.Uint(b, uint64(v.typ)), v.text)
	}
}

// UnpackValue reads what Value.Pack wrote.
func UnpackValue(r *pack.Reader) Value {
	switch t := r.Uint(); t {
	case storedFalse:
		return BoolOf(false)
	case storedTrue:
		return BoolOf(true)
	default:
		return Value{Type(t), r.String()} //nolint:gosec // a damaged row gives a strange type, not a fault
	}
}

// Object is an organization, user or membership: wanted by the rules, held by a
// target, or last written.
type Object struct {
	Ref    Ref
	ID     string // the target's own id; empty until it exists there
	Fields Fields

	Changed time.Time // when it changed last, as the target says; zero: it does not say
}

// String renders the object for test failures.
func (o Object) String() string { return fmt.Sprintf("%s(%s)%v", o.Ref, o.ID, o.Fields) }
