package org

import (
	"slices"
	"strings"
	"time"
)

// view reads records as they are at one moment.
type view struct {
	w   *World
	now time.Time
	all bool // with what is written and readers do not see yet
}

func (w *World) view() view { return view{w: w, now: w.Now()} }

func (v view) at(r rec) *version {
	if v.all {
		return r.t.at(r.n, v.now.Add(24*365*time.Hour))
	}
	return r.t.at(r.n, v.now)
}

func (w *World) table(object string) *table { return w.tables[strings.ToLower(object)] }

// state says whether a record is there, in the bin or gone. The bin is emptied after
// some days.
func (v view) state(r rec) state {
	ver := v.at(r)
	switch {
	case ver == nil && r.t.isSeeded(v.w.seed, r.n):
		return live
	case ver == nil:
		return absent
	case ver.state == binned && !v.now.Before(ver.deleted.AddDate(0, 0, v.w.Settings.BinDays)):
		return vanished
	}
	return ver.state
}

// get is the value of a field: nil, string, bool, float64, time.Time or Address. Dates
// are strings.
func (v view) get(r rec, f *Field) any {
	if f.compute != nil {
		return f.compute(v, r)
	}
	if f.Type == "id" {
		return r.id()
	}
	if ver := v.at(r); ver != nil {
		if value, ok := ver.values[f.Name]; ok {
			return value
		}
	}
	return r.t.seededValue(v.w.seed, r.n, f)
}

func (t *table) seededValue(s *seeder, n int, f *Field) any {
	if n >= t.seeded || f.seed == nil {
		return nil
	}
	return f.seed(s, n, s.dice(f.salt, n))
}

// path follows references from field to field; nil where one is empty.
func (v view) path(r rec, names ...string) any {
	for i, name := range names {
		f := r.t.obj.field(name)
		if i == len(names)-1 {
			return v.get(r, f)
		}
		next, ok := v.follow(r, f)
		if !ok {
			return nil
		}
		r = next
	}
	return nil
}

// follow goes to the record a reference names; one in the bin is still found.
func (v view) follow(r rec, f *Field) (rec, bool) {
	id, ok := v.get(r, f).(string)
	if !ok {
		return rec{}, false
	}
	to, ok := v.w.table(f.RefersTo).find(id)
	if !ok {
		return rec{}, false
	}
	s := v.state(to)
	return to, s == live || s == binned
}

// children are the records whose reference names the parent, in order of their ids.
func (v view) children(parent rec, l link) []rec {
	id := parent.id()
	var numbers []int
	if parent.n < parent.t.seeded {
		numbers = l.field.back(v.w.seed, parent.n)
	}
	numbers = slices.Concat(numbers, l.from.moved[l.field][id])
	slices.Sort(numbers)
	var out []rec
	for _, n := range slices.Compact(numbers) {
		r := rec{l.from, n}
		if s := v.stateSafe(r); (s == live || s == binned) && v.get(r, l.field) == id {
			out = append(out, r)
		}
	}
	return out
}

// stateSafe takes numbers beyond the last record for absent ones: a deal may hand out
// children to the last parents that were not seeded.
func (v view) stateSafe(r rec) state {
	if r.n >= r.t.count {
		return absent
	}
	return v.state(r)
}
