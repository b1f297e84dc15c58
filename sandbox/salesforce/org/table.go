package org

import (
	"maps"
	"slices"
	"time"
)

type state int

const (
	absent state = iota // never was, or not yet for readers
	live
	binned
	vanished
)

// version is what a record became by one change.
type version struct {
	from    time.Time // when readers begin to see it
	state   state
	deleted time.Time // when it went to the bin, or away
	silent  bool      // it left no trace
	by      int       // the transaction that deleted it
	values  map[string]any
}

// table holds the records of one object: seeded ones are numbered from 0, added ones
// follow. rows has only those that were changed.
type table struct {
	obj    *Object
	seeded int
	count  int
	rows   map[int][]version
	moved  map[*Field]map[string][]int // records that came to a parent after the seed
	links  []link
}

// link is a reference that leads here from children.
type link struct {
	from  *table
	field *Field
}

func newTable(o *Object, seeded int) *table {
	o.index()
	return &table{obj: o, seeded: seeded, count: seeded, rows: map[int][]version{}, moved: map[*Field]map[string][]int{}}
}

// rec is one record.
type rec struct {
	t *table
	n int
}

func (r rec) id() string { return makeID(r.t.obj.Prefix, r.n) }

// find looks an id up; false where no record ever had it.
func (t *table) find(id string) (rec, bool) {
	n, ok := numberOf(id)
	return rec{t, n}, ok && id[:3] == t.obj.Prefix && n < t.count
}

// at is the version that readers see at a time; nil: as seeded, or not there.
func (t *table) at(n int, now time.Time) *version {
	versions := t.rows[n]
	for i := len(versions) - 1; i >= 0; i-- {
		if !versions[i].from.After(now) {
			return &versions[i]
		}
	}
	return nil
}

// latest is the newest version, seen or not, as a copy to be changed.
func (t *table) latest(s *seeder, n int) version {
	if versions := t.rows[n]; len(versions) > 0 {
		v := versions[len(versions)-1]
		v.values = maps.Clone(v.values)
		return v
	}
	v := version{values: map[string]any{}}
	if t.isSeeded(s, n) {
		v.state = live
	}
	return v
}

func (t *table) isSeeded(s *seeder, n int) bool {
	return n < t.seeded && (t.obj.exists == nil || t.obj.exists(s, n))
}

// keep stores a version and forgets those that nobody can see any more.
func (t *table) keep(n int, v version, now time.Time) {
	versions := t.rows[n]
	for i := len(versions) - 1; i > 0; i-- {
		if !versions[i].from.After(now) {
			versions = versions[i:]
			break
		}
	}
	if !v.from.After(now) {
		versions = nil
	}
	t.rows[n] = append(slices.Clip(versions), v)
}

// relate finds the ways from parents to children.
func (w *World) relate() {
	for _, t := range w.order {
		for _, f := range t.obj.Fields {
			if f.Children != "" {
				to := w.table(f.RefersTo)
				to.links = append(to.links, link{t, f})
			}
		}
	}
}
