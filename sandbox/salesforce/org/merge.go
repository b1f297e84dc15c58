package org

import "slices"

// Merge makes one record of up to three (SOAP guide, merge): the losers go to the bin
// with MasterRecordId, and their children to the master. Values are set on the master.
func (tx *Tx) Merge(object, master string, losers []string, values map[string]any) error {
	o, ok := tx.w.Object(object)
	if !ok {
		return NotSupported(object)
	}
	if !o.Merges || len(losers) == 0 || len(losers) > 2 {
		return refuse("INVALID_OPERATION", "merge takes one master and one or two other records of Account or Contact")
	}
	winner, err := tx.live(object, master)
	if err != nil {
		return err
	}
	var all []rec
	for _, id := range losers {
		r, err := tx.live(object, id)
		if err != nil {
			return err
		}
		if r == winner || slices.Contains(all, r) {
			return refuse("INVALID_OPERATION", "a record cannot be merged with itself")
		}
		all = append(all, r)
	}
	if len(values) > 0 || !tx.w.Settings.QuietMerge {
		if err := tx.Update(object, master, values); err != nil {
			return err
		}
	}
	for _, r := range all {
		tx.absorb(winner, r)
	}
	return nil
}

// absorb moves the children of a loser to the winner and puts the loser into the bin.
func (tx *Tx) absorb(winner, loser rec) {
	v := tx.newest()
	for _, l := range loser.t.links {
		for _, child := range v.children(loser, l) {
			if v.state(child) == live {
				tx.adopt(winner, child, l)
			}
		}
	}
	tx.set(loser, map[string]any{"IsDeleted": true, "MasterRecordId": winner.id()})
	tx.change(loser, func(ver *version) { ver.state, ver.deleted, ver.by = binned, tx.stamp, tx.id })
}

// adopt gives one child to the winner. Rows that only join two records are made anew,
// unless the winner has such a row already.
func (tx *Tx) adopt(winner, child rec, l link) {
	if child == winner { // it was the loser's child account
		tx.bump(child, map[string]any{l.field.Name: nil})
		return
	}
	if !l.field.Fixed {
		before := tx.newest().get(child, l.field)
		tx.hand(child, map[string]any{l.field.Name: winner.id()})
		tx.moved(child, before)
		return
	}
	if tx.newest().state(child) != live { // its contact has moved, and took it along
		return
	}
	values := tx.writable(child)
	values[l.field.Name] = winner.id()
	tx.vanish(child)
	if !tx.joined(l.from, values) {
		tx.insert(l.from, values)
	}
}

// writable are the values of a record that a copy of it would have.
func (tx *Tx) writable(r rec) map[string]any {
	v := tx.newest()
	values := map[string]any{}
	for _, f := range r.t.obj.Fields {
		if f.Writable() || f.Name == "IsDirect" {
			values[f.Name] = v.get(r, f)
		}
	}
	return values
}

// joined says whether a live row joins the same records already.
func (tx *Tx) joined(t *table, values map[string]any) bool {
	v := tx.newest()
	for _, f := range t.obj.Fields {
		if !f.Fixed || f.back == nil {
			continue
		}
		parent, ok := tx.w.table(f.RefersTo).find(values[f.Name].(string)) //nolint:forcetypeassert // a fixed reference is required
		if !ok {
			continue
		}
		return slices.ContainsFunc(v.children(parent, link{t, f}), func(r rec) bool {
			return v.state(r) == live && sameJoin(v, r, values)
		})
	}
	return false
}

func sameJoin(v view, r rec, values map[string]any) bool {
	for _, f := range r.t.obj.Fields {
		if f.Fixed && v.get(r, f) != values[f.Name] {
			return false
		}
	}
	return true
}
