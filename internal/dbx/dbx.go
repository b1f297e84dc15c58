// Package dbx is the one place that knows two databases: how SQLite and PostgreSQL
// are opened, migrated, filled in bulk, and what their errors mean. Everything else
// writes shared SQL with ? placeholders; what is stored is for its callers.
package dbx

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/desksync/desksync/internal/fault"
)

// Dialect is the kind of database.
type Dialect string

// The dialects; their names are those of the migration folders.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database. Queries with ? placeholders go through Rebind first.
type DB struct {
	*sqlx.DB
	Reader  *sqlx.DB // sees what is committed, beside a transaction; on PostgreSQL the same as DB
	Dialect Dialect
	Name    string // what messages call it: the file, or host and database; never a password
}

// Tx is one transaction of a DB.
type Tx struct {
	*sqlx.Tx
	Dialect Dialect
}

// Tuning makes a database faster for a use that is known; it promises nothing else.
type Tuning int

// SmallStatements says that no statement changes more than some hundred rows: what
// would take back one that fails half-way is kept in memory and not in a file.
const SmallStatements Tuning = iota

// Open opens the database that dsn names and proves that it answers:
// "sqlite:path/to/file.db", made with mode 0600 if it is not there, or
// "postgres://user@host/database?sslmode=…". A SQLite database has one connection
// that writes: a query made on it while rows of another are being read waits for
// ever. Reader has its own.
func Open(ctx context.Context, dsn string, tune ...Tuning) (*DB, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		return openSQLite(ctx, path, tune)
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openPostgres(ctx, dsn)
	}
	return nil, invalid("a database is written as sqlite:FILE or postgres://USER@HOST/DATABASE?sslmode=verify-full")
}

// In is Rebind for a query whose "IN (?)" stands for a whole slice.
func (db *DB) In(query string, args ...any) (string, []any, error) {
	query, args, err := sqlx.In(query, args...)
	if err != nil {
		return "", nil, fmt.Errorf("dbx.in: %w", err)
	}
	return db.Rebind(query), args, nil
}

// Tx runs fn in a transaction: all of it is stored if fn returns nil, nothing
// otherwise. An error that is not yet a fault becomes one of operation op.
func (db *DB) Tx(ctx context.Context, op string, fn func(*Tx) error) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return db.Fault(op, err)
	}
	if err := fn(&Tx{Tx: tx, Dialect: db.Dialect}); err != nil {
		return db.Fault(op, rollback(tx, err))
	}
	return db.Fault(op, tx.Commit())
}

// rollback gives the transaction up because of err; a rollback that fails on a
// connection already lost, or of a transaction that SQLite gave up itself, as on a full
// disk (sqlite.org, "Transactions", section 3), says nothing new.
func rollback(tx *sqlx.Tx, err error) error {
	rerr := tx.Rollback()
	if rerr == nil || errors.Is(rerr, sql.ErrTxDone) || lost(err) || lost(rerr) || strings.Contains(rerr.Error(), "no transaction is active") {
		return err
	}
	return errors.Join(err, rerr)
}

// Close closes all connections. One that was lost before is closed: that it cannot say
// goodbye to its server is no failure.
func (db *DB) Close() error {
	if db.Reader != db.DB {
		return errors.Join(db.Reader.Close(), db.DB.Close())
	}
	if err := db.DB.Close(); !lost(err) {
		return err
	}
	return nil
}

// prove pings, closes on failure, and says in a sentence why.
func (db *DB) prove(ctx context.Context) (*DB, error) {
	if db.Reader == nil {
		db.Reader = db.DB
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, db.Fault("dbx.open", errors.Join(err, db.Close()))
	}
	return db, nil
}

func invalid(format string, args ...any) error {
	return fault.New("dbx.open", fault.Invalid, fmt.Errorf(format, args...))
}
