package changeset

import (
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// triple is one field with everything that decides over it.
type triple struct {
	field            string
	rule             *helpdesk.Rule
	want, have, last helpdesk.Value
	wrote            bool // last is something we wrote
	named            bool // a rule names the field
	owned            bool // ours to judge even if never written
}

// causeOf is the table of docs/concepts.md: the first row that matches wins. No
// cause means that the field is not ours to speak about.
func causeOf(t triple) helpdesk.Cause {
	switch {
	case !t.named && t.wrote:
		return helpdesk.LetGo
	case !t.named:
		return ""
	case t.want == helpdesk.None:
		return causeOfNone(t)
	case t.same(t.want, t.have):
		return helpdesk.InStep
	case !t.wrote && t.have.IsEmpty():
		return helpdesk.New
	case !t.wrote:
		return helpdesk.Found
	case t.same(t.have, t.last):
		return helpdesk.Moved
	case t.same(t.want, t.last):
		return helpdesk.Drifted
	default:
		return helpdesk.Clashed
	}
}

// causeOfNone serves the rows in which a rule names the field and yields nothing.
func causeOfNone(t triple) helpdesk.Cause {
	switch {
	case !t.wrote && t.owned && !t.have.IsEmpty():
		return helpdesk.Found
	case !t.wrote:
		return ""
	case t.have.IsEmpty() && t.last.IsEmpty():
		return helpdesk.InStep
	case t.same(t.have, t.last):
		return helpdesk.Withdrawn
	default:
		return helpdesk.LetGo
	}
}

// same reports whether two values of the field mean the same. An e-mail address is the
// same in any letter case (ADR 51): some helpdesks keep all of them in lower case.
func (t triple) same(a, b helpdesk.Value) bool {
	return same(a, b) || t.field == helpdesk.Email && strings.EqualFold(a.Text(), b.Text())
}

// same reports whether two values mean the same: a whole number is the same as an
// integer and as a decimal, an option is the same as its text.
func same(a, b helpdesk.Value) bool {
	return a == b || a.Text() == b.Text() && family(a.Type()) == family(b.Type())
}

// family maps types that a target may exchange for one another to one of them.
func family(t helpdesk.Type) helpdesk.Type {
	switch t {
	case helpdesk.Choice:
		return helpdesk.Text
	case helpdesk.Integer:
		return helpdesk.Decimal
	default:
		return t
	}
}

// settled returns the value to write for a wanted one: for nothing, empty.
func settled(v helpdesk.Value) helpdesk.Value {
	if v == helpdesk.None {
		return helpdesk.Value{}
	}
	return v
}
