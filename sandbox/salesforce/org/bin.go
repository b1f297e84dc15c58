package org

import "slices"

// Delete puts a record and what hangs on it into the recycle bin.
func (tx *Tx) Delete(object, id string) error {
	r, err := tx.live(object, id)
	if err != nil {
		return err
	}
	if o := r.t.obj; o.Fixed || o.Name == "User" || o.field("IsDeleted") == nil {
		return refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
	}
	tx.drop(r)
	return nil
}

// DeleteByID is Delete of a record whose object the id tells.
func (tx *Tx) DeleteByID(id string) error {
	r, err := tx.w.locate(id)
	if err != nil {
		return err
	}
	return tx.Delete(r.t.obj.Name, id)
}

// drop deletes a record with its children; child accounts only lose their parent.
func (tx *Tx) drop(r rec) {
	v := tx.newest()
	for _, l := range r.t.links {
		for _, child := range v.children(r, l) {
			switch {
			case v.state(child) != live:
			case l.from == r.t:
				tx.bump(child, map[string]any{l.field.Name: nil})
			default:
				tx.drop(child)
			}
		}
	}
	if tx.newest().state(r) == live {
		tx.remove(r)
	}
}

// Undelete brings a record back from the bin, with the children that went with it. The
// loser of a merge comes back without its children (Apex guide, Restoring Deleted Records).
func (tx *Tx) Undelete(id string) error {
	r, by, err := tx.binned(id)
	if err != nil {
		return err
	}
	tx.restore(r, by)
	return nil
}

func (tx *Tx) binned(id string) (rec, int, error) {
	r, err := tx.w.locate(id)
	if err != nil {
		return r, 0, err
	}
	v := tx.newest()
	if v.state(r) != binned {
		return r, 0, refuse("UNDELETE_FAILED", "Entity is not in the recycle bin")
	}
	return r, v.at(r).by, nil
}

func (tx *Tx) restore(r rec, by int) {
	values := map[string]any{"IsDeleted": false}
	if r.t.obj.Merges {
		values["MasterRecordId"] = nil
	}
	tx.set(r, values)
	tx.change(r, func(v *version) { v.state = live })
	v := tx.newest()
	for _, l := range r.t.links {
		for _, child := range v.children(r, l) {
			if ver := v.at(child); ver != nil && ver.state == binned && ver.by == by {
				tx.restore(child, by)
			}
		}
	}
	tx.moved(r, nil)
}

// locate finds a record by its id alone.
func (w *World) locate(id string) (rec, error) {
	full, ok := fullID(id)
	if ok {
		for _, t := range w.order {
			if r, ok := t.find(full); ok {
				return r, nil
			}
		}
	}
	return rec{}, NotFound()
}

// Purge empties the bin of one record, which queryAll then no longer shows; the log of
// deletes still does.
func (tx *Tx) Purge(id string) error {
	r, _, err := tx.binned(id)
	if err != nil {
		return err
	}
	tx.change(r, func(v *version) { v.state = vanished })
	return nil
}

// PurgeAll empties the bin, and says how many records were in it.
func (tx *Tx) PurgeAll() int {
	count := 0
	v := tx.newest()
	for _, t := range tx.w.order {
		for n := range t.rows {
			if r := (rec{t, n}); v.state(r) == binned {
				tx.change(r, func(ver *version) { ver.state = vanished })
				count++
			}
		}
	}
	return count
}

// HardDelete takes records away without a trace: neither queryAll nor the log of
// deletes knows them.
func (tx *Tx) HardDelete(ids ...string) error {
	for _, id := range ids {
		r, err := tx.w.locate(id)
		if err != nil {
			return err
		}
		if s := tx.newest().state(r); s != live && s != binned {
			return NotFound()
		}
		for _, child := range slices.Concat(tx.family(r)...) {
			tx.vanish(child)
		}
		tx.vanish(r)
	}
	return nil
}

// family are the children of a record that cannot be without it.
func (tx *Tx) family(r rec) [][]rec {
	v := tx.newest()
	var out [][]rec
	for _, l := range r.t.links {
		if l.from == r.t {
			continue
		}
		children := v.children(r, l)
		out = append(out, children)
		for _, child := range children {
			out = append(out, tx.family(child)...)
		}
	}
	return out
}
