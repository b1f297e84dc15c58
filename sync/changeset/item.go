package changeset

import (
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// item keeps something that waits for a person.
func (d *differ) item(i Item) {
	i.Account, i.Ref = d.account(), d.ref
	d.v.Items = append(d.v.Items, i)
}

// forget lets the object as a whole go, and reports it.
func (d *differ) forget(why string) {
	d.v.Forget = true
	d.item(Item{Class: ItemFinding, Code: string(helpdesk.LetGo), Text: "is let go: " + why})
}

// letGoItem reports a field that is forgotten.
func letGoItem(t triple) Item {
	i := Item{Class: ItemFinding, Code: string(helpdesk.LetGo), Field: t.field, Have: t.have, Last: t.last}
	if !t.named {
		i.Code = "rule removed"
		i.Text = label(t.field) + " is let go: no rule names it any more; " + holds(t.field, t.have)
		return i
	}
	i.Text = label(t.field) + " is let go: it is not wanted any more, and somebody changed it since; " + holds(t.field, t.have)
	return i
}

// heldItem reports a delta, or an object, that is not written.
func heldItem(d helpdesk.Delta, quiet bool, dec Decision) Item {
	i := Item{Class: ItemHeld, Code: HoldKind(d.Hold), Field: d.Field, Want: d.Want, Have: d.Have, Last: d.Last, Quiet: quiet}
	if d.Cause == helpdesk.Drifted || d.Cause == helpdesk.Clashed {
		i.Class = ItemDrift
	}
	if i.Code == HoldPolicy || i.Code == HoldSnoozed {
		i.Code = string(d.Cause)
	}
	if quiet {
		i.Until = dec.Until
	}
	i.Text = happened(d) + "; " + holdText(d.Hold)
	return i
}

// happened says in a clause what led to a delta.
func happened(d helpdesk.Delta) string {
	switch {
	case d.Field == "":
		return happenedToObject(d.Cause)
	case d.Cause == helpdesk.Found && d.Want.IsEmpty():
		return label(d.Field) + " is there and no rule wants it"
	case d.Cause == helpdesk.Found:
		return label(d.Field) + " was set by someone else; " + holds(d.Field, d.Have) + ", the rules want " + quote(d.Field, d.Want)
	case d.Cause == helpdesk.Drifted && element(d.Field):
		return label(d.Field) + " was removed in the helpdesk"
	case d.Cause == helpdesk.Drifted:
		return label(d.Field) + " was changed in the helpdesk from " + quote(d.Field, d.Last) + " to " + quote(d.Field, d.Have)
	case d.Cause == helpdesk.Clashed:
		return label(d.Field) + " was changed in the helpdesk from " + quote(d.Field, d.Last) + " to " + quote(d.Field, d.Have) +
			" while the rules came to want " + quote(d.Field, d.Want)
	default:
		return label(d.Field) + " would become " + quote(d.Field, d.Want) + "; " + holds(d.Field, d.Have)
	}
}

func happenedToObject(c helpdesk.Cause) string {
	switch c {
	case helpdesk.Drifted:
		return "it vanished from the helpdesk and is still wanted"
	case helpdesk.Gone:
		return "it is not wanted any more"
	case helpdesk.Undone:
		return "it was undone"
	default:
		return "it would be created"
	}
}

func holds(field string, v helpdesk.Value) string {
	if element(field) {
		if v.IsZero() {
			return "the helpdesk does not have it"
		}
		return "the helpdesk has it"
	}
	return "the helpdesk holds " + quote(field, v)
}

func quote(field string, v helpdesk.Value) string {
	switch {
	case v.IsZero() && element(field):
		return "absent"
	case element(field):
		return "present"
	case v.IsEmpty():
		return "nothing"
	case v.Type() == helpdesk.Text:
		return `"` + v.Text() + `"`
	default:
		return v.Text()
	}
}

// holdText returns the clause of a hold for people.
func holdText(hold string) string {
	kind, text, ok := strings.Cut(hold, ": ")
	switch {
	case !ok:
		return kind
	case kind == HoldPolicy:
		return "held by policy " + text
	case kind == HoldGuard:
		return "held by a guard: " + text
	case kind == HoldRejected, kind == HoldSnoozed:
		return kind + " " + text
	default:
		return text
	}
}

// elements are the prefixes of fields that are present or absent.
var elements = map[string]string{
	helpdesk.TagPrefix: "tag", helpdesk.DomPrefix: "domain", helpdesk.GroupPrefix: "group",
}

// element reports whether a field is a tag, a domain or a group.
func element(field string) bool {
	_, _, ok := splitElement(field)
	return ok
}

func splitElement(field string) (family, name string, ok bool) {
	i := strings.IndexByte(field, ':')
	if i < 0 {
		return "", field, false
	}
	family, ok = elements[field[:i+1]]
	return family, field[i+1:], ok
}

// label is what people call a field: support_level, tag gold.
func label(field string) string {
	if family, name, ok := splitElement(field); ok {
		return family + " " + name
	}
	return strings.TrimPrefix(field, helpdesk.FieldPrefix)
}
