package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx"
)

// edits are one change on either side, and what the organizations looked like
// before the run that is to find both.
type edits struct {
	charged organization // its charge was changed in the export
	touched organization // one of its fields was changed in the store
	field   string
}

// edit changes the last charge of the world's export and one field of another
// organization by plain SQL. n makes each edit unlike the ones before.
func (w *world) edit(ctx context.Context, n int) (e edits, err error) {
	var charge crmgen.Charge
	farOff := func(c *crmgen.Charge) { c.End += day.Day(10_000 + n) } // later than any other charge of the account
	if charge, _, err = crmgen.ChangeLastCharge(w.data, farOff); err != nil {
		return e, err
	}
	if e.charged, err = w.find(ctx, charge.Account); err != nil {
		return e, fmt.Errorf("the account %s of the last charge: %w", charge.Account, err)
	}
	const middle = `
		SELECT external_id, fields, seq
		FROM   organization
		WHERE  external_id IS NOT NULL AND external_id <> ?
		ORDER  BY id
		LIMIT  1
		OFFSET (SELECT count(*) / 2 FROM organization)`
	if e.touched, err = w.first(ctx, middle, e.charged.Key); err != nil {
		return e, err
	}
	return e, w.touch(ctx, &e, n)
}

// touch writes another value into a field that desksync wrote: an amount if there
// is one, else a text.
func (w *world) touch(ctx context.Context, e *edits, n int) error {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(e.touched.Fields), &fields); err != nil {
		return err
	}
	keys, err := fieldKeys(ctx, e.touched.dsn)
	if err != nil {
		return err
	}
	for _, key := range keys {
		old, ok := fields[key]
		if !ok || string(old) == "null" {
			continue
		}
		e.field, fields[key] = key, other(old, n)
		text, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		return e.touched.write(ctx, `UPDATE organization SET fields = ? WHERE external_id = ?`, string(text), e.touched.Key)
	}
	return fmt.Errorf("the organization %s has no amount, number or text to edit", e.touched.Key)
}

// other is a value of the same JSON type that no rule yields.
func other(old json.RawMessage, n int) json.RawMessage {
	if bytes.HasPrefix(old, []byte(`"`)) {
		var text string
		if json.Unmarshal(old, &text) == nil && json.Valid([]byte(text)) {
			return json.RawMessage(fmt.Sprintf(`"%d"`, 987_654_000+n)) // a number kept as text
		}
		return json.RawMessage(fmt.Sprintf(`"edited by hand %d"`, n))
	}
	return json.RawMessage(fmt.Sprint(987_654_000 + n))
}

func fieldKeys(ctx context.Context, dsn string) ([]string, error) {
	const q = `
		SELECT key
		FROM   field
		WHERE  type IN ('decimal', 'integer', 'text')
		ORDER  BY CASE type WHEN 'decimal' THEN 0 WHEN 'integer' THEN 1 ELSE 2 END, key`
	db, err := dbx.OpenReadOnly(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	var keys []string
	return keys, db.SelectContext(ctx, &keys, q)
}

// found counts which of the two edits a run has dealt with: the charge by a write
// to its organization; the field by its old value being back or, where the policy
// holds, by its organization standing in the list of drift.
func (b *Bench) found(ctx context.Context, w *world, e edits) (int, error) {
	n := 0
	charged, err := w.find(ctx, e.charged.Key)
	if err != nil {
		return 0, err
	}
	if charged.Fields != e.charged.Fields {
		n++
	}
	touched, err := w.find(ctx, e.touched.Key)
	if err != nil {
		return n, err
	}
	if sameField(touched.Fields, e.touched.Fields, e.field) {
		return n + 1, nil
	}
	listed, err := b.drifted(ctx, w, e.touched.Key)
	if listed {
		n++
	}
	return n, err
}

func sameField(a, b, field string) bool {
	var x, y map[string]any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return x[field] == y[field]
}

// drifted reports whether the product lists an organization as drifted.
func (b *Bench) drifted(ctx context.Context, w *world, key string) (bool, error) {
	name := filepath.Join(w.dir, "drift.json")
	out, err := os.Create(name)
	if err != nil {
		return false, err
	}
	_, err = b.child(ctx, out, []int{0, 4}, w.dir, b.binary, "drift", "--config", w.config(), "--json")
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return false, err
	}
	text, err := os.ReadFile(name)
	return bytes.Contains(text, []byte(key)), err
}
