package org

import (
	"maps"
	"slices"
	"time"
)

// Tx is one transaction: all it changes bears one stamp, in whole seconds. What it did
// is there at once for other changes, and for readers when LateCommit has passed.
type Tx struct {
	w     *World
	stamp time.Time
	from  time.Time
	id    int
	by    string // the user who did it
	undo  []func()
}

// Begin starts a transaction of the user with this id.
func (w *World) Begin(user string) *Tx {
	now := w.Now()
	w.open = slices.DeleteFunc(w.open, func(t *Tx) bool { return !t.from.After(now) })
	tx := &Tx{w: w, stamp: now.Truncate(time.Second), from: now.Add(w.Settings.LateCommit), by: user, id: w.nextTx}
	w.nextTx++
	if tx.from.After(now) {
		w.open = append(w.open, tx)
	}
	return tx
}

// Rollback takes back all that the transaction did.
func (tx *Tx) Rollback() { tx.RollbackTo(0) }

// Mark is a place to roll back to.
func (tx *Tx) Mark() int { return len(tx.undo) }

// RollbackTo takes back what the transaction did since the mark.
func (tx *Tx) RollbackTo(mark int) {
	for _, f := range slices.Backward(tx.undo[mark:]) {
		f()
	}
	tx.undo = tx.undo[:mark]
}

// newest reads what changes are made against: all that was ever written.
func (tx *Tx) newest() view { return view{w: tx.w, now: tx.w.Now(), all: true} }

// change makes a new version of a record.
func (tx *Tx) change(r rec, edit func(*version)) {
	old, had := r.t.rows[r.n]
	tx.undo = append(tx.undo, func() {
		if had {
			r.t.rows[r.n] = old
		} else {
			delete(r.t.rows, r.n)
		}
	})
	v := r.t.latest(tx.w.seed, r.n)
	edit(&v)
	v.from = tx.from
	r.t.keep(r.n, v, tx.w.Now())
}

// set writes values and moves the stamps, as a user's edit does.
func (tx *Tx) set(r rec, values map[string]any) {
	tx.change(r, func(v *version) {
		tx.put(r, v, values)
		v.values["LastModifiedDate"], v.values["LastModifiedById"] = tx.stamp, tx.by
	})
}

// bump writes values and moves SystemModstamp only, as the system does.
func (tx *Tx) bump(r rec, values map[string]any) {
	tx.change(r, func(v *version) { tx.put(r, v, values) })
}

// hand writes values as a merge does: whether that moves stamps is a setting.
func (tx *Tx) hand(r rec, values map[string]any) {
	if !tx.w.Settings.QuietMerge {
		tx.set(r, values)
		return
	}
	tx.change(r, func(v *version) { tx.write(r, v, values) })
}

func (tx *Tx) put(r rec, v *version, values map[string]any) {
	tx.write(r, v, values)
	v.values["SystemModstamp"] = tx.stamp
}

func (tx *Tx) write(r rec, v *version, values map[string]any) {
	maps.Copy(v.values, values)
	for name, value := range values {
		f := r.t.obj.field(name)
		if id, ok := value.(string); ok && f.back != nil {
			if r.t.moved[f] == nil {
				r.t.moved[f] = map[string][]int{}
			}
			r.t.moved[f][id] = append(r.t.moved[f][id], r.n)
		}
	}
}

// insert adds a record.
func (tx *Tx) insert(t *table, values map[string]any) rec {
	r := rec{t, t.count}
	t.count++
	all := map[string]any{"CreatedDate": tx.stamp, "CreatedById": tx.by}
	for _, f := range t.obj.Fields {
		if f.Default != nil {
			all[f.Name] = f.Default
		}
	}
	maps.Copy(all, values)
	tx.change(r, func(v *version) { v.state = live })
	tx.set(r, all)
	return r
}

// remove puts a record into the bin, or takes it away where its object has none.
func (tx *Tx) remove(r rec) {
	if r.t.obj.NoBin {
		tx.vanish(r)
		return
	}
	tx.set(r, map[string]any{"IsDeleted": true})
	tx.change(r, func(v *version) { v.state, v.deleted, v.by = binned, tx.stamp, tx.id })
}

// vanish takes a record away without a trace.
func (tx *Tx) vanish(r rec) {
	tx.change(r, func(v *version) { v.state, v.deleted, v.silent = vanished, tx.stamp, true })
}
