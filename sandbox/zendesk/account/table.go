package account

import (
	"hash/maphash"
	"slices"
	"sort"
	"strings"
)

// table holds rows whose ids follow one another, in their order.
type table[T any] struct {
	first int64
	rows  []*T
}

func (t *table[T]) add(row *T) int64 {
	t.rows = append(t.rows, row)
	return t.first + int64(len(t.rows)) - 1
}

func (t *table[T]) get(id int64) *T {
	n := id - t.first
	if n < 0 || n >= int64(len(t.rows)) {
		return nil
	}
	return t.rows[n]
}

// lookup finds rows by a text. It keeps hashes, not texts: of a million rows the texts would
// be most of the memory. Rows of one text are possible, as two creates at once may give.
type lookup[T any] struct {
	is   func(row *T, key string) bool // whether a row has this text
	seed maphash.Seed
	one  map[uint64]*T
	more map[uint64][]*T // further rows of a hash
}

func newLookup[T any](size int, is func(row *T, key string) bool) lookup[T] {
	return lookup[T]{is: is, seed: maphash.MakeSeed(), one: make(map[uint64]*T, size), more: map[uint64][]*T{}}
}

func (x *lookup[T]) add(key string, row *T) {
	h := maphash.String(x.seed, key)
	if x.one[h] == nil {
		x.one[h] = row
		return
	}
	x.more[h] = append(x.more[h], row)
}

// get is the first row with a text, or nil.
func (x *lookup[T]) get(key string) *T {
	for _, row := range x.all(key) {
		return row
	}
	return nil
}

// all are the rows with a text, in the order they came.
func (x *lookup[T]) all(key string) []*T {
	h := maphash.String(x.seed, key)
	first := x.one[h]
	if first == nil {
		return nil
	}
	out := make([]*T, 0, 1)
	for _, row := range append([]*T{first}, x.more[h]...) {
		if x.is(row, key) {
			out = append(out, row)
		}
	}
	return out
}

func (x *lookup[T]) drop(key string, row *T) {
	h := maphash.String(x.seed, key)
	rest := x.more[h]
	switch {
	case x.one[h] != row:
		rest = slices.DeleteFunc(rest, func(r *T) bool { return r == row })
	case len(rest) > 0:
		x.one[h], rest = rest[0], rest[1:]
	default:
		delete(x.one, h)
	}
	if x.more[h] = rest; len(rest) == 0 {
		delete(x.more, h)
	}
}

// feed tells in what order rows changed last. Entries of rows that changed again since are
// skipped by whoever reads, and swept out when they are many.
type feed struct {
	entries []entry
	stale   int
}

// entry is one change: when, in unix seconds, and of which row of the table.
type entry struct {
	at  int64
	row int32
}

// add notes a change. Time does not go back: a change after a later one counts as that late.
func (f *feed) add(at int64, row int64) int64 {
	if n := len(f.entries); n > 0 {
		at = max(at, f.entries[n-1].at)
	}
	f.entries = append(f.entries, entry{at, int32(row)}) //nolint:gosec // a table has fewer than 2^31 rows
	return at
}

// sweep removes stale entries once they are more than the others.
func (f *feed) sweep(live func(entry) bool) {
	f.stale++
	if f.stale < 1000 || f.stale*2 < len(f.entries) {
		return
	}
	f.entries = slices.DeleteFunc(f.entries, func(e entry) bool { return !live(e) })
	f.stale = 0
}

// from is the first entry not before a time.
func (f *feed) from(at int64) int {
	return sort.Search(len(f.entries), func(i int) bool { return f.entries[i].at >= at })
}

// fold is how texts are compared that must be unique: without space around, in lower case.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
