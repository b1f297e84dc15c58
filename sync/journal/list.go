package journal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/dbx"
)

// list says where rows go. It differs from dbx.Table in that its statements stay
// prepared between transactions: a batch of 500 rows costs no parsing.
type list struct {
	table   string
	columns string // separated by ", "
	types   string // of the columns, where PostgreSQL is to take each as one array; see dbx.Columns
	tail    string // what follows the values
}

// maxRows is the most rows that go into one statement as arrays.
const maxRows = 1000

// sizes are the numbers of rows that one statement of values carries, largest first. A
// hundred rows measured best (ADR 0026).
var sizes = [...]int{100, 20, 4, 1}

func (l *list) width() int { return strings.Count(l.columns, ",") + 1 }

// byColumn reports whether columns go as arrays: one statement of one parameter per
// column for up to maxRows rows, where values take one for each hundred (ADR 0084).
func (l *list) byColumn(d dbx.Dialect) bool { return d == dbx.Postgres && l.types != "" }

// columnwise renders the statement that takes arrays. They stand in the list of what is
// selected: behind FROM, PostgreSQL would first write each into a store of its own.
func (l *list) columnwise(tail string) string {
	arrays := "unnest(CAST(? AS " + strings.ReplaceAll(l.types, ", ", "[])), unnest(CAST(? AS ") + "[]))"
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s %s", l.table, l.columns, arrays, tail)
}

// The two statements of a list whose columns go as arrays.
const (
	asNew   = iota // a row that is there already is an error
	asMayBe        // with the list's tail
)

// statements renders the statements that put and add need.
func (l *list) statements(d dbx.Dialect) []string {
	if l.byColumn(d) {
		return []string{asNew: l.columnwise(""), asMayBe: l.columnwise(l.tail)}
	}
	out := make([]string, len(sizes))
	for i, n := range sizes {
		out[i] = l.statement(d, n)
	}
	return out
}

// statement renders the statement for n rows. Where it fails the transaction does, so
// SQLite need not be able to take back what the statement did before.
func (l *list) statement(d dbx.Dialect, n int) string {
	insert := "INSERT"
	if d == dbx.SQLite {
		insert = "INSERT OR FAIL"
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", l.width()), ",") + "),"
	return fmt.Sprintf("%s INTO %s (%s) VALUES %s %s", insert, l.table, l.columns, strings.TrimSuffix(strings.Repeat(row, n), ","), l.tail)
}

// put writes rows: args holds the values row after row. With a tail that updates,
// no key may come twice.
func (t *tx) put(ctx context.Context, l *list, args []any) error {
	if len(args) == 0 {
		return nil // nor need the list be ready
	}
	if l.byColumn(t.Dialect) {
		return t.putColumns(ctx, l, asMayBe, args)
	}
	p, width := t.j.statements.list(l), l.width()
	t.j.grow(l, len(args)/width)
	for i, n := range sizes {
		if len(args) < n*width {
			continue
		}
		stmt := t.StmtxContext(ctx, p[i].stmt)
		for ; len(args) >= n*width; args = args[n*width:] {
			if _, err := stmt.ExecContext(ctx, args[:n*width]...); err != nil {
				return fmt.Errorf("%s: %w", l.table, err)
			}
		}
	}
	return nil
}

// add is put for rows that the caller has reason to take for new. To look for a row before
// writing it costs PostgreSQL a third of the statement; so it writes them at once, and
// where one is there after all, inTx makes the transaction once more and add is put.
func (t *tx) add(ctx context.Context, l *list, args []any) error {
	if t.careful || !l.byColumn(t.Dialect) || len(args) == 0 {
		return t.put(ctx, l, args)
	}
	t.guessed = true
	return t.putColumns(ctx, l, asNew, args)
}

// putColumns is put by arrays, with one of the two statements.
func (t *tx) putColumns(ctx context.Context, l *list, how int, args []any) error {
	types, width := strings.Split(l.types, ", "), l.width()
	stmt := t.StmtxContext(ctx, t.j.statements.list(l)[how].stmt)
	t.j.grow(l, len(args)/width)
	for rows := range slices.Chunk(args, maxRows*width) {
		columns, err := dbx.Columns(types, rows)
		if err != nil {
			return fmt.Errorf("%s: %w", l.table, err)
		}
		if _, err := stmt.ExecContext(ctx, columns...); err != nil {
			return fmt.Errorf("%s: %w", l.table, err)
		}
	}
	return nil
}
