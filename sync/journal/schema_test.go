package journal

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
)

// columnsOf lists "table.column family null" of a journal; families are those that
// both databases know.
func columnsOf(t *testing.T, db *dbx.DB) []string {
	t.Helper()
	q := `SELECT m.name AS tbl, c.name AS col, lower(c.type) AS typ, c."notnull" AS strict FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> 'journal_version'`
	if db.Dialect == dbx.Postgres {
		q = `SELECT table_name AS tbl, column_name AS col, data_type AS typ, CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END AS strict
			FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'journal_version'`
	}
	var rows []struct {
		Tbl, Col, Typ string
		Strict        int
	}
	if err := db.Select(&rows, q); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		null := "null"
		if r.Strict == 1 || r.Col == "id" { // SQLite leaves it open for a primary key
			null = "not null"
		}
		out = append(out, r.Tbl+"."+r.Col+" "+family(r.Typ)+" "+null)
	}
	slices.Sort(out)
	return out
}

func family(typ string) string {
	switch typ {
	case "smallint", "integer", "bigint":
		return "number"
	case "real", "double precision":
		return "fraction"
	case "bytea", "blob":
		return "bytes"
	case "text", "jsonb":
		return "text"
	default:
		return typ
	}
}

func indexesOf(t *testing.T, db *dbx.DB) []string {
	t.Helper()
	q := `SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`
	if db.Dialect == dbx.Postgres {
		q = `SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' ORDER BY indexname`
	}
	var out []string
	if err := db.Select(&out, q); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBothDatabasesHaveOneSchema(t *testing.T) {
	t.Parallel()
	lite, pg := newDesk(t, ready.SQLite(t)), newDesk(t, ready.Postgres(t))
	a, b := columnsOf(t, lite.db), columnsOf(t, pg.db)
	for _, c := range a {
		if !slices.Contains(b, c) {
			t.Errorf("only SQLite has %s", c)
		}
	}
	for _, c := range b {
		if !slices.Contains(a, c) {
			t.Errorf("only PostgreSQL has %s", c)
		}
	}
	if x, y := indexesOf(t, lite.db), indexesOf(t, pg.db); !slices.Equal(x, y) {
		t.Errorf("indexes of SQLite %v, of PostgreSQL %v", x, y)
	}
}

func TestTextIsComparedByteByByteInPostgres(t *testing.T) {
	t.Parallel()
	d := newDesk(t, ready.Postgres(t))
	var other []string
	d.ok(d.db.Select(&other, `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' ORDER BY 1`))
	if len(other) != 0 {
		t.Errorf("columns of another collation: %v", other)
	}
}

func TestEveryTableIsDescribed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, ready.Postgres(t))
	for _, table := range tablesOf(t, d.db) {
		var comment string
		d.ok(d.db.Get(&comment, `SELECT coalesce(obj_description(to_regclass($1)), '')`, table))
		if comment == "" && table != "journal_version" {
			t.Errorf("table %s has no comment in the database", table)
		}
		if !strings.Contains(string(page), "`"+table+"`") {
			t.Errorf("table %s does not stand in docs/journal.md", table)
		}
	}
}
