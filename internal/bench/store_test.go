package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx"
)

// tables are the parts of the store's schema that the measures read, with a counter
// that other programs' writes move, as there.
var tables = []string{
	`CREATE TABLE change_counter (seq bigint NOT NULL)`,
	`INSERT INTO change_counter VALUES (7)`,
	`CREATE TABLE organization (id integer PRIMARY KEY, external_id text, fields text NOT NULL, seq bigint NOT NULL DEFAULT 0)`,
	`CREATE TRIGGER moved AFTER UPDATE OF fields ON organization BEGIN UPDATE change_counter SET seq = seq + 1; END`,
	`CREATE TABLE helpdesk_user (id integer)`,
	`CREATE TABLE membership (id integer)`,
	`CREATE TABLE field (key text, type text)`,
	`INSERT INTO field VALUES ('account_owner', 'text'), ('aar', 'decimal'), ('support_level', 'dropdown'), ('unused', 'decimal')`,
	`INSERT INTO organization (id, external_id, fields) VALUES
		(1, 'hand-made', '{}'),
		(2, '001Aa000004QmX1IAK', '{"support_level":"gold","aar":4800,"account_owner":"D. Lee"}'),
		(3, 'of the last charge', '{"aar":100}')`,
	`INSERT INTO membership VALUES (1), (2)`,
}

// newStore returns a world with one store that holds tables, and an export whose
// last charge belongs to the organization 3.
func newStore(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{dir: dir, data: dir, stores: []string{"sqlite:" + filepath.Join(dir, "store.db")}}
	if err := fill(w.stores[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := crmgen.Write(context.Background(), dir, crmgen.Options{Accounts: 2}); err != nil {
		t.Fatal(err)
	}
	charge, _, err := crmgen.ChangeLastCharge(dir, func(*crmgen.Charge) {})
	if err != nil {
		t.Fatal(err)
	}
	o := organization{dsn: w.stores[0]}
	if err := o.write(context.Background(), `UPDATE organization SET external_id = ? WHERE id = 3`, charge.Account); err != nil {
		t.Fatal(err)
	}
	return w
}

// fill makes a store of tables.
func fill(dsn string) error {
	db, err := dbx.Open(context.Background(), dsn)
	if err != nil {
		return err
	}
	for _, statement := range tables {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}

func TestLookCountsRowsAndWrites(t *testing.T) {
	t.Parallel()
	w := newStore(t)
	before, err := w.look(t.Context())
	if err != nil || before != (state{Seq: 7, Organizations: 3, Memberships: 2}) {
		t.Fatalf("look = %+v, %v; want 3 organizations, 2 memberships, counter 7", before, err)
	}
	setFields(t, w, 3, `{"aar":101}`)
	if after, err := w.look(t.Context()); err != nil || after.Seq != 8 {
		t.Errorf("look after a write = %+v, %v; want counter 8", after, err)
	}
}

func TestEditChangesOneThingOnEitherSide(t *testing.T) {
	t.Parallel()
	w := newStore(t)
	e, err := w.edit(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if e.touched.Key != "001Aa000004QmX1IAK" || e.field != "aar" {
		t.Errorf("edit = %+v; want the last charge's organization and aar of another", e)
	}
	charge, _, err := crmgen.ChangeLastCharge(w.data, func(*crmgen.Charge) {})
	if err != nil || charge.Account != e.charged.Key || charge.End < day.MustParse("2050-01-01") {
		t.Errorf("last charge = %+v, %v; want it to end far off", charge, err)
	}
	after, err := w.find(t.Context(), e.touched.Key)
	if err != nil || !strings.Contains(after.Fields, `"aar":987654000`) || !strings.Contains(after.Fields, `"account_owner":"D. Lee"`) {
		t.Errorf("touched = %q, %v; want aar edited and the rest kept", after.Fields, err)
	}
}

func TestFoundLooksAtTheStore(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		charged, touched string // fields after the run; "": as edited
		want             int
	}{
		"both found":               {`{"aar":200}`, `{"aar":4800}`, 2},
		"the drift put right only": {"", `{"aar":4800}`, 1},
		"the charge only":          {`{"aar":200}`, "", 1},
		"neither":                  {"", "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStore(t)
			e, err := w.edit(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			setFields(t, w, 3, tt.charged)
			setFields(t, w, 2, tt.touched)
			b := &Bench{binary: product(t, "no drift"), now: time.Now}
			if got, err := b.found(t.Context(), w, e); err != nil || got != tt.want {
				t.Errorf("found = %d, %v; want %d", got, err, tt.want)
			}
		})
	}
}

func TestFoundTakesHeldDriftFromTheProduct(t *testing.T) {
	t.Parallel()
	w := newStore(t)
	e, err := w.edit(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	b := &Bench{binary: product(t, `{"key":"001Aa000004QmX1IAK","field":"aar"}`), now: time.Now}
	if got, err := b.found(t.Context(), w, e); err != nil || got != 1 {
		t.Errorf("found = %d, %v; want the drift that is listed", got, err)
	}
}

func TestOtherIsOfTheSameType(t *testing.T) {
	t.Parallel()
	for old, want := range map[string]string{`4800`: `987654002`, `"4800.50"`: `"987654002"`, `"D. Lee"`: `"edited by hand 2"`} {
		if got := other(json.RawMessage(old), 2); string(got) != want {
			t.Errorf("other(%s) = %s; want %s", old, got, want)
		}
	}
}

func TestFindOfNobody(t *testing.T) {
	t.Parallel()
	if _, err := newStore(t).find(t.Context(), "001"); !errors.Is(err, errNoOrganization) {
		t.Errorf("find: %v; want that no store holds it", err)
	}
}

// setFields writes an organization's fields, if there are any to write.
func setFields(t *testing.T, w *world, id int, fields string) {
	t.Helper()
	if fields == "" {
		return
	}
	o := organization{dsn: w.stores[0]}
	if err := o.write(t.Context(), `UPDATE organization SET fields = ? WHERE id = ?`, fields, id); err != nil {
		t.Fatal(err)
	}
}

// product stands in for the command: it prints one text, whatever it is asked.
func product(t *testing.T, says string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "desksync")
	if err := os.WriteFile(name, []byte("#!/bin/sh\necho '"+says+"'\nexit 4\n"), 0o700); err != nil { //nolint:gosec // a program is to be run
		t.Fatal(err)
	}
	return name
}
