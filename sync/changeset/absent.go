package changeset

import (
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// Absence says why an object that was written is no longer wanted.
type Absence string

// The causes of absence that may be acted on. What is withheld (unreadable, in
// conflict, out of scope) is never passed here.
const (
	Deleted Absence = "deleted" // the CRM's tombstone, or merged away
	Lost    Absence = "lost"    // missing from a complete read
	Left    Absence = "left"    // present, and no longer wanted
)

// GonePolicy says what becomes of an object whose account went.
type GonePolicy string

// The policies; unset means hold.
const (
	GoneHold   GonePolicy = "hold"
	GoneMark   GonePolicy = "mark"
	GoneDelete GonePolicy = "delete"
)

// Mark says how organizations are retired: marked, waiting, deleted.
type Mark struct {
	Field       string          // checkbox that marks for deletion, such as "field:mark_for_deletion"
	Exempt      string          // checkbox that exempts from deletion; may be empty
	DeleteAfter int             // days between mark and deletion; 0 with GoneMark: never
	Never       bool            // nothing is ever deleted
	Protect     map[string]bool // keys that are neither marked nor deleted
	MarkedOn    day.Day         // when desksync marked this object; no day: not known
}

// Missing is an object that is not wanted any more.
type Missing struct {
	Ref         helpdesk.Ref
	Account     string // empty: the account part of the key
	Name        string // for people
	Absence     Absence
	Why         string // "left: retention ended 2024-12-20"; empty: the absence
	Policy      GonePolicy
	Mark        Mark
	OpenTickets int    // not closed; negative: not known
	WantedBy    string // another pipeline on the same target that wants it: ownership passes over
	Day         day.Day
	Policies    Policies
}
