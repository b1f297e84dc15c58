package journal

import (
	"context"
	"database/sql"
)

// where renders the conditions of a filter over the changes of a run.
func (f ChangeFilter) where(run int64, after Pos) where {
	var w where
	from, to := span(run)
	w.add("id > ?", max(from, idOf(run, after)))
	w.add("id < ?", to)
	if f.Held != nil && *f.Held {
		w.add("hold <> ''")
	}
	if f.Held != nil && !*f.Held {
		w.add("hold = ''")
	}
	w.number("class & ? <> 0", int64(f.Class))
	w.text("account = ?", f.Account)
	w.number("kind = ?", kindCode(f.Kind))
	w.number("op = ?", opCode(f.Op))
	if !f.Dropped {
		w.add("dropped = ''")
	}
	return w
}

// Changes returns changes of a run after a place, in order.
func (j *Journal) Changes(ctx context.Context, run int64, f ChangeFilter, after Pos, limit int) ([]ChangeRow, error) {
	w := f.where(run, after)
	q := `SELECT id, account, kind, key, op, class, hold, dropped, arr, body FROM change ` + w.String() + ` ORDER BY id LIMIT ?`
	return j.changes(ctx, q, append(w.args, min(limit, MaxPage))...)
}

func (j *Journal) changes(ctx context.Context, q string, args ...any) ([]ChangeRow, error) {
	var out []ChangeRow
	err := j.each(ctx, q, args, func(rows *sql.Rows) error {
		var c storedChange
		if err := rows.Scan(&c.ID, &c.Account, &c.Kind, &c.Key, &c.Op, &c.Class, &c.Hold, &c.Dropped, &c.ARR, &c.Body); err != nil {
			return err
		}
		out = append(out, c.row())
		return nil
	})
	return out, j.db.Fault("journal.changes", err)
}

// Made is a change and the run it belongs to.
type Made struct {
	Run int64
	ChangeRow
}

// History returns the changes of an account in all runs before one, newest first;
// before 0: from the newest on.
func (j *Journal) History(ctx context.Context, account string, before int64, limit int) ([]Made, error) {
	var w where
	w.add("account = ?", account)
	w.number("id < ?", before<<runBits)
	q := `SELECT id, account, kind, key, op, class, hold, dropped, arr, body FROM change ` + w.String() + ` ORDER BY id DESC LIMIT ?`
	var rows []storedChange
	if err := j.all(ctx, "journal.history", &rows, q, append(w.args, min(limit, MaxPage))...); err != nil {
		return nil, err
	}
	out := make([]Made, len(rows))
	for i := range rows {
		out[i] = Made{Run: rows[i].ID >> runBits, ChangeRow: rows[i].row()}
	}
	return out, nil
}

// HoldClass puts the changes of any of these classes on hold, those that are not
// held already, and says how much that is.
func (j *Journal) HoldClass(ctx context.Context, run Run, class uint32, reason string) (HeldCount, error) {
	var n HeldCount
	no := false
	w := ChangeFilter{Class: class, Held: &no}.where(run.ID, Pos{})
	err := j.inTx(ctx, "journal.hold", func(t *tx) error {
		if err := t.unsealed(ctx, run); err != nil {
			return err
		}
		q := `SELECT count(*) AS changes, count(DISTINCT account) AS accounts, coalesce(sum(arr), 0) AS arr FROM change ` + w.String()
		if err := t.get(ctx, &n, q, w.args...); err != nil {
			return err
		}
		_, err := t.exec(ctx, `UPDATE change SET hold = ? `+w.String(), append([]any{clean(reason)}, w.args...)...)
		return err
	})
	return n, err
}

// HoldChanges puts changes of an unsealed run on hold, as a whole or, where their bodies say
// so, in part.
func (j *Journal) HoldChanges(ctx context.Context, run Run, rows []ChangeRow) error {
	return j.inTx(ctx, "journal.hold", func(t *tx) error {
		if err := t.unsealed(ctx, run); err != nil {
			return err
		}
		for i := range rows {
			c := &rows[i]
			if _, err := t.exec(ctx, `UPDATE change SET hold = ?, body = ? WHERE id = ?`, clean(c.Hold), c.Body, idOf(run.ID, c.Pos())); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropChanges takes the changes of accounts out of the changeset, because they
// moved meanwhile, and returns how many. What went out already stays.
func (j *Journal) DropChanges(ctx context.Context, run Run, accounts []string, why string) (int, error) {
	var n int64
	err := j.inTx(ctx, "journal.drop", func(t *tx) (err error) {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		cond, arg := among(t.Dialect, "account", accounts)
		q := `
			UPDATE change SET dropped = ?
			WHERE  id > ? AND id < ? AND dropped = '' AND ` + cond + `
			AND    id > (SELECT coalesce(max(to_id), 0) FROM batch WHERE run = ?)`
		from, to := span(run.ID)
		n, err = t.exec(ctx, q, clean(why), from, to, arg, run.ID)
		return err
	})
	return int(n), err
}

// DropAt takes the changes at some places out of the changeset. What went out already
// stays.
func (j *Journal) DropAt(ctx context.Context, run Run, places []Pos, why string) error {
	return j.inTx(ctx, "journal.drop", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		const q = `
			UPDATE change SET dropped = ?
			WHERE  id = ? AND dropped = '' AND id > (SELECT coalesce(max(to_id), 0) FROM batch WHERE run = ?)`
		for _, p := range places {
			if _, err := t.exec(ctx, q, clean(why), idOf(run.ID, p), run.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// CopyChanges copies chosen changes of an earlier run into an unsealed one, in
// their order and released from hold, and returns how many.
func (j *Journal) CopyChanges(ctx context.Context, run Run, from int64, f ChangeFilter) (int, error) {
	w := f.where(from, Pos{})
	var n int64
	err := j.inTx(ctx, "journal.copy", func(t *tx) (err error) {
		if err := t.unsealed(ctx, run); err != nil {
			return err
		}
		q := `
			INSERT INTO change (id, account, kind, key, op, class, arr, body)
			SELECT id + ?, account, kind, key, op, class, arr, body FROM change ` + w.String() + ` ON CONFLICT (id) DO NOTHING`
		n, err = t.exec(ctx, q, append([]any{(run.ID - from) << runBits}, w.args...)...)
		return err
	})
	return int(n), err
}
