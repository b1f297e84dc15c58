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
		r.value = opSigns[ch.Op] + string(ch.Op)
	}
	if ch.Hold != "" {
		r.sign, r.note = heldSign(ch.Hold), "held: "+holdText(ch.Hold)
		r.value = r.sign + " " + r.value
	}
	return r, true
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
	r := row{note: cause(d), deep: ch.Ref.Kind != helpdesk.Organization}
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
		r.value = r.sign + " " + heldValue(d, isElement, name)
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
func heldValue(d *helpdesk.Delta, isElement bool, name string) string {
	switch {
	case isElement && d.Want.IsZero():
		return name + " not removed"
	case isElement:
		return name + " not added"
	case HoldKind(d.Hold) != HoldConflict && (d.Cause == helpdesk.Found || d.Cause == helpdesk.Drifted || d.Cause == helpdesk.Clashed):
		return quoted(d.Have) + " kept"
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
func cause(d *helpdesk.Delta) string {
	if HoldKind(d.Hold) == HoldConflict {
		return holdText(d.Hold)
	}
	s := string(d.Cause)
	switch d.Cause {
	case helpdesk.Drifted:
		s += ": edited in the helpdesk"
	case helpdesk.Found:
		s += ": set by someone else"
	case helpdesk.Clashed:
		s += ": edited in the helpdesk, and the rules moved"
	default:
		if d.Origin != "" {
			s += ": " + shortOrigin(d.Origin)
		}
	}
	if d.Hold != "" {
		s += "; held by " + strings.TrimPrefix(holdText(d.Hold), "held by ")
	}
	return s
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
