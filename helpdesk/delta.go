package helpdesk

import (
	"strings"
	"unique"

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
)

var causes = [...]Cause{1: New, 2: Found, 3: Moved, 4: Drifted, 5: Clashed, 6: Withdrawn, 7: LetGo, 8: Undone, 9: Gone, 10: Linked, 11: InStep, 12: Merged}

// byRule stands between what a rule reads and its path.
const byRule = " by rule "

// sections are the beginnings of rules' paths; one that ends in a dot is followed by
// the field's own name.
var sections = [...]string{1: "organizations.fields.", 2: "organizations.", 3: "organizations.tags", 4: "organizations.domains", 5: "members.", 6: "members.fields."}

// pack appends a delta; before is the one that stands before it, if any.
func (d *Delta) pack(b []byte, before *Delta) []byte {
	bits := uint64(0)
	for i, c := range causes {
		if i > 0 && c == d.Cause {
			bits = uint64(i) //nolint:gosec // a small index
		}
	}
	bits |= bit(d.Have != Value{}, hasHave) | bit(d.Last != Value{}, hasLast) | bit(d.Hold != "", hasHold)
	b = d.Want.Pack(packName(pack.Uint(b, bits), d.Field))
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
	return packOrigin(b, d, before)
}

func bit(on bool, b uint64) uint64 {
	if on {
		return b
	}
	return 0
}

// packOrigin appends the section of the rule and what it reads, unless both are
// those of the delta before.
func packOrigin(b []byte, d, before *Delta) []byte {
	section, reads := cutOrigin(d)
	if before != nil {
		if s, r := cutOrigin(before); s == section && r == reads {
			return pack.Uint(b, uint64(len(sections)))
		}
	}
	return pack.String(pack.Uint(b, section), reads)
}

// cutOrigin splits what a rule reads from its path; section 0: it has no such form.
func cutOrigin(d *Delta) (section uint64, reads string) {
	bare := strings.TrimPrefix(d.Field, FieldPrefix)
	for i := 1; i < len(sections); i++ {
		if reads, ok := cutPath(d.Origin, sections[i], bare); ok {
			return uint64(i), reads
		}
	}
	return 0, d.Origin
}

// cutPath takes " by rule SECTION" off, and the field behind a section that ends in a
// dot. It is called for every field of a run, and allocates nothing.
func cutPath(origin, section, field string) (reads string, ok bool) {
	if strings.HasSuffix(section, ".") {
		if origin, ok = strings.CutSuffix(origin, field); !ok {
			return "", false
		}
	}
	if origin, ok = strings.CutSuffix(origin, section); !ok {
		return "", false
	}
	return strings.CutSuffix(origin, byRule)
}

func pathEnd(section, field string) string {
	if strings.HasSuffix(section, ".") {
		return byRule + section + field
	}
	return byRule + section
}

// readDelta reads what pack wrote behind the delta before.
func readDelta(r *pack.Reader, before *Delta) Delta {
	bits := r.Uint()
	d := Delta{Field: readName(r), Want: UnpackValue(r)}
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
	d.Origin = readOrigin(r, d.Field, before)
	return d
}

func readOrigin(r *pack.Reader, field string, before *Delta) string {
	section, reads := r.Uint(), ""
	switch {
	case section < uint64(len(sections)):
		reads = r.String()
	case before != nil:
		section, reads = cutOrigin(before)
	}
	if section == 0 || section >= uint64(len(sections)) {
		return reads
	}
	// There are as many as rules: all changes share them.
	return unique.Make(reads + pathEnd(sections[section], strings.TrimPrefix(field, FieldPrefix))).Value()
}
