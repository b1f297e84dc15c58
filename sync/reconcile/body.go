package reconcile

import (
	"fmt"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// opNote is the operation of a row that only changes what is last written.
const opNote helpdesk.Op = "note"

// instruction is a stored change with what is needed to record it once applied.
// In a stored body it stands behind the change, which reads without it.
type instruction struct {
	helpdesk.Change
	basis basis
	notes []changeset.Note
	fresh bool // nothing was ever recorded of the object
	end   ending

	reverts []int64 // decisions that are done once it is applied
}

// ending says what becomes of the record of an object that is let go as a whole.
type ending uint64

const (
	endNot      ending = iota
	endRecord          // the object is no more: nothing is recorded of it any longer
	endPassOver        // another pipeline wants it and takes over what was written
)

func (in *instruction) pack() []byte {
	b := in.Change.Pack(make([]byte, 0, 96+64*len(in.Deltas))) // about what it takes
	b = pack.Digest(pack.Digest(b, in.basis.source), in.basis.rules)
	b = pack.Uint(b, flag(in.fresh))
	b = pack.Uint(b, uint64(len(in.notes)))
	for _, n := range in.notes {
		b = pack.Uint(n.Value.Pack(pack.String(b, n.Field)), flag(n.Forget))
	}
	b = pack.Uint(pack.Uint(b, uint64(in.end)), uint64(len(in.reverts)))
	for _, id := range in.reverts {
		b = pack.Uint(b, uint64(id)) //nolint:gosec // ids are positive
	}
	if in.Was != "" {
		b = pack.String(b, in.Was)
	}
	return b
}

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func unpackInstruction(body string) (instruction, error) {
	r := pack.Read(body)
	in := instruction{}
	change, err := helpdesk.ReadChange(r)
	if err != nil {
		return in, err
	}
	in.Change = change
	if r.Done() {
		return in, nil // redacted, or written without a tail: what was recorded is looked up
	}
	in.basis = basis{r.Digest(), r.Digest()}
	in.fresh = r.Uint() == 1
	for range min(r.Uint(), uint64(len(body))) {
		in.notes = append(in.notes, changeset.Note{Field: r.String(), Value: helpdesk.UnpackValue(r), Forget: r.Uint() == 1})
	}
	in.end = ending(r.Uint())
	for range min(r.Uint(), uint64(len(body))) {
		in.reverts = append(in.reverts, int64(r.Uint())) //nolint:gosec // as packed
	}
	if !r.Done() && r.Err() == nil {
		in.Was = r.String()
	}
	return in, r.Err()
}

func unpackAll(rows []journal.ChangeRow) ([]instruction, error) {
	bodies := make([]string, len(rows))
	for i := range rows {
		bodies[i] = string(rows[i].Body)
	}
	return unpackBodies(rows, bodies)
}

// unpackBodies unpacks the bodies of rows; what it returns shares their memory.
func unpackBodies(rows []journal.ChangeRow, bodies []string) ([]instruction, error) {
	out := make([]instruction, len(rows))
	for i, body := range bodies {
		in, err := unpackInstruction(body)
		if err != nil {
			return nil, fmt.Errorf("change %d.%d: %w", rows[i].Rank, rows[i].Seq, err)
		}
		out[i] = in
	}
	return out, nil
}
