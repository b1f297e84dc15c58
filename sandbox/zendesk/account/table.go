package account

import (
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

// index finds rows by a text; a few may share one, as two creates at once may.
type index[T comparable] struct {
	one  map[string]T
	more map[string][]T
}

func (x *index[T]) add(key string, row T) {
	if _, taken := x.one[key]; !taken {
		x.one[key] = row
		return
	}
	if x.more == nil {
		x.more = map[string][]T{}
	}
	x.more[key] = append(x.more[key], row)
}

func (x *index[T]) drop(key string, row T) {
	rest := x.more[key]
	switch {
	case x.one[key] != row:
		x.more[key] = slices.DeleteFunc(rest, func(r T) bool { return r == row })
	case len(rest) > 0:
		x.one[key], x.more[key] = rest[0], rest[1:]
	default:
		delete(x.one, key)
	}
	if len(x.more[key]) == 0 {
		delete(x.more, key)
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
