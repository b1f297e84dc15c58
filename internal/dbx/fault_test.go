package dbx_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/internal/fault"
)

const ruled = `
	CREATE TABLE org (id integer PRIMARY KEY, name text NOT NULL, kind text NOT NULL DEFAULT 'a', code text, UNIQUE (name, kind),
		CONSTRAINT short_name CHECK (length(name) < 10));
	CREATE UNIQUE INDEX org_lower ON org (lower(code));
	CREATE TABLE member (org integer NOT NULL REFERENCES org (id));
	INSERT INTO org (id, name, code) VALUES (1, 'Acme', 'x')`

func TestViolationsAreNamed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		statement string
		want      dbx.Violation
	}{
		"the same key":        {"INSERT INTO org (id, name) VALUES (1, 'Other')", dbx.Violation{Rule: dbx.Unique, Table: "org", Columns: []string{"id"}}},
		"the same two":        {"INSERT INTO org (id, name) VALUES (2, 'Acme')", dbx.Violation{Rule: dbx.Unique, Table: "org", Columns: []string{"name", "kind"}}},
		"the same when lower": {"INSERT INTO org (id, name, code) VALUES (2, 'Other', 'X')", dbx.Violation{Rule: dbx.Unique, Constraint: "org_lower"}},
		"nobody there":        {"INSERT INTO member (org) VALUES (7)", dbx.Violation{Rule: dbx.ForeignKey}},
		"too long":            {"INSERT INTO org (id, name) VALUES (2, 'Acme Incorporated')", dbx.Violation{Rule: dbx.Check, Constraint: "short_name"}},
		"nothing":             {"INSERT INTO org (id, name) VALUES (2, NULL)", dbx.Violation{Rule: dbx.NotNull, Table: "org", Columns: []string{"name"}}},
	}
	dbtest.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		db.MustExec(ruled)
		for name, tt := range tests {
			_, err := db.Exec(tt.statement)
			v, ok := dbx.Violated(err)
			if !ok || v.Rule != tt.want.Rule || dbx.IsUnique(err) != (v.Rule == dbx.Unique) {
				t.Errorf("%s: Violated(%v) = %+v, %v, want %+v", name, err, v, ok, tt.want)
			}
			if c := tt.want.Columns; c != nil && (v.Table != tt.want.Table || !slices.Equal(v.Columns, c)) {
				t.Errorf("%s: Violated(%v) = %+v, want %+v", name, err, v, tt.want)
			}
			if c := tt.want.Constraint; c != "" && v.Constraint != c {
				t.Errorf("%s: Violated(%v) names %q, want %q", name, err, v.Constraint, c)
			}
			if kind := fault.KindOf(db.Fault("test", err)); kind != fault.Invalid {
				t.Errorf("%s: kind %v, want invalid", name, kind)
			}
		}
	})
}

func TestOtherErrorsViolateNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, dsn string) {
		_, err := open(t, dsn).Exec("SELECT nothing FROM nowhere")
		if v, ok := dbx.Violated(err); ok || dbx.IsUnique(err) {
			t.Errorf("Violated(%v) = %+v", err, v)
		}
	})
}

func wantFault(t *testing.T, err error, kind fault.Kind, text string) {
	t.Helper()
	if fault.KindOf(err) != kind || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want %v with %q", err, kind, text)
	}
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.SQLite(t))
	db.MustExec("CREATE TABLE t (a text)")
	db.MustExec("PRAGMA max_page_count = 20")
	err := db.Tx(t.Context(), "test.fill", func(tx *dbx.Tx) error {
		_, err := tx.Exec("INSERT INTO t VALUES (hex(zeroblob(1000000)))")
		return err
	})
	wantFault(t, err, fault.Unavailable, "test.fill: unavailable: no room is left on the disk of the database ("+db.Name+"); make room")
	if strings.Contains(err.Error(), "rollback") {
		t.Errorf("what SQLite took back itself is said to go wrong: %v", err)
	}
}

func TestLockedByAnotherProcess(t *testing.T) {
	t.Parallel()
	dsn := dbtest.SQLite(t)
	first, second := open(t, dsn), open(t, dsn)
	second.MustExec("PRAGMA busy_timeout = 1")
	err := first.Tx(t.Context(), "test.first", func(*dbx.Tx) error {
		return second.Tx(t.Context(), "test.second", func(*dbx.Tx) error { return nil })
	})
	wantFault(t, err, fault.Unavailable, "test.second: unavailable: another process keeps the database locked ("+second.Name+")")
}

func TestConnectionCutInMidTransaction(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	db, other := open(t, dsn), open(t, dsn)
	err := db.Tx(t.Context(), "test.write", func(tx *dbx.Tx) error {
		var pid int
		if err := tx.Get(&pid, "SELECT pg_backend_pid()"); err != nil {
			return err
		}
		other.MustExec("SELECT pg_terminate_backend($1)", pid)
		_, err := tx.Exec("SELECT 1")
		return err
	})
	wantFault(t, err, fault.Unavailable, "the connection to the database is lost or refused ("+db.Name+"); run again when the server answers")
	if err := db.Ping(); err != nil {
		t.Errorf("the next use does not connect anew: %v", err)
	}
}

func TestPostgresRefusals(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	db := open(t, dsn)
	_, err := dbx.Open(t.Context(), strings.Replace(dsn, "postgres://desksync@", "postgres://stranger@", 1))
	wantFault(t, err, fault.Denied, "the database refuses this user")
	_, err = dbx.Open(t.Context(), strings.Replace(dsn, "?", "_no?", 1))
	wantFault(t, err, fault.NotFound, "the database does not exist")
	tx, err := db.BeginTxx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = tx.Exec("CREATE TABLE t (a integer)")
	wantFault(t, db.Fault("test", errors.Join(err, tx.Rollback())), fault.Denied, "the database cannot be written")
}

func TestFaultLeavesAloneWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.SQLite(t))
	if err := db.Fault("test", nil); err != nil {
		t.Errorf("Fault(nil) = %v", err)
	}
	own := fault.New("mine", fault.Unsafe, errors.New("held"))
	if err := db.Fault("test", own); err.Error() != own.Error() {
		t.Errorf("Fault of a fault = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := db.Tx(ctx, "test", func(*dbx.Tx) error { return nil })
	if !errors.Is(err, context.Canceled) || fault.KindOf(err) != fault.Unknown {
		t.Errorf("a cancelled transaction = %v", err)
	}
	wantFault(t, db.Get(new(int), "SELECT 1 WHERE 1 = 2"), fault.Unknown, "no rows")
	wantFault(t, db.Fault("test", db.Get(new(int), "SELECT 1 WHERE 1 = 2")), fault.NotFound, "no rows")
}

func TestConnectionCutInMidCopy(t *testing.T) {
	t.Parallel()
	dsn := ready.Postgres(t)
	db, other := open(t, dsn), open(t, dsn)
	err := db.Tx(t.Context(), "test.load", func(tx *dbx.Tx) error {
		var pid int
		if err := tx.Get(&pid, "SELECT pg_backend_pid()"); err != nil {
			return err
		}
		_, err := tx.Load(t.Context(), stage, func(yield func([]any) bool) {
			for r := range rows(30_000, "a") {
				if r[1] == "001Aa0000005000IAG" {
					other.MustExec("SELECT pg_terminate_backend($1)", pid)
				}
				if !yield(r) {
					return
				}
			}
		})
		return err
	})
	wantFault(t, err, fault.Unavailable, "the connection to the database is lost or refused ("+db.Name+")")
	if n := digest(stored(t, db)); n != "" {
		t.Error("half a copy was kept")
	}
}
