package changeset

import "github.com/desksync/desksync/helpdesk"

// Record returns what is last written once ch has been applied. Held deltas and the
// link are not part of it, and what was taken back is forgotten. Nothing is left of an
// object that was deleted or merged away, nor of a membership that was removed.
func Record(last helpdesk.Fields, ch *helpdesk.Change) helpdesk.Fields {
	if ends(ch) {
		return nil
	}
	if ch.Op == helpdesk.Create {
		last = nil
	}
	return overlay(last, ch, true)
}

// Apply returns what a target holds once ch has been applied to have; nil once the
// object is gone.
func Apply(have helpdesk.Fields, ch *helpdesk.Change) helpdesk.Fields {
	if ends(ch) {
		return nil
	}
	return overlay(have, ch, false)
}

// Remember returns what is last written once the notes of a verdict are taken. What
// was never written stays so where there is nothing to note.
func Remember(last helpdesk.Fields, notes []Note) helpdesk.Fields {
	if len(notes) == 0 {
		return last
	}
	out := make(helpdesk.Fields, 0, len(last)+len(notes))
	out = append(out, last...)
	for _, n := range notes {
		if n.Forget {
			out = out.Without(n.Field)
		} else {
			out = out.With(n.Field, n.Value)
		}
	}
	return out
}

// ends reports whether an object is no more once the change is applied.
func ends(ch *helpdesk.Change) bool {
	return ch.Hold == "" && (removes(ch) || ch.Op == helpdesk.Merge)
}

// removes reports whether a change is about the end of its object.
func removes(ch *helpdesk.Change) bool {
	return ch.Op == helpdesk.Delete || ch.Op == helpdesk.Retire && ch.Ref.Kind == helpdesk.Membership
}

// overlay merges what ch writes into sorted fields.
func overlay(base helpdesk.Fields, ch *helpdesk.Change, forget bool) helpdesk.Fields {
	out := make(helpdesk.Fields, 0, len(base)+len(ch.Deltas))
	out = append(out, base...)
	for d := range ch.Writes() {
		switch {
		case d.Field == LinkField:
		case forget && takesBack(d), element(d.Field) && d.Want.IsZero():
			out = append(out, helpdesk.Field{Name: d.Field, Value: helpdesk.None})
		default:
			out = append(out, helpdesk.Field{Name: d.Field, Value: d.Want})
		}
	}
	return compact(out.Sort())
}

// takesBack reports whether a delta removes a value without wanting another.
func takesBack(d helpdesk.Delta) bool {
	return d.Cause == helpdesk.Withdrawn || element(d.Field) && d.Want.IsZero()
}

// compact drops the fields that overlay struck out.
func compact(f helpdesk.Fields) helpdesk.Fields {
	out := f[:0]
	for _, x := range f {
		if x.Value != helpdesk.None {
			out = append(out, x)
		}
	}
	return out
}
