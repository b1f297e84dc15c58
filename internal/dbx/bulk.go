package dbx

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// Rows is the most rows that one statement carries.
const Rows = 500

// Table says where rows go. Names are our own constants, never data.
type Table struct {
	Name     string
	Columns  []string
	Conflict string // what follows the values, such as "ON CONFLICT (id) DO NOTHING"; empty: a duplicate is an error
}

// Insert writes rows in VALUES lists of at most Rows and returns how many rows the
// database counts as written. A yielded slice has one value per column and may be
// reused after the yield; the sequence must not query the same transaction. With a
// Conflict that updates, no key may come twice.
func (tx *Tx) Insert(ctx context.Context, t Table, rows iter.Seq[[]any]) (int64, error) {
	w := writer{tx: tx, table: t}
	defer w.close()
	args, width := make([]any, 0, Rows*len(t.Columns)), len(t.Columns)
	for row := range rows {
		if len(row) != width {
			return w.done, t.misfit(row)
		}
		if args = append(args, row...); len(args) == Rows*width {
			if err := w.write(ctx, args); err != nil {
				return w.done, err
			}
			args = args[:0]
		}
	}
	err := w.write(ctx, args)
	return w.done, err
}

// writer sends VALUES lists; the statement for a full list is prepared once.
type writer struct {
	tx    *Tx
	table Table
	full  *sql.Stmt
	done  int64
}

func (w *writer) write(ctx context.Context, args []any) error {
	n := len(args) / max(len(w.table.Columns), 1)
	if n == 0 {
		return nil
	}
	res, err := w.exec(ctx, n, args)
	if err != nil {
		return fmt.Errorf("%s: %w", w.table.Name, err)
	}
	affected, err := res.RowsAffected()
	w.done += affected
	return err
}

func (w *writer) exec(ctx context.Context, n int, args []any) (sql.Result, error) {
	if n < Rows {
		return w.tx.ExecContext(ctx, w.table.insert(w.tx.Dialect, n), args...)
	}
	if w.full == nil {
		stmt, err := w.tx.PrepareContext(ctx, w.table.insert(w.tx.Dialect, n))
		if err != nil {
			return nil, err
		}
		w.full = stmt
	}
	return w.full.ExecContext(ctx, args...)
}

func (w *writer) close() {
	if w.full != nil {
		_ = w.full.Close() // the transaction ends with or without it
	}
}

// insert renders the statement for n rows, with the placeholders of the dialect.
func (t Table) insert(d Dialect, n int) string {
	var b strings.Builder
	b.Grow(n*len(t.Columns)*6 + 200)
	fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES ", t.Name, t.columns())
	arg := 0
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := range t.Columns {
			if j > 0 {
				b.WriteByte(',')
			}
			arg++
			placeholder(&b, d, arg)
		}
		b.WriteByte(')')
	}
	b.WriteString(" " + t.Conflict)
	return b.String()
}

func placeholder(b *strings.Builder, d Dialect, n int) {
	if d == Postgres {
		fmt.Fprintf(b, "$%d", n)
		return
	}
	b.WriteByte('?')
}

func (t Table) columns() string { return strings.Join(t.Columns, ", ") }

func (t Table) misfit(row []any) error {
	return fault.New("dbx.insert", fault.Invalid, fmt.Errorf("a row of %s has %d values for %d columns", t.Name, len(row), len(t.Columns)))
}
