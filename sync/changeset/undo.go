package changeset

import "github.com/desksync/desksync/helpdesk"

// Impossible is something that undo cannot bring back, and why.
type Impossible struct {
	Ref   helpdesk.Ref
	Name  string
	Field string // empty: the whole object
	Text  string
}

// Invert returns the change that puts back what ch changed, and what of it cannot
// be put back. ch holds what was applied; now is what the target holds now: a field
// that somebody changed since is left alone. A created organization is marked,
// never deleted. The change is nil when nothing can be done.
func Invert(ch helpdesk.Change, now helpdesk.Fields, mark Mark) (*helpdesk.Change, []Impossible) {
	return nil, nil
}

// Pins returns the decisions that keep the next run from writing again what an
// inverted change put back.
func Pins(inverted *helpdesk.Change) []Decision { return nil }

// Rejections returns the decisions that reject a change: it stays held until what
// the rules want changes.
func Rejections(ch *helpdesk.Change, author, reason string) []Decision { return nil }
