package changeset

import (
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// Kinds of holds. The reason of a held delta or change is its kind, a colon and a
// sentence for people: "conflict: claimed by Dreadco and Dreadco Labs".
const (
	HoldPolicy      = "policy"
	HoldConflict    = "conflict"
	HoldRejected    = "rejected"
	HoldUndone      = "undone"
	HoldContested   = "contested" // corrected three times in a day
	HoldSnoozed     = "snoozed"
	HoldUnknown     = "unknown product"
	HoldUnsupported = "unsupported"
	HoldIncomplete  = "incomplete" // a create without what it cannot be without
	HoldTickets     = "tickets"    // due to be deleted, with tickets that are not closed
	HoldGuard       = "guard"
	HoldScope       = "not yet" // outside scope.only
	HoldInUse       = "in use"  // another organization goes by the name, and keeps it for now
	HoldMerge       = "merge"   // an organization that is to be merged into this one has it
)

// Hold puts a reason together.
func Hold(kind, text string) string {
	if text == "" {
		return kind
	}
	return kind + ": " + text
}

// HoldKind returns the kind of a reason.
func HoldKind(reason string) string {
	k, _, _ := strings.Cut(reason, ": ")
	return k
}

// Held reports whether nothing of the change is to be written.
func Held(c *helpdesk.Change) bool {
	if c.Hold != "" {
		return true
	}
	for i := range c.Deltas {
		if c.Deltas[i].Hold == "" {
			return false
		}
	}
	return len(c.Deltas) > 0
}

// Withhold holds the named fields of a change, or the change as a whole where its
// identity is in doubt: the link, the name (of a user the e-mail) in a create, or no
// field named. A name that ends in a colon stands for its family. It returns the
// number of deltas it held.
func Withhold(ch *helpdesk.Change, reason string, fields ...string) int {
	if ch == nil {
		return 0
	}
	if len(fields) == 0 {
		ch.Hold = reason
		return len(ch.Deltas)
	}
	held := 0
	for i := range ch.Deltas {
		d := &ch.Deltas[i]
		if !matches(d.Field, fields) {
			continue
		}
		d.Hold = reason
		held++
		if identifies(ch, d.Field) {
			ch.Hold = reason
		}
	}
	ch.ID = ID(ch)
	return held
}

func matches(field string, patterns []string) bool {
	for _, p := range patterns {
		if field == p || strings.HasSuffix(p, ":") && strings.HasPrefix(field, p) {
			return true
		}
	}
	return false
}

// identifies reports whether a change makes no sense without a field.
func identifies(ch *helpdesk.Change, field string) bool {
	return field == LinkField || ch.Op == helpdesk.Create && field == identity[ch.Ref.Kind]
}

// HoldPlan holds every delta that reads plan or sla, and the tags: an active
// product nobody knows never lowers a level. A field that the product could not
// have changed waits too (sla.hold): the charges are one verdict, right or in
// doubt as a whole. Call it where Lowers says so. It leaves one item about the
// whole object.
func (c *Comparer) HoldPlan(v *Verdict, reason string) {
	if v.Change == nil {
		return
	}
	reason = strings.TrimPrefix(reason, HoldUnknown+": ")
	hold := Hold(HoldUnknown, reason)
	held := false
	for i := range v.Change.Deltas {
		d := &v.Change.Deltas[i]
		if c.ofPlan(v.Change.Ref.Kind, d.Field) && d.Hold == "" {
			d.Hold, held = hold, true
		}
	}
	if !held {
		return
	}
	v.Change.ID = ID(v.Change)
	v.Items = append(v.Items, Item{
		Class: ItemHeld, Code: HoldUnknown, Account: v.Change.Account, Ref: v.Change.Ref,
		Text: "the level is held and not lowered: " + reason,
	})
}

// ofPlan reports whether a field's value comes from plan or sla.
func (c *Comparer) ofPlan(k helpdesk.Kind, field string) bool {
	r := c.kind(k).rule(field)
	return r != nil && r.Plan || strings.HasPrefix(field, helpdesk.TagPrefix)
}
