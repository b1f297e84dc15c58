package helpdesk

import (
	"strings"

	"github.com/desksync/desksync/internal/pack"
)

// A delta is stored by the million, and most of its text says the same each time:
// the cause, the prefix of a custom field, the path of a rule that ends in the
// field's own name. Those are stored as bits; whatever does not fit the pattern is
// stored as it is.
const (
	causeBits = 0x0f // index into causes; 0: stored as text
	hasHave   = 1 << 4
	hasLast   = 1 << 5
	hasHold   = 1 << 6
	isCustom  = 1 << 7 // the field has the prefix of custom fields
)

var causes = [...]Cause{1: New, 2: Found, 3: Moved, 4: Drifted, 5: Clashed, 6: Withdrawn, 7: LetGo, 8: Undone, 9: Gone, 10: Linked, 11: InStep}

// byRule stands between what a rule reads and its path.
const byRule = " by rule "

// sections are the beginnings of rules' paths; one that ends in a dot is followed by
// the field's own name.
var sections = [...]string{1: "organizations.fields.", 2: "organizations.", 3: "organizations.tags", 4: "organizations.domains", 5: "members.", 6: "members.fields."}

func (d *Delta) pack(b []byte) []byte {
	bits := uint64(0)
	for i, c := range causes {
		if i > 0 && c == d.Cause {
			bits = uint64(i) //nolint:gosec // a small index
		}
	}
	bits |= bit(d.Have != Value{}, hasHave) | bit(d.Last != Value{}, hasLast) | bit(d.Hold != "", hasHold)
	bare, custom := strings.CutPrefix(d.Field, FieldPrefix)
	b = pack.String(pack.Uint(b, bits|bit(custom, isCustom)), bare)
	b = d.Want.Pack(b)
	if bits&hasHave != 0 {
		b = d.Have.Pack(b)
	}
	if bits&hasLast != 0 {
		b = d.Last.Pack(b)
	}
	if bits&causeBits == 0 {
		b = pack.String(b, string(d.Cause))
	}
	if bits&hasHold != 0 {
		b = pack.String(b, d.Hold)
	}
	return packOrigin(b, d.Origin, bare)
}

func bit(on bool, b uint64) uint64 {
	if on {
		return b
	}
	return 0
}

func packOrigin(b []byte, origin, field string) []byte {
	for i, section := range sections {
		if i == 0 {
			continue
		}
		if reads, ok := strings.CutSuffix(origin, pathEnd(section, field)); ok {
			return pack.String(pack.Uint(b, uint64(i)), reads) //nolint:gosec // a small index
		}
	}
	return pack.String(pack.Uint(b, 0), origin)
}

func pathEnd(section, field string) string {
	if strings.HasSuffix(section, ".") {
		return byRule + section + field
	}
	return byRule + section
}

func readDelta(r *pack.Reader) Delta {
	bits := r.Uint()
	bare := r.String()
	d := Delta{Field: bare}
	if bits&isCustom != 0 {
		d.Field = FieldPrefix + bare
	}
	d.Want = UnpackValue(r)
	if bits&hasHave != 0 {
		d.Have = UnpackValue(r)
	}
	if bits&hasLast != 0 {
		d.Last = UnpackValue(r)
	}
	if i := bits & causeBits; i > 0 && i < uint64(len(causes)) {
		d.Cause = causes[i]
	} else {
		d.Cause = Cause(r.String())
	}
	if bits&hasHold != 0 {
		d.Hold = r.String()
	}
	d.Origin = readOrigin(r, bare)
	return d
}

func readOrigin(r *pack.Reader, field string) string {
	i := r.Uint()
	reads := r.String()
	if i == 0 || i >= uint64(len(sections)) {
		return reads
	}
	return reads + pathEnd(sections[i], field)
}
