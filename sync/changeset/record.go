package changeset

import "github.com/desksync/desksync/helpdesk"

// Record returns what is last written once ch has been applied. Held deltas and
// the link are not part of it; what was withdrawn is forgotten.
func Record(last helpdesk.Fields, ch *helpdesk.Change) helpdesk.Fields { return last }

// Remember returns what is last written once the notes of a verdict are taken.
func Remember(last helpdesk.Fields, notes []Note) helpdesk.Fields { return last }

// Apply returns what a target holds once ch has been applied to have.
func Apply(have helpdesk.Fields, ch *helpdesk.Change) helpdesk.Fields { return have }
