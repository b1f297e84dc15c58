package changeset

import (
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// opSigns say what happens to an object that is not shown by its fields alone.
var opSigns = map[helpdesk.Op]string{helpdesk.Create: "+ ", helpdesk.Update: "~ ", helpdesk.Retire: "− ", helpdesk.Delete: "− ", helpdesk.Merge: "→ "}

// headline says what happens to the object as a whole, where its fields do not.
func headline(ch *helpdesk.Change) (row, bool) {
	organization := ch.Ref.Kind == helpdesk.Organization
	if organization && ch.Hold == "" && (ch.Op == helpdesk.Update || ch.Op == helpdesk.Retire) {
		return row{}, false
	}
	r := row{label: objectLabel(ch.Ref.Kind), value: opSigns[ch.Op] + objectName(ch), sign: opSigns[ch.Op]}
	if organization {
		r.value = opSigns[ch.Op] + opVerb(ch.Ref.Kind, ch.Op)
	}
	if ch.Op == helpdesk.Merge {
		r.value += " into " + ch.Into
	}
	r.note = objectNote(ch)
	if ch.Hold != "" {
		r.sign = heldSign(ch.Hold)
		r.value = r.sign + " " + r.value
	}
	return r, true
}

// objectNote says why an object as a whole is made, removed or held.
func objectNote(ch *helpdesk.Change) string {
	var parts []string
	if vanished(ch) {
		parts = append(parts, "drifted: vanished from the helpdesk")
	}
	if removes(ch) && len(ch.Deltas) > 0 {
		parts = append(parts, cause(ch, &ch.Deltas[0]))
	}
	if ch.Hold != "" {
		parts = append(parts, holdText(ch.Hold))
	}
	return strings.Join(parts, "; ")
}

// vanished reports whether a change makes an object again.
func vanished(ch *helpdesk.Change) bool {
	return ch.Op == helpdesk.Create && len(ch.Deltas) > 0 && ch.Deltas[0].Cause == helpdesk.Drifted
}

func objectLabel(k helpdesk.Kind) string {
	if k == helpdesk.Membership {
		return "member"
	}
	return string(k)
}

func objectName(ch *helpdesk.Change) string {
	if ch.Ref.Kind == helpdesk.Membership && ch.Name == ch.Ref.Key {
		_, contact := helpdesk.SplitMember(ch.Ref.Key)
		return contact
	}
	return ch.Name
}

// deltaRow renders one field.
func deltaRow(ch *helpdesk.Change, d *helpdesk.Delta) row {
	r := row{note: cause(ch, d), deep: ch.Ref.Kind != helpdesk.Organization}
	family, name, isElement := splitElement(d.Field)
	r.label = name
	if isElement {
		r.label = family
	} else {
		r.label = label(d.Field)
	}
	switch {
	case d.Hold != "":
		r.sign = heldSign(d.Hold)
		r.value = r.sign + " " + heldValue(ch, d, isElement, name)
	case isElement && d.Want.IsZero():
		r.sign, r.value = "− ", "− "+name
	case isElement:
		r.sign, r.value = "+ ", "+ "+name
	case d.Have.IsEmpty() && (ch.Op == helpdesk.Create || d.Field == LinkField):
		r.value = shown(d.Want)
	default:
		r.value, r.then = shown(d.Have), shown(d.Want)
	}
	return r
}

// heldValue says what is not written, or kept instead.
func heldValue(ch *helpdesk.Change, d *helpdesk.Delta, isElement bool, name string) string {
	switch {
	case isElement && d.Want.IsZero():
		return name + " not removed"
	case isElement:
		return name + " not added"
	case HoldKind(d.Hold) != HoldConflict && (d.Cause == helpdesk.Found || d.Cause == helpdesk.Drifted || d.Cause == helpdesk.Clashed):
		return quoted(d.Have) + " kept"
	case ch.Op == helpdesk.Create:
		return shown(d.Want) + " not written"
	default:
		return shown(d.Have) + " → " + shown(d.Want) + " not written"
	}
}

func heldSign(hold string) string {
	if HoldKind(hold) == HoldConflict {
		return "⚠"
	}
	return "✋"
}

// cause says why, and where the value comes from.
func cause(ch *helpdesk.Change, d *helpdesk.Delta) string {
	if HoldKind(d.Hold) == HoldConflict {
		return holdText(d.Hold)
	}
	s := string(d.Cause)
	if why := because(ch, d); why != "" {
		s += ": " + why
	}
	if d.Hold != "" {
		s += "; " + holdText(d.Hold)
	}
	return s
}

func because(ch *helpdesk.Change, d *helpdesk.Delta) string {
	switch {
	case ch.Op == helpdesk.Create:
		return shortOrigin(d.Origin)
	case d.Cause == helpdesk.Drifted:
		return "edited in the helpdesk"
	case d.Cause == helpdesk.Found:
		return "set by someone else"
	case d.Cause == helpdesk.Clashed:
		return "edited in the helpdesk, and the rules moved"
	case d.Cause == helpdesk.Undone && d.Hold != "":
		return ""
	default:
		return shortOrigin(d.Origin)
	}
}

// shortOrigin leaves out the rule where a column is named: the field names the rule.
func shortOrigin(o string) string {
	before, rest, ok := strings.Cut(o, " by rule ")
	if !ok {
		return o
	}
	if _, moved, ok := strings.Cut(rest, "; "); ok {
		return before + "; " + moved
	}
	return before
}

// shown renders a value: numbers with commas, nothing as a dash.
func shown(v helpdesk.Value) string {
	if v.Type() == helpdesk.Integer || v.Type() == helpdesk.Decimal {
		return grouped(v.Text())
	}
	return v.String()
}

func quoted(v helpdesk.Value) string {
	if v.Type() == helpdesk.Text {
		return `"` + v.Text() + `"`
	}
	return shown(v)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
