package changeset

import "github.com/desksync/desksync/helpdesk"

// ID returns the digest of what a change does: its object and, per delta, the value
// wanted, the value replaced and whether it is held. Reasons and origins do not
// count, nor does a hold on the whole change.
func ID(ch *helpdesk.Change) string { return "" }

// Digest is a digest over a whole changeset. It does not depend on the order of
// changes, so that shards may be digested apart and added up.
type Digest struct {
	lanes [4]uint64
	n     uint64
}

// Add counts a change in, by its ID.
func (d *Digest) Add(ch *helpdesk.Change) {}

// Merge counts another digest in.
func (d *Digest) Merge(o Digest) {}

// String returns the digest as 32 hexadecimal digits.
func (d Digest) String() string { return "" }
