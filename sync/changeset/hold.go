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
	HoldGuard       = "guard"
	HoldScope       = "not yet" // outside scope.only
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
// identity is in doubt: the link, a name or e-mail in a create, or no field named.
// It returns the number of deltas it held.
func Withhold(ch *helpdesk.Change, reason string, fields ...string) int { return 0 }

// HoldPlan holds every delta that reads plan or sla, and the tags: an active
// product nobody knows never lowers a level. Call it where Lowers says so.
func (c *Comparer) HoldPlan(v *Verdict, reason string) {}
