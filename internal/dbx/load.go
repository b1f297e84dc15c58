package dbx

import (
	"context"
	"fmt"
	"iter"
)

// loadFrom is the number of rows from which PostgreSQL's COPY pays.
const loadFrom = 2 * Rows

// Load is Insert for many rows: on PostgreSQL they are copied, straight into the
// table if it has no Conflict, else into a temporary one that is merged from. Rows
// are only read while the call lasts, and the sequence must not query the same
// transaction.
func (tx *Tx) Load(ctx context.Context, t Table, rows iter.Seq[[]any]) (int64, error) {
	if tx.Dialect != Postgres {
		return tx.Insert(ctx, t, rows)
	}
	next, stop := iter.Pull(rows)
	defer stop()
	head, more, err := t.peek(next)
	if err != nil {
		return 0, err
	}
	if !more {
		return tx.Insert(ctx, t, cut(head, len(t.Columns)))
	}
	all := chain(cut(head, len(t.Columns)), next)
	if t.Conflict == "" {
		return tx.copyIn(ctx, t, t.Name, all)
	}
	return tx.copyMerge(ctx, t, all)
}

// chain yields head, then what next still has.
func chain(head iter.Seq[[]any], next func() ([]any, bool)) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for row := range head {
			if !yield(row) {
				return
			}
		}
		for row, ok := next(); ok; row, ok = next() {
			if !yield(row) {
				return
			}
		}
	}
}

// peek takes rows until it is known whether there are enough for a COPY.
func (t Table) peek(next func() ([]any, bool)) (head []any, more bool, err error) {
	for range loadFrom {
		row, ok := next()
		if !ok {
			return head, false, nil
		}
		if len(row) != len(t.Columns) {
			return nil, false, t.misfit(row)
		}
		head = append(head, row...)
	}
	return head, true, nil
}

// cut yields a flat list as rows.
func cut(flat []any, width int) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for i := 0; i < len(flat); i += width {
			if !yield(flat[i : i+width]) {
				return
			}
		}
	}
}

func (tx *Tx) copyMerge(ctx context.Context, t Table, rows iter.Seq[[]any]) (int64, error) {
	temp := "load_" + t.Name
	create := fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %s WHERE false", temp, t.columns(), t.Name)
	if _, err := tx.ExecContext(ctx, create); err != nil {
		return 0, fmt.Errorf("%s: %w", t.Name, err)
	}
	if _, err := tx.copyIn(ctx, t, temp, rows); err != nil {
		return 0, err
	}
	merge := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s %s", t.Name, t.columns(), t.columns(), temp, t.Conflict)
	res, err := tx.ExecContext(ctx, merge)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", t.Name, err)
	}
	if _, err := tx.ExecContext(ctx, "DROP TABLE "+temp); err != nil {
		return 0, fmt.Errorf("%s: %w", t.Name, err)
	}
	return res.RowsAffected()
}

// copyIn copies rows into a table and returns how many.
func (tx *Tx) copyIn(ctx context.Context, t Table, into string, rows iter.Seq[[]any]) (n int64, err error) {
	stmt, err := tx.PrepareContext(ctx, fmt.Sprintf("COPY %s (%s) FROM STDIN", into, t.columns()))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", t.Name, err)
	}
	defer func() {
		if cerr := stmt.Close(); err == nil {
			err = cerr
		}
	}()
	for row := range rows {
		if len(row) != len(t.Columns) {
			return 0, t.misfit(row)
		}
		if _, err := stmt.ExecContext(ctx, row...); err != nil {
			return 0, fmt.Errorf("%s: %w", t.Name, err)
		}
		n++
	}
	if _, err := stmt.ExecContext(ctx); err != nil {
		return 0, fmt.Errorf("%s: %w", t.Name, err)
	}
	return n, nil
}
