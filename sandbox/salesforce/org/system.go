package org

import (
	"slices"
	"strings"
)

// RenamePick renames a value of a picklist everywhere: records that have it get a new
// SystemModstamp, and keep their LastModifiedDate. It says how many there were.
func (tx *Tx) RenamePick(object, field, from, to string) (int, error) {
	o, f, err := tx.w.named(object, field)
	if err != nil {
		return 0, err
	}
	i := slices.Index(f.Picks, from)
	if i < 0 || to == "" || slices.Contains(f.Picks, to) {
		return 0, refuse("INVALID_INPUT", "%s has no value %q that can become %q", f.Name, from, to)
	}
	f.Picks[i] = to
	t, v, count := tx.w.table(o.Name), tx.newest(), 0
	for n := range t.count {
		r := rec{t, n}
		text, _ := v.get(r, f).(string)
		values := strings.Split(text, ";")
		if j := slices.Index(values, from); j >= 0 && v.state(r) == live {
			values[j] = to
			tx.bump(r, map[string]any{f.Name: strings.Join(values, ";")})
			count++
		}
	}
	return count, nil
}

func (w *World) named(object, field string) (*Object, *Field, error) {
	o, ok := w.Object(object)
	if !ok {
		return nil, nil, NotSupported(object)
	}
	f, ok := w.Field(o, field)
	if !ok {
		return nil, nil, refuse("INVALID_FIELD", "No such column '%s' on sobject of type %s", field, o.Name)
	}
	return o, f, nil
}

// Touch sets the same values on many records at once, under one stamp: the live ones
// from number first on. It says how many it changed.
func (tx *Tx) Touch(object string, first, count int, values map[string]any) (int, error) {
	o, ok := tx.w.Object(object)
	if !ok {
		return 0, NotSupported(object)
	}
	clean, err := tx.clean(o, values, false)
	if err != nil {
		return 0, err
	}
	t, v, done := tx.w.table(o.Name), tx.newest(), 0
	for n := max(first, 0); n < t.count && done < count; n++ {
		if r := (rec{t, n}); v.state(r) == live {
			before := v.path(r, "Id")
			if o.Name == "Contact" {
				before = v.path(r, "AccountId")
			}
			tx.set(r, clean)
			tx.moved(r, before)
			done++
		}
	}
	return done, nil
}

// Count is how many records of an object are live and in the bin.
type Count struct{ Live, Bin int }

// Counts counts the records of each object. Seeded ones that nobody changed are counted
// without being looked at.
func (w *World) Counts() map[string]Count {
	v, out := w.view(), map[string]Count{}
	for _, o := range w.Objects() {
		t := w.table(o.Name)
		var c Count
		for n := range t.seeded {
			if t.obj.exists == nil {
				c.Live = t.seeded
				break
			}
			if t.obj.exists(w.seed, n) {
				c.Live++
			}
		}
		for n := range t.rows {
			if t.isSeeded(w.seed, n) {
				c.Live--
			}
			switch v.state(rec{t, n}) {
			case live:
				c.Live++
			case binned:
				c.Bin++
			}
		}
		out[o.Name] = c
	}
	return out
}

// IDOf is the id of record n of an object; records are numbered from 0.
func (w *World) IDOf(object string, n int) string {
	if t := w.table(object); t != nil {
		return makeID(t.obj.Prefix, n)
	}
	return ""
}

// UserByName finds the user with this login: id, and whether it is active.
func (w *World) UserByName(username string) (id string, active, ok bool) {
	v, t := w.view(), w.table("User")
	for n := range t.count {
		r := rec{t, n}
		if name, _ := v.path(r, "Username").(string); strings.EqualFold(name, username) {
			return r.id(), v.path(r, "IsActive") == true, true
		}
	}
	return "", false, false
}
