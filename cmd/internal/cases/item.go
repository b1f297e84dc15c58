package cases

import (
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// item is something held, a conflict or a finding that came.
type item struct {
	accounts []string
	kind     string   // of a conflict, or code of a finding
	fields   []string // full names
	values   []string
	causes   []string
	guard    string
	text     string
}

// String describes the item for people.
func (i item) String() string {
	parts := []string{strings.Join(i.accounts, " and "), i.kind, i.guard, i.fieldText(), strings.Join(i.causes, " ")}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ") + ": " + i.text
}

// fieldText names the fields, the first of many.
func (i item) fieldText() string {
	const shown = 3
	if more := len(i.fields) - shown; more > 1 {
		return strings.Join(i.fields[:shown], " ") + fmt.Sprintf(" and %d more fields", more)
	}
	return strings.Join(i.fields, " ")
}

// items checks a list exactly: each description is of something that came, and what
// came is described. One description may be of several things: an account without a
// field stands for all that is held of it.
func (k *checker) items(name string, expect casefile.List[casefile.Item], came []item) {
	if !expect.Given {
		return
	}
	described := make([]bool, len(came))
	for n := range expect.Items {
		e := &expect.Items[n]
		found := false
		for i := range came {
			if k.matches(e, &came[i]) {
				found, described[i] = true, true
			}
		}
		if !found {
			k.failAt(expect.Lines[n], fmt.Sprintf("%s[%d]", name, n), describe(e), "nothing of the kind"+nearest(name, came))
		}
	}
	for i := range came {
		if !described[i] {
			k.fail(name, "nothing that the list does not have", came[i].String())
		}
	}
}

// nearest lists what came instead.
func nearest(name string, came []item) string {
	if len(came) == 0 {
		return "; the run has no " + name + " at all"
	}
	var list []string
	for _, i := range came {
		list = append(list, i.String())
	}
	return "; there is " + strings.Join(list, " | ")
}

// describe is an expected item as the case states it.
func describe(e *casefile.Item) string {
	var out []string
	for _, p := range []struct{ name, value string }{
		{"account", e.Account},
		{"accounts", strings.Join(e.Accounts.Items, " ")},
		{"kind", e.Kind},
		{"field", e.Field},
		{"value", string(e.Value)},
		{"cause", string(e.Cause)},
		{"guard", e.Guard},
		{"says", strings.Join(e.Says, " | ")},
	} {
		if p.value != "" {
			out = append(out, p.name+" "+p.value)
		}
	}
	return strings.Join(out, ", ")
}

// matches reports whether a description fits; what it leaves out is not looked at.
func (k *checker) matches(e *casefile.Item, i *item) bool {
	return (e.Account == "" || slices.Contains(i.accounts, k.canonical(e.Account))) &&
		(!e.Accounts.Given || slices.Equal(sortedSet(k.canonicals(e.Accounts.Items)), sortedSet(i.accounts))) &&
		(e.Kind == "" || slices.Contains([]string{word(i.kind), word(i.guard)}, word(e.Kind))) &&
		(e.Field == "" || slices.ContainsFunc(i.fields, func(f string) bool { return sameField(f, e.Field) })) &&
		(e.Value == "" || slices.ContainsFunc(i.values, func(v string) bool { return strings.EqualFold(v, string(e.Value)) })) &&
		(e.Cause == "" || slices.Contains(i.causes, string(e.Cause))) &&
		(e.Guard == "" || word(i.guard) == word(e.Guard)) &&
		allIn(i.text, e.Says)
}

func (k *checker) canonicals(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = k.canonical(id)
	}
	return out
}

// word makes unknown_product and "unknown product" one, and e-mail and email.
func word(s string) string {
	return strings.NewReplacer("_", " ", "-", "").Replace(strings.ToLower(s))
}

// sameField compares names of fields, custom ones with or without their prefix.
func sameField(full, name string) bool {
	return full == name || full == helpdesk.FieldPrefix+name
}

func allIn(text string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}

// heldItems are the fields and changes that wait for a decision: each field that a
// policy or a decision holds by itself, and what is held together as one.
func (o *outcome) heldItems() []item {
	var out []item
	for i := range o.changes {
		c := &o.changes[i]
		if c.Hold != "" {
			out = o.addHeld(out, c, c.Hold, c.Deltas)
			continue
		}
		var together []helpdesk.Delta
		for _, d := range c.Deltas {
			switch {
			case d.Hold == "":
			case changeset.HoldKind(d.Hold) == changeset.HoldUnknown:
				together = append(together, d)
			default:
				out = o.addHeld(out, c, d.Hold, []helpdesk.Delta{d})
			}
		}
		if len(together) > 0 {
			out = o.addHeld(out, c, together[0].Hold, together)
		}
	}
	return out
}

// addHeld adds what is held for one reason; what a conflict withholds is listed
// with the conflicts.
func (o *outcome) addHeld(out []item, c *helpdesk.Change, hold string, deltas []helpdesk.Delta) []item {
	kind := changeset.HoldKind(hold)
	if kind == changeset.HoldConflict {
		return out
	}
	item := item{accounts: []string{c.Account}, kind: kind, text: strings.TrimPrefix(hold, kind+": ")}
	for _, t := range o.rep.Tripped {
		if kind == changeset.HoldGuard && t.Text == item.text {
			item.guard = t.Guard
		}
	}
	for _, d := range deltas {
		item.fields = append(item.fields, d.Field)
		item.causes = append(item.causes, string(d.Cause))
		item.values = append(item.values, d.Have.Text(), d.Want.Text())
	}
	if len(deltas) == 0 && (c.Op == helpdesk.Retire || c.Op == helpdesk.Delete) {
		item.causes = []string{string(helpdesk.Gone)}
	}
	slices.Sort(item.causes)
	item.causes = slices.Compact(item.causes)
	for _, i := range o.items {
		if i.Kind == c.Ref.Kind && i.Key == c.Ref.Key && (i.Field == "" || slices.Contains(item.fields, i.Field)) && (i.Class == journal.ItemHeld || i.Class == journal.ItemDrift) {
			item.text += "; " + i.Text
		}
	}
	return append(out, item)
}

// claimWords are the kinds of conflicts as cases name them.
var claimWords = map[journal.ClaimKind]string{journal.ClaimName: "name", journal.ClaimDomain: "domain", journal.ClaimEmail: "email"}

// conflictItems are the claims that the run found and no rule decides, each once
// with all who take part.
func (o *outcome) conflictItems() []item {
	var out []item
	for _, i := range o.items {
		if i.Class != journal.ItemConflict {
			continue
		}
		n := slices.IndexFunc(out, func(x item) bool { return x.fields[0] == i.Field })
		if n < 0 {
			out = append(out, item{fields: []string{i.Field}, values: []string{i.Value}, kind: o.conflictKind(i), text: i.Text})
			n = len(out) - 1
		}
		out[n].accounts = append(out[n].accounts, i.Account)
	}
	for n := range out {
		for _, c := range o.contests {
			if claimWords[c.Kind] == out[n].kind && c.Value == out[n].values[0] {
				for _, h := range c.Holders {
					out[n].accounts = append(out[n].accounts, h.Account)
				}
			}
		}
		out[n].accounts = slices.DeleteFunc(sortedSet(out[n].accounts), func(a string) bool { return a == "" })
	}
	return out
}

func (o *outcome) conflictKind(i journal.Item) string {
	for _, kind := range claimWords {
		if strings.HasPrefix(word(i.Code), kind) {
			return kind
		}
	}
	return i.Code
}

// findingItems are the findings of the run.
func (o *outcome) findingItems() []item {
	var out []item
	for _, i := range o.items {
		if i.Class == journal.ItemFinding {
			out = append(out, item{accounts: []string{i.Account}, kind: i.Code, fields: []string{i.Field}, values: []string{i.Field, i.Value}, text: i.Text})
		}
	}
	return out
}
