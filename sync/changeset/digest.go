package changeset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
)

// idSize is the length of an ID in bytes: enough that no two changes of a lifetime
// share one.
const idSize = 16

// ID returns the digest of what a change does: its object and, per delta, the value
// wanted, the value replaced and whether it is held; of a merge also into what. Reasons and origins do not
// count, nor does a hold on the whole change.
func ID(ch *helpdesk.Change) string {
	var room [4096]byte
	b := room[:0]
	for _, s := range [...]string{string(ch.Op), string(ch.Ref.Kind), ch.Ref.Key, ch.TargetID} {
		b = pack.String(b, s)
	}
	if ch.Op == helpdesk.Merge {
		b = pack.String(pack.String(b, ch.Into), ch.IntoID)
	}
	for i := range ch.Deltas {
		d := &ch.Deltas[i]
		b = d.Have.Pack(d.Want.Pack(pack.String(b, d.Field)))
		b = append(b, bit(d.Hold != ""))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:idSize])
}

func bit(set bool) byte {
	if set {
		return 1
	}
	return 0
}

// ObjectWant returns the value that stands for everything a change writes: the Want
// of a decision about an object as a whole.
func ObjectWant(ch *helpdesk.Change) helpdesk.Value { return objectWant(ch.Deltas) }

func objectWant(deltas []helpdesk.Delta) helpdesk.Value {
	var room [4096]byte
	b := room[:0]
	for i := range deltas {
		b = deltas[i].Want.Pack(pack.String(b, deltas[i].Field))
	}
	sum := sha256.Sum256(b)
	return helpdesk.TextOf(hex.EncodeToString(sum[:idSize]))
}

// Digest is a digest over a whole changeset. It does not depend on the order of
// changes, so that shards may be digested apart and added up. The zero Digest is
// that of no changes.
type Digest struct {
	lanes [4]uint64
	n     uint64
}

// Add counts a change in, by its ID.
func (d *Digest) Add(ch *helpdesk.Change) {
	sum := sha256.Sum256([]byte(ch.ID))
	for i := range d.lanes {
		d.lanes[i] += binary.LittleEndian.Uint64(sum[8*i:])
	}
	d.n++
}

// Remove takes out a change that was counted in.
func (d *Digest) Remove(ch *helpdesk.Change) {
	sum := sha256.Sum256([]byte(ch.ID))
	for i := range d.lanes {
		d.lanes[i] -= binary.LittleEndian.Uint64(sum[8*i:])
	}
	d.n--
}

// Merge counts another digest in.
func (d *Digest) Merge(o Digest) {
	for i := range d.lanes {
		d.lanes[i] += o.lanes[i]
	}
	d.n += o.n
}

// String returns the digest as 32 hexadecimal digits.
func (d Digest) String() string {
	var b []byte
	for _, lane := range d.lanes {
		b = binary.LittleEndian.AppendUint64(b, lane)
	}
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64(b, d.n))
	return hex.EncodeToString(sum[:idSize])
}
