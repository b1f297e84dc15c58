package salesforce

import (
	"slices"
	"strings"
)

// compared lists the fields that a condition compares: what stands before an operator.
// Those of a semi-join are of another object, and left out; a condition that cannot be
// read lists none.
func compared(where string) []string {
	list, err := tokens(where)
	if err != nil {
		return nil
	}
	var out []string
	joined := -1 // how deep the semi-join stands that goes on; -1: none
	for i, t := range list {
		switch {
		case joined >= 0 && t.depth > joined:
			continue
		case t.is("SELECT"):
			joined = t.depth - 1
			continue
		}
		joined = -1
		if !t.quoted && fieldPath.MatchString(t.text) && !slices.ContainsFunc(notFields, t.is) && i+1 < len(list) && operates(list[i+1]) {
			out = append(out, t.text)
		}
	}
	return out
}

// notFields may stand before what looks like an operator, and are no fields.
var notFields = []string{"NOT", "AND", "OR"}

// operates reports the beginning of a comparison: SOQL, "Comparison Operators".
func operates(t token) bool {
	if t.quoted {
		return false
	}
	return strings.ContainsAny(t.text, "=<>!") || slices.ContainsFunc([]string{"LIKE", "IN", "NOT", "INCLUDES", "EXCLUDES"}, t.is)
}

// checkCondition names a field of the role's condition that cannot be seen, before
// anything is read. What leads over a lookup of several objects is left to Salesforce:
// which fields it has there depends on the record.
func (d *describer) checkCondition(v *view, desc *description) string {
	for _, path := range compared(v.object.condition()) {
		steps := strings.Split(path, ".")
		if len(steps) > 1 && strings.EqualFold(steps[0], desc.Name) && desc.parent(steps[0]) == nil {
			steps = steps[1:] // Account.Name, of an account
		}
		if !d.has(desc, steps) {
			return v.unseen(path)
		}
	}
	return ""
}

// has reports whether a path leads to a field, as far as that can be told.
func (d *describer) has(at *description, steps []string) bool {
	for _, step := range steps[:len(steps)-1] {
		f := at.parent(step)
		switch {
		case f == nil:
			return false
		case len(f.ReferenceTo) > 1 || d.known[f.target()] == nil:
			return true
		}
		at = d.known[f.target()]
	}
	last := steps[len(steps)-1]
	return slices.ContainsFunc(at.Fields, func(f field) bool { return strings.EqualFold(f.Name, last) })
}
