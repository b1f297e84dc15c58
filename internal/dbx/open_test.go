package dbx_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/internal/fault"
)

func open(t testing.TB, dsn string) *dbx.DB {
	t.Helper()
	db, err := dbx.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestOpenAnswers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		var n int
		q, args, err := db.In("SELECT count(*) FROM (SELECT 1 AS a UNION SELECT 2 UNION SELECT 3) AS x WHERE a IN (?) AND a > ?", []int{1, 2}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Get(&n, q, args...); err != nil || n != 1 {
			t.Errorf("Get(%s, %v) = %d, %v, want 1", q, args, n, err)
		}
	})
}

func TestSQLiteFileIsForItsOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b?100%#.db")
	db := open(t, "sqlite:"+path)
	db.MustExec("CREATE TABLE t (a)")
	for _, p := range []string{path, path + "-wal"} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", p, info.Mode())
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		dsn  string
		kind fault.Kind
		want string
	}{
		"another database":         {"mysql://x", fault.Invalid, "written as sqlite:FILE or postgres://"},
		"no file":                  {"sqlite:", fault.Invalid, "names no file"},
		"no folder":                {"sqlite:" + dir + "/no/x.db", fault.NotFound, "the folder " + dir + "/no of the database does not exist; create it"},
		"a folder for a file":      {"sqlite:" + dir, fault.Denied, "may not write the database file"},
		"no database in the file":  {"sqlite:" + junk, fault.Invalid, "the file is not a database, or it is damaged (" + junk + "); restore a backup"},
		"sslmode not stated":       {"postgres://me:hush@db.example/x", fault.Invalid, "PostgreSQL at db.example/x states no sslmode"},
		"sslmode unknown":          {"postgres://me:hush@db.example/x?sslmode=maybe", fault.Invalid, "db.example/x cannot be used"},
		"a password with a slash":  {"postgres://me:hu/sh@db.example/x", fault.Invalid, "write special characters of user and password as %XX"},
		"nobody listens":           {"postgres://me:hush@127.0.0.1:1/x?sslmode=disable", fault.Unavailable, "the connection to the database is lost or refused (127.0.0.1:1/x)"},
		"no socket in that folder": {"postgres://me@/x?sslmode=disable&host=" + dir, fault.Unavailable, "lost or refused (" + dir + "/x)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := dbx.Open(t.Context(), tt.dsn)
			if err == nil || fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Open(%s) = %v, want %v with %q", tt.dsn, err, tt.kind, tt.want)
			}
			if strings.Contains(err.Error(), "hu") && strings.Contains(err.Error(), "sh@") || strings.Contains(err.Error(), "hush") {
				t.Errorf("Open shows the password: %v", err)
			}
		})
	}
}
