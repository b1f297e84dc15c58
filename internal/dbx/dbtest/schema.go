package dbtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
)

// SameSchema fails unless the template's tables mean the same on both databases:
// names, kinds of type, what may be null, primary and unique keys. Defaults, checks,
// triggers and other indexes are each database's own.
func (p *Template) SameSchema(t *testing.T) {
	t.Helper()
	lite, pg := describe(t, p.SQLite(t)), describe(t, p.Postgres(t))
	for _, line := range lite {
		if !slices.Contains(pg, line) {
			t.Errorf("only on SQLite: %s", line)
		}
	}
	for _, line := range pg {
		if !slices.Contains(lite, line) {
			t.Errorf("only on PostgreSQL: %s", line)
		}
	}
	if len(lite) == 0 {
		t.Error("the template has no tables")
	}
}

// describe returns a line per column and per key of a database.
func describe(t *testing.T, dsn string) []string {
	t.Helper()
	lines, err := schemaOf(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

type column struct {
	Table, Name, Type string
	NotNull           bool `db:"notnull"`
}

// part is one column of a key, in key order; an expression has no name.
type part struct{ Table, Key, Name string }

func schemaOf(ctx context.Context, dsn string) (lines []string, err error) {
	db, err := dbx.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	q := queries[db.Dialect]
	var columns []column
	if err := db.SelectContext(ctx, &columns, q.columns); err != nil {
		return nil, fmt.Errorf("dbtest: columns: %w", err)
	}
	var parts []part
	if err := db.SelectContext(ctx, &parts, q.keys); err != nil {
		return nil, fmt.Errorf("dbtest: keys: %w", err)
	}
	for _, c := range columns {
		lines = append(lines, c.line())
	}
	lines = append(lines, keyLines(parts)...)
	return slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "_version.") || strings.Contains(l, "_version ") }), nil
}

// families of types that hold the same; a type outside them stands for itself.
var families = map[string]string{
	"bigint": "integer", "smallint": "integer", "int": "integer",
	"double precision": "real", "bytea": "blob", "jsonb": "text",
	"timestamp with time zone": "timestamp", "timestamptz": "timestamp",
}

func (c column) line() string {
	family := strings.ToLower(c.Type)
	if f, ok := families[family]; ok {
		family = f
	}
	null := "null"
	if c.NotNull {
		null = "not null"
	}
	return fmt.Sprintf("%s.%s %s %s", c.Table, c.Name, family, null)
}

// keyLines joins the parts of each key; its name is the database's own choice.
func keyLines(parts []part) (lines []string) {
	for i := 0; i < len(parts); {
		n := i
		var names []string
		for ; n < len(parts) && parts[n].Table == parts[i].Table && parts[n].Key == parts[i].Key; n++ {
			names = append(names, parts[n].Name)
		}
		lines = append(lines, fmt.Sprintf("%s unique (%s)", parts[i].Table, strings.Join(names, ", ")))
		i = n
	}
	return lines
}

// queries read both catalogues into the same shape. A primary key of SQLite is never
// null here: every table states it.
var queries = map[dbx.Dialect]struct{ columns, keys string }{
	dbx.SQLite: {
		columns: `
			SELECT m.name AS "table", p.name, p.type, p."notnull" = 1 OR p.pk > 0 AS "notnull"
			FROM   sqlite_master m JOIN pragma_table_info(m.name) p
			WHERE  m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
			ORDER  BY m.name, p.cid`,
		keys: `
			SELECT "table", "key", name FROM (
				SELECT m.name AS "table", '' AS "key", p.pk AS seq, p.name
				FROM   sqlite_master m JOIN pragma_table_info(m.name) p
				WHERE  m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND p.pk > 0
				UNION ALL
				SELECT m.name, l.name, i.seqno, coalesce(i.name, '?')
				FROM   sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i
				WHERE  m.type = 'table' AND l."unique" = 1 AND l.origin <> 'pk')
			ORDER BY "table", "key", seq`,
	},
	dbx.Postgres: {
		columns: `
			SELECT table_name AS "table", column_name AS name, data_type AS type, is_nullable = 'NO' AS "notnull"
			FROM   information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
			WHERE  table_schema = current_schema() AND table_type = 'BASE TABLE'
			ORDER  BY table_name, ordinal_position`,
		keys: `
			SELECT c.relname AS "table", x.indexrelid::text AS "key", coalesce(a.attname, '?') AS name
			FROM   pg_index x JOIN pg_class c ON c.oid = x.indrelid
			JOIN   unnest(x.indkey) WITH ORDINALITY AS k (attnum, seq) ON k.seq <= x.indnkeyatts
			LEFT   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
			WHERE  x.indisunique AND c.relnamespace = current_schema()::regnamespace
			ORDER  BY c.relname, x.indexrelid, k.seq`,
	},
}
