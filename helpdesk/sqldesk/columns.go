package sqldesk

import (
	"fmt"
	"iter"
	"strings"

	"github.com/desksync/desksync/internal/dbx"
)

// wires says how the columns of new rows go to PostgreSQL: as an array of a type each,
// cast where the column has another one, or, behind an equals sign, as one value that all
// new rows of a batch share.
var wires = map[string][]string{
	orgTable.Name: {
		"bigint", "text", "text", "text", "text", "text", "text", "text::jsonb", "text",
		"=timestamptz", "=timestamptz", "=bigint", "=bigint", "=bigint",
	},
	userTable.Name:   {"bigint", "text", "text", "text", "text", "=timestamptz", "=timestamptz", "=bigint", "=bigint", "=bigint"},
	memberTable.Name: {"bigint", "bigint", "bigint", "boolean", "text", "boolean", "=timestamptz", "=bigint", "=bigint", "=bigint"},
	tagTable.Name:    {"bigint", "text"},
	domainTable.Name: {"bigint", "text"},
	groupTable.Name:  {"bigint", "bigint"},
}

// columnsSQL is the statement that inserts new rows.
func columnsSQL(t dbx.Table) string {
	from := make([]string, len(t.Columns))
	for i, wire := range wires[t.Name] {
		if typ, shared := strings.CutPrefix(wire, "="); shared {
			from[i] = fmt.Sprintf("CAST($%d AS %s)", i+1, typ)
			continue
		}
		typ, cast, _ := strings.Cut(wire, "::")
		from[i] = fmt.Sprintf("unnest(CAST($%d AS %s[]))", i+1, typ)
		if cast != "" {
			from[i] = fmt.Sprintf("CAST(%s AS %s)", from[i], cast)
		}
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s", t.Name, strings.Join(t.Columns, ", "), strings.Join(from, ", "))
}

// freshColumns writes new rows into a table of PostgreSQL.
func (b *batch) freshColumns(t dbx.Table, rows iter.Seq[[]any]) error {
	args, n, err := columnArgs(wires[t.Name], rows)
	if err != nil || n == 0 {
		return err
	}
	if err := b.t.run(columnsSQL(t), args); err != nil {
		return err
	}
	b.t.note(t.Name, n)
	return nil
}

// columnArgs turns rows into the parameters of columnsSQL, and counts them.
func columnArgs(wires []string, rows iter.Seq[[]any]) (args []any, n int, err error) {
	var types []string
	for _, wire := range wires {
		if typ, _, _ := strings.Cut(wire, "::"); !strings.HasPrefix(typ, "=") {
			types = append(types, typ)
		}
	}
	var flat, last []any
	for row := range rows {
		for i, wire := range wires {
			if wire[0] != '=' {
				flat = append(flat, row[i])
			}
		}
		last, n = row, n+1
	}
	columns, err := dbx.Columns(types, flat)
	if err != nil || n == 0 {
		return nil, 0, err
	}
	for i, wire := range wires {
		if wire[0] == '=' {
			args = append(args, last[i])
		} else {
			args, columns = append(args, columns[0]), columns[1:]
		}
	}
	return args, n, nil
}
