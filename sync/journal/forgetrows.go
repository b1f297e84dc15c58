package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
)

// sweepObjects looks at objects and stores those that fn changed.
func (f *forgetting) sweepObjects(ctx context.Context, cond string, fn func(*objectRow) (bool, error)) error {
	const order = ` AND (o.target, o.kind, o.key) > (?, ?, ?) ORDER BY o.target, o.kind, o.key LIMIT ?`
	var target, kind int64
	key, more, err := "", true, error(nil)
	for more && err == nil {
		err = f.j.inTx(ctx, "journal.forget", func(t *tx) error {
			var rows []struct {
				Target int64
				objectRow
			}
			q := strings.Replace(selectObject, "SELECT", "SELECT o.target,", 1) + `WHERE ` + cond + order
			if err := t.all(ctx, &rows, q, target, kind, key, sweepPage); err != nil {
				return err
			}
			more = len(rows) > 0
			for i := range rows {
				r := &rows[i]
				target, kind, key = r.Target, r.Kind, r.Key
				changed, err := fn(&r.objectRow)
				if err == nil && changed {
					f.counts["object"]++
					const q = `UPDATE object SET last = ?, have = ? WHERE target = ? AND kind = ? AND key = ?`
					_, err = t.exec(ctx, q, nilIfEmpty(r.Last), nilIfEmpty(r.Have), r.Target, r.Kind, r.Key)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return err
}

// objects redacts what was last written and what the target holds.
func (f *forgetting) objects(ctx context.Context) error {
	return f.sweepObjects(ctx, `o.kind > 0`, func(r *objectRow) (bool, error) {
		w := f.of(nameOf(kindNames, r.Kind), r.Key)
		if w != own && !f.namedBy(string(r.Last)) && !f.namedBy(string(r.Have)) {
			return false, nil
		}
		last, have := string(r.Last), string(r.Have)
		var err error
		if r.Last, err = f.fields(r.Key, r.Last, w); err != nil {
			return false, err
		}
		r.Have, err = f.fields(r.Key, r.Have, w)
		return string(r.Last) != last || string(r.Have) != have, err
	})
}

// strangers forgets users of the target that are the person's and carry no key.
func (f *forgetting) strangers(ctx context.Context) error {
	var rows []struct {
		Target int64
		strangerRow
	}
	const q = `SELECT target, kind, target_id, fields, claims FROM stranger WHERE (target, kind, target_id) > (?, ?, ?) ORDER BY target, kind, target_id LIMIT ?`
	var target, kind int64
	for id := ""; ; {
		rows = rows[:0]
		if err := f.j.all(ctx, "journal.forget", &rows, q, target, kind, id, sweepPage); err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			r := &rows[i]
			target, kind, id = r.Target, r.Kind, r.TargetID
			theirs, err := f.stranger(&r.strangerRow)
			if err != nil {
				return err
			}
			if !theirs {
				continue
			}
			f.counts["stranger"]++
			err = f.j.inTx(ctx, "journal.forget", func(t *tx) error {
				_, err := t.dropStrangers(ctx, r.Target, r.Kind, []string{r.TargetID})
				return err
			}, &claimList)
			if err != nil {
				return err
			}
		}
	}
}

// stranger reports whether a user of the target is the person's.
func (f *forgetting) stranger(r *strangerRow) (bool, error) {
	if !f.hints(r.Fields) && !f.hints(r.Claims) {
		return false, nil
	}
	s, err := r.stranger()
	return err == nil && (f.tellsOf(s.Fields) || slices.ContainsFunc(s.Claims, func(c Claim) bool { return f.emails[c.Value] })), err
}

// changes redacts the changes of all runs.
func (f *forgetting) changes(ctx context.Context) error {
	const q = `SELECT id, account, kind, key, op, class, hold, dropped, arr, body FROM change WHERE id > ? ORDER BY id LIMIT ?`
	const put = `UPDATE change SET body = ?, hold = ?, dropped = 'it told of a person who was forgotten' WHERE id = ?`
	after, more, err := int64(0), true, error(nil)
	for more && err == nil {
		err = f.j.inTx(ctx, "journal.forget", func(t *tx) error {
			var rows []storedChange
			if err := t.all(ctx, &rows, q, after, sweepPage); err != nil {
				return err
			}
			more = len(rows) > 0
			for i := range rows {
				r := &rows[i]
				after = r.ID
				if !f.keyed(r.Key) && !f.namedBy(string(r.Body)) {
					continue
				}
				body, told, err := f.change(r.Key, r.Body)
				if err != nil {
					return err
				}
				if !told && !f.mentions(r.Hold) {
					continue
				}
				f.counts["change"]++
				if _, err := t.exec(ctx, put, body, f.text(r.Hold), r.ID); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return err
}

// items redacts items; their digest goes too, for it was made of the value.
func (f *forgetting) items(ctx context.Context) error {
	const put = `UPDATE item SET ident = ?, value = ?, said = ?, body = ? WHERE id = ?`
	for after := int64(0); ; {
		var rows []itemRow
		if err := f.j.all(ctx, "journal.forget", &rows, selectItem+`WHERE id > ? ORDER BY id LIMIT ?`, after, sweepPage); err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			r := &rows[i]
			after = r.ID
			w := f.of(nameOf(kindNames, r.Kind), r.Key)
			if w != own && !f.namedBy(r.Value+r.Said+string(r.Body)) {
				continue
			}
			value, said, body := f.text(r.Value), f.text(r.Said), f.values(r.Body, w)
			if w == own || w == anyones && f.names[value] {
				value, said = Forgotten, Forgotten
			}
			if w != own && value == r.Value && said == r.Said && bytes.Equal(body, r.Body) {
				continue
			}
			f.counts["item"]++
			err := f.j.inTx(ctx, "journal.forget", func(t *tx) error {
				_, err := t.exec(ctx, put, []byte(rand.Text())[:16], value, said, nilIfEmpty(body), r.ID)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
}

// values redacts a body of packed values; one that is something else goes whole.
func (f *forgetting) values(b []byte, w whose) []byte {
	r := pack.Read(b)
	var out []byte
	for !r.Done() {
		v := helpdesk.UnpackValue(r)
		if r.Err() != nil {
			return nil
		}
		out = f.value(v, w).Pack(out)
	}
	return out
}

// texts redacts addresses in free texts.
func (f *forgetting) texts(ctx context.Context) error {
	for _, c := range []struct{ table, column string }{
		{"outcome", "said"},
		{"outbox", "said"},
		{"outbox", "channel"}, // one that waits for a recipient apart has the address; nobody is told then
		{"outcome", "token"},
		{"decision", "reason"},
		{"decision", "want"},
		{"decision", "value"},
		{"decision", "why"},
		{"audit", "ref"},
		{"audit", "detail"},
		{"run", "error"},
		{"change", "dropped"},
	} {
		for e := range f.emails {
			if err := f.column(ctx, c.table, c.column, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *forgetting) column(ctx context.Context, table, column, email string) error {
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	q := `SELECT id, ` + column + ` AS said FROM ` + table + ` WHERE id > ? AND lower(` + column + `) LIKE ? ESCAPE '\' ORDER BY id LIMIT ?`
	for after := int64(0); ; {
		var rows []struct {
			ID   int64
			Said string
		}
		err := f.j.inTx(ctx, "journal.forget", func(t *tx) error {
			if err := t.all(ctx, &rows, q, after, "%"+escape.Replace(email)+"%", sweepPage); err != nil {
				return err
			}
			for _, r := range rows {
				after = r.ID
				if !f.mentions(r.Said) {
					continue
				}
				f.counts[table]++
				if _, err := t.exec(ctx, `UPDATE `+table+` SET `+column+` = ? WHERE id = ?`, f.text(r.Said), r.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(rows) == 0 {
			return err
		}
	}
}
