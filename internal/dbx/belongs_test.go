package dbx_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// made makes a SQLite file with one table and returns its path.
func made(t *testing.T, table string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some.db")
	db, err := dbx.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	db.MustExec("CREATE TABLE " + table + " (id integer)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileOfTheOtherKindIsRefusedByName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ table, name, want string }{
		"its own":            {"journal_version", "journal", ""},
		"a store":            {"sqldesk_version", "journal", "is a helpdesk store, not a journal"},
		"a journal":          {"journal_version", "sqldesk", "is a journal, not a helpdesk store"},
		"of someone unknown": {"bookmarks", "sqldesk", "is the database of another program, not a helpdesk store"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := made(t, tt.table)
			for who, err := range map[string]error{
				"Belongs": dbx.Belongs(t.Context(), "sqlite:"+path, tt.name), "CopyOf": dbx.CopyOf(t.Context(), path, tt.name),
			} {
				if tt.want == "" && err != nil || tt.want != "" && (fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("%s = %v, want %q", who, err, tt.want)
				}
			}
		})
	}
}

func TestAFileWithoutTablesBelongsToWhoComesFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, filepath.Join(dir, "absent.db")} {
		if err := dbx.Belongs(t.Context(), "sqlite:"+path, "journal"); err != nil {
			t.Errorf("Belongs(%s) = %v", path, err)
		}
	}
	if err := dbx.CopyOf(t.Context(), empty, "journal"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("CopyOf an empty file = %v, want invalid", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "absent.db")); err == nil {
		t.Error("the look made a file")
	}
}
