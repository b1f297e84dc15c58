package sqldesk

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"

	"github.com/jmoiron/sqlx"

	"github.com/desksync/desksync/internal/dbx"
)

// txn is a transaction with short names for what is done in it. It counts what it
// writes, per table.
type txn struct {
	*dbx.Tx
	ctx      context.Context //nolint:containedctx // lives as long as the transaction
	wrote    []Entry
	prepared map[string]*sqlx.Stmt // by query; may be empty
}

// write runs fn in one transaction and, once it is committed, tells the log.
// Whoever writes this way is seen by every incremental listing.
func (s *Store) write(ctx context.Context, op string, fn func(*txn) error) error {
	if s.readOnly {
		return errReadOnly(op)
	}
	var wrote []Entry
	err := s.db.Tx(ctx, "sqldesk."+op, func(tx *dbx.Tx) error {
		t := &txn{Tx: tx, ctx: ctx}
		err := fn(t)
		wrote = t.wrote
		return err
	})
	if err == nil {
		s.tell(op, wrote)
	}
	return err
}

func (s *Store) tell(op string, wrote []Entry) {
	if s.opt.Log == nil {
		return
	}
	for _, e := range wrote {
		e.Op = op
		s.opt.Log(e)
	}
}

// note counts rows written to a table.
func (t *txn) note(table string, rows int) {
	if rows == 0 {
		return
	}
	i := slices.IndexFunc(t.wrote, func(e Entry) bool { return e.Table == table })
	if i < 0 {
		t.wrote = append(t.wrote, Entry{Table: table})
		i = len(t.wrote) - 1
	}
	t.wrote[i].Rows += rows
}

func (t *txn) exec(q string, args ...any) error {
	_, err := t.ExecContext(t.ctx, t.Rebind(q), args...)
	return err
}

// change is exec for a statement that writes a table, and returns how many rows.
func (t *txn) change(table, q string, args ...any) (int, error) {
	q, args, err := t.in(q, args)
	if err != nil {
		return 0, err
	}
	res, err := t.ExecContext(t.ctx, q, args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	t.note(table, int(n))
	return int(n), err
}

func (t *txn) get(into any, q string, args ...any) error {
	return t.GetContext(t.ctx, into, t.Rebind(q), args...)
}

// row reads one row of a query that is written for this dialect.
func (t *txn) row(q string, args ...any) *sqlx.Row {
	if stmt, ok := t.prepared[q]; ok {
		return t.StmtxContext(t.ctx, stmt).QueryRowxContext(t.ctx, args...) //nolint:sqlclosecheck // ends with the transaction
	}
	return t.QueryRowxContext(t.ctx, q, args...)
}

// run executes a statement that is written for this dialect.
func (t *txn) run(q string, args []any) error {
	if stmt, ok := t.prepared[q]; ok {
		_, err := t.StmtxContext(t.ctx, stmt).ExecContext(t.ctx, args...)
		return err
	}
	_, err := t.ExecContext(t.ctx, q, args...)
	return err
}

// find is get for a row that may not be there.
func (t *txn) find(into any, q string, args ...any) (bool, error) {
	err := t.get(into, q, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// list reads all rows; a slice among args stands for a whole "IN (?)".
func (t *txn) list(into any, q string, args ...any) error {
	q, args, err := t.in(q, args)
	if err != nil {
		return err
	}
	return t.SelectContext(t.ctx, into, q, args...)
}

// among is list for a query that ends in a column, which shall hold one of the keys.
func (t *txn) among(into any, q string, keys any) error {
	arg, err := t.keys(keys)
	if err != nil {
		return err
	}
	q += oneOf(t.Dialect)
	if stmt, ok := t.prepared[q]; ok {
		return t.StmtxContext(t.ctx, stmt).SelectContext(t.ctx, into, arg) //nolint:sqlclosecheck // ends with the transaction
	}
	return t.SelectContext(t.ctx, into, q, arg)
}

func (t *txn) in(q string, args []any) (string, []any, error) {
	q, args, err := sqlx.In(q, args...)
	return t.Rebind(q), args, err
}

func (t *txn) set(name, value string) error {
	return t.exec(`INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
}

// load writes rows in bulk.
func (t *txn) load(table dbx.Table, rows iter.Seq[[]any]) error {
	n, err := t.Load(t.ctx, table, rows)
	t.note(table.Name, int(n))
	return err
}
