package changeset

import "github.com/desksync/desksync/helpdesk"

// Origins of what undo writes.
const (
	beforeRun = "the value before the run"
	notBefore = "created by the run; never deleted"
)

// Impossible is something that undo cannot bring back, and why.
type Impossible struct {
	Ref   helpdesk.Ref
	Name  string
	Field string // empty: the whole object
	Text  string
}

// Invert returns the change that puts back what ch changed, and what of it cannot
// be put back. ch is as it was applied; now is what the target holds today: a field
// that somebody changed since is left alone. A created organization is marked,
// never deleted. The change is nil when nothing can be done.
func Invert(ch helpdesk.Change, now helpdesk.Fields, mark Mark) (*helpdesk.Change, []Impossible) {
	u := undo{was: &ch, now: now}
	u.out = helpdesk.Change{Op: helpdesk.Update, Ref: ch.Ref, Account: ch.Account, TargetID: ch.TargetID, Name: ch.Name}
	switch {
	case ch.Hold != "":
	case ch.Op == helpdesk.Delete:
		u.impossible("", "was deleted")
	case ch.Op == helpdesk.Merge:
		u.impossible("", "was merged; a merge cannot be undone")
	case ch.Op == helpdesk.Create:
		u.uncreate(mark)
	case ch.Op == helpdesk.Retire && ch.Ref.Kind == helpdesk.Membership:
		u.rejoin()
	default:
		u.putBack()
	}
	if len(u.out.Deltas) == 0 && !u.bare {
		return nil, u.list
	}
	u.out.ID = ID(&u.out)
	return &u.out, u.list
}

type undo struct {
	was  *helpdesk.Change
	now  helpdesk.Fields
	out  helpdesk.Change
	bare bool // the inverse has no deltas and is one all the same
	list []Impossible
}

func (u *undo) impossible(field, text string) {
	u.list = append(u.list, Impossible{Ref: u.was.Ref, Name: u.was.Name, Field: field, Text: text})
}

func (u *undo) write(field string, want, have, last helpdesk.Value) {
	u.out.Deltas = append(u.out.Deltas, helpdesk.Delta{
		Field: field, Want: want, Have: have, Last: last, Cause: helpdesk.Undone, Origin: beforeRun,
	})
}

// putBack restores the fields of an update, or takes a mark off.
func (u *undo) putBack() {
	for d := range u.was.Writes() {
		now, _ := u.now.Get(d.Field)
		switch {
		case d.Field == LinkField:
			u.impossible(d.Field, "stays linked to its account")
		case alike(now, d.Have):
		case !alike(now, d.Want):
			u.impossible(d.Field, label(d.Field)+" was changed since; "+holds(d.Field, now))
		default:
			u.write(d.Field, d.Have, d.Want, d.Want)
		}
	}
}

// alike reports whether two values are the same, or both nothing, false or 0.
func alike(a, b helpdesk.Value) bool { return same(a, b) || a.IsZero() && b.IsZero() }

// uncreate marks an organization or removes a membership that a run created.
func (u *undo) uncreate(mark Mark) {
	switch {
	case u.was.Ref.Kind == helpdesk.User:
		u.impossible("", "was created; a user is never deleted")
	case u.was.Ref.Kind == helpdesk.Membership:
		u.leave()
	case mark.Field == "":
		u.impossible("", "was created, and no mark field is configured")
	default:
		u.markCreated(mark)
	}
}

func (u *undo) markCreated(mark Mark) {
	u.out.Op = helpdesk.Retire
	if now, _ := u.now.Get(mark.Field); !now.True() {
		u.write(mark.Field, helpdesk.BoolOf(true), helpdesk.Value{}, helpdesk.Value{})
		u.out.Deltas[len(u.out.Deltas)-1].Origin = notBefore
	}
}

// leave removes a membership; its deltas carry what it holds.
func (u *undo) leave() {
	u.out.Op, u.bare = helpdesk.Retire, true
	for d := range u.was.Writes() {
		if now, ok := u.now.Get(d.Field); ok && !now.IsEmpty() {
			u.write(d.Field, helpdesk.Value{}, now, d.Want)
		}
	}
}

// rejoin makes a membership again that a run removed.
func (u *undo) rejoin() {
	u.out.Op, u.out.TargetID, u.bare = helpdesk.Create, "", true
	for d := range u.was.Writes() {
		u.write(d.Field, d.Have, helpdesk.Value{}, helpdesk.Value{})
	}
}

// Pins returns the decisions that keep the next run from writing again what inv, the
// inverse of ch, puts back.
func Pins(ch helpdesk.Change, inv *helpdesk.Change) []Decision {
	if inv == nil {
		return nil
	}
	if ch.Ref.Kind == helpdesk.Membership && inv.Op == helpdesk.Retire {
		return []Decision{{Action: Pin, Want: ObjectWant(&ch)}}
	}
	if inv.Op == helpdesk.Create {
		return []Decision{{Action: Pin}}
	}
	out := make([]Decision, 0, len(inv.Deltas))
	for d := range inv.Writes() {
		out = append(out, Decision{Field: d.Field, Action: Pin, Want: d.Have})
	}
	return out
}

// Rejections returns the decisions that reject a change: it stays held until what
// the rules want changes.
func Rejections(ch *helpdesk.Change, author, reason string) []Decision {
	of := func(field string, want helpdesk.Value) Decision {
		return Decision{Field: field, Action: Reject, Want: want, Author: author, Reason: reason}
	}
	switch {
	case ch.Op == helpdesk.Create:
		return []Decision{of("", ObjectWant(ch))}
	case removes(ch), len(ch.Deltas) == 0:
		return []Decision{of("", helpdesk.Value{})}
	}
	var out []Decision
	for _, d := range ch.Deltas {
		out = append(out, of(d.Field, d.Want))
	}
	return out
}
