package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// tx is one transaction of a journal.
type tx struct {
	*dbx.Tx
	j     *Journal
	asked []string // queries that were not prepared yet

	guessed bool // rows were taken for new: see add
	careful bool // and one was there: none are any more
}

// inTx runs fn in a transaction; the lists it fills are made ready before, because
// SQLite has one connection only. Where a row was there that fn took for new, the
// transaction is given up and fn runs once more: what it leaves behind outside of the
// transaction must be the same then.
func (j *Journal) inTx(ctx context.Context, op string, fn func(t *tx) error, lists ...*list) error {
	for _, l := range lists {
		if err := j.ready(ctx, l); err != nil {
			return j.db.Fault(op, err)
		}
	}
	t, err := j.once(ctx, op, false, fn)
	if dbx.IsUnique(err) && t.guessed {
		t, err = j.once(ctx, op, true, fn)
	}
	if err == nil {
		j.learn(ctx, t.asked)
		j.analyze(ctx, lists)
	}
	return err
}

// once runs fn in one transaction, and returns what is known of it when it has ended.
func (j *Journal) once(ctx context.Context, op string, careful bool, fn func(t *tx) error) (*tx, error) {
	t := &tx{j: j, careful: careful}
	err := j.db.Tx(ctx, op, func(dt *dbx.Tx) error {
		t.Tx = dt
		return fn(t)
	})
	return t, err
}

// soft lets a transaction of PostgreSQL end before it is on disk: for what a crash
// of the server may cost, because the same run or the next finds it again. What is
// written later and waits for the disk takes it along.
func (t *tx) soft(ctx context.Context) error {
	if t.Dialect != dbx.Postgres {
		return nil
	}
	_, err := t.ExecContext(ctx, `SET LOCAL synchronous_commit = off`)
	return err
}

// exec runs one statement and returns how many rows it touched.
func (t *tx) exec(ctx context.Context, q string, args ...any) (int64, error) {
	var res sql.Result
	var err error
	if k := t.prepared(ctx, q); k != nil {
		res, err = k.stmt.ExecContext(ctx, args...)
	} else {
		res, err = t.ExecContext(ctx, t.Rebind(q), args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// get reads one row; nothing found is sql.ErrNoRows.
func (t *tx) get(ctx context.Context, dest any, q string, args ...any) error {
	if k := t.prepared(ctx, q); k != nil {
		return k.stmt.GetContext(ctx, dest, args...)
	}
	return t.GetContext(ctx, dest, t.Rebind(q), args...)
}

// all reads all rows.
func (t *tx) all(ctx context.Context, dest any, q string, args ...any) error {
	if k := t.prepared(ctx, q); k != nil {
		return k.stmt.SelectContext(ctx, dest, args...)
	}
	return t.SelectContext(ctx, dest, t.Rebind(q), args...)
}

// get reads one row outside of a transaction and reports whether there was one.
func (j *Journal) get(ctx context.Context, op string, dest any, q string, args ...any) (bool, error) {
	k, err := j.read(ctx, q)
	if err == nil {
		err = k.stmt.GetContext(ctx, dest, args...)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, j.db.Fault(op, err)
}

// all reads all rows outside of a transaction.
func (j *Journal) all(ctx context.Context, op string, dest any, q string, args ...any) error {
	k, err := j.read(ctx, q)
	if err == nil {
		err = k.stmt.SelectContext(ctx, dest, args...)
	}
	return j.db.Fault(op, err)
}

// each reads rows one by one, where there are many: without reflection.
func (j *Journal) each(ctx context.Context, q string, args []any, fn func(rows *sql.Rows) error) (err error) {
	k, err := j.read(ctx, q)
	if err != nil {
		return err
	}
	rows, err := k.stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// among is "column is one of list", with one parameter however long the list is.
func among(d dbx.Dialect, column string, list []string) (cond string, arg any) {
	if d == dbx.Postgres {
		return column + " = ANY (?)", pq.Array(list)
	}
	return column + " IN (SELECT value FROM json_each(?))", jsonList(list)
}

// jsonList renders what json_each reads.
func jsonList[T string | int64](list []T) string {
	b, err := json.Marshal(list)
	if err != nil {
		return "[]" // cannot be: strings and numbers always marshal
	}
	return string(b)
}

// notFound says what is not there and how to find what is.
func notFound(op, text string) error {
	return fault.New(op, fault.NotFound, errors.New(text))
}

// micro is a time as stored; never is 0.
func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// timeOf reads what micro stored.
func timeOf(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// clean makes free text storable in either database: PostgreSQL takes no NUL and
// no broken UTF-8.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
