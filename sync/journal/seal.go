package journal

import (
	"context"
	"encoding/json"
	"slices"
)

// Seal fixes the changeset: from here on the run is resumed, not begun anew. In one
// transaction it stores totals and digests, writes the notes, clears the dirty
// marks the compare covered (see PhaseCompare), and closes the items of the
// compared accounts that this run did not put again. A run that never entered
// PhaseCompare clears and closes nothing.
func (j *Journal) Seal(ctx context.Context, run Run, s Sealed) error {
	totals, err := j.countAll(ctx, run.ID) // before: only this run writes them, and counting keeps nobody waiting
	if err != nil {
		return err
	}
	return j.inTx(ctx, "journal.seal", func(t *tx) error {
		if err := t.unsealed(ctx, run); err != nil {
			return err
		}
		var upto int64
		if err := t.get(ctx, &upto, `SELECT upto FROM run WHERE id = ?`, run.ID); err != nil {
			return err
		}
		if upto > 0 {
			if err := t.closeCompared(ctx, run, upto, s.Accounts); err != nil {
				return err
			}
		}
		if err := t.mark(ctx, run.Pipeline, s.Again); err != nil {
			return err
		}
		if err := t.writeNotes(ctx, run, s.Notes); err != nil {
			return err
		}
		if err := t.keepTotals(ctx, run.ID, totals); err != nil {
			return err
		}
		return t.seal(ctx, run, s)
	}, &objectList, &dirtyList, &totalList)
}

func (t *tx) seal(ctx context.Context, run Run, s Sealed) error {
	const q = `UPDATE run SET sealed_at = ?, phase = ?, changeset = ?, totals = coalesce(?, totals) WHERE id = ?`
	var totals any
	if len(s.Totals) > 0 {
		totals = string(s.Totals)
	}
	if _, err := t.exec(ctx, q, t.j.now(), string(PhaseSeal), s.Digest, totals, run.ID); err != nil {
		return err
	}
	if s.PipelineDigest == "" {
		return nil
	}
	_, err := t.exec(ctx, `UPDATE pipeline SET digest = ?, day = ? WHERE id = ?`, s.PipelineDigest, s.Day.String(), run.Pipeline)
	return err
}

// NoteTotals replaces the totals of a sealed run that goes on.
func (j *Journal) NoteTotals(ctx context.Context, run Run, totals json.RawMessage) error {
	return j.inTx(ctx, "journal.totals", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		_, err := t.exec(ctx, `UPDATE run SET totals = ? WHERE id = ?`, string(totals), run.ID)
		return err
	})
}

// closeCompared closes items and clears marks; scope nil: of all that was dirty.
func (t *tx) closeCompared(ctx context.Context, run Run, upto int64, scope []string) error {
	if scope == nil {
		if err := t.closeItems(ctx, run, `(account = '' OR account IN (SELECT account FROM dirty WHERE pipeline = ? AND gen <= ?))`, run.Pipeline, upto); err != nil {
			return err
		}
		_, err := t.exec(ctx, `DELETE FROM dirty WHERE pipeline = ? AND gen <= ?`, run.Pipeline, upto)
		return err
	}
	for part := range slices.Chunk(scope, MaxPage) {
		cond, arg := among(t.Dialect, "account", part)
		if err := t.closeItems(ctx, run, cond, arg); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM dirty WHERE pipeline = ? AND gen <= ? AND `+cond, run.Pipeline, upto, arg); err != nil {
			return err
		}
	}
	return nil
}

// closeItems closes open items that this run did not put again.
func (t *tx) closeItems(ctx context.Context, run Run, cond string, args ...any) error {
	q := `UPDATE item SET over_at = ? WHERE pipeline = ? AND over_at = 0 AND last_run <> ? AND ` + cond
	_, err := t.exec(ctx, q, append([]any{t.j.now(), run.Pipeline, run.ID}, args...)...)
	return err
}

// Notes changes last-written rows without a write to the target: what was found in
// step, linked, or let go.
func (j *Journal) Notes(ctx context.Context, run Run, notes []ObjectNote) error {
	return j.inTx(ctx, "journal.notes", func(t *tx) error {
		if err := t.softGuard(ctx, run); err != nil {
			return err
		}
		return t.writeNotes(ctx, run, notes)
	}, &objectList)
}

func (t *tx) writeNotes(ctx context.Context, run Run, notes []ObjectNote) error {
	w := objectWriter{target: run.target}
	w.note(notes)
	return w.write(ctx, t)
}

// objectWriter gathers objects to store and to forget.
type objectWriter struct {
	target  int64
	known   bool // some of the rows may be there already
	rows    upserts
	forgets map[int64][]string // keys by kind
	linked  map[int64][]string // target ids by kind: no strangers any more
}

// upserts are rows of which none may come twice in one statement: the later wins.
type upserts struct {
	args []any
	at   map[string]int // where the row of a kind and key begins
}

func (u *upserts) add(key string, row ...any) {
	if u.at == nil {
		u.at = map[string]int{}
	}
	if i, twice := u.at[key]; twice {
		copy(u.args[i:], row)
		return
	}
	u.at[key] = len(u.args)
	u.args = append(u.args, row...)
}

func (w *objectWriter) put(o *Object) {
	if w.linked == nil {
		w.linked = map[int64][]string{}
	}
	w.rows.add(string(o.Kind)+o.Key, o.args(w.target)...)
	if o.TargetID != "" {
		kind := kindCode(o.Kind)
		w.linked[kind] = append(w.linked[kind], o.TargetID)
	}
}

func (w *objectWriter) note(notes []ObjectNote) {
	for i := range notes {
		w.known = true
		if notes[i].Forget {
			w.forget(&notes[i].Object)
		} else {
			w.put(&notes[i].Object)
		}
	}
}

func (w *objectWriter) forget(o *Object) {
	if w.forgets == nil {
		w.forgets = map[int64][]string{}
	}
	kind := kindCode(o.Kind)
	w.forgets[kind] = append(w.forgets[kind], o.Key)
}

// write stores it all; objects that are ours now are no strangers any more.
func (w *objectWriter) write(ctx context.Context, t *tx) error {
	put := t.add
	if w.known {
		put = t.put
	}
	if err := put(ctx, &objectList, w.rows.args); err != nil {
		return err
	}
	for kind, keys := range w.forgets {
		cond, arg := among(t.Dialect, "key", keys)
		if _, err := t.exec(ctx, `DELETE FROM object WHERE target = ? AND kind = ? AND `+cond, w.target, kind, arg); err != nil {
			return err
		}
	}
	for kind, ids := range w.linked {
		if _, err := t.dropStrangers(ctx, w.target, kind, ids); err != nil { // whoever links compares the account
			return err
		}
	}
	return nil
}
