package schedule

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// driver is how River reaches the database.
func driver(db *dbx.DB) riverdriver.Driver[*sql.Tx] {
	if db.Dialect == dbx.Postgres {
		return riverdatabasesql.New(db.DB.DB)
	}
	return riversqlite.New(db.DB.DB)
}

// migrateRiver brings River's tables up to date. PostgreSQL takes a step at a time, since
// an enumeration that a transaction extends cannot be used in it, under a lock of the
// session; SQLite, which has one connection, all of them in one transaction.
func migrateRiver(ctx context.Context, db *dbx.DB) error {
	const op = "schedule.migrate"
	m, err := rivermigrate.New(driver(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return db.Fault(op, err)
	}
	if err := stepRiver(ctx, db, m); err != nil {
		return err
	}
	return olderRiver(ctx, db, m)
}

// stepRiver makes the migrations that are missing.
func stepRiver(ctx context.Context, db *dbx.DB, m *rivermigrate.Migrator[*sql.Tx]) error {
	const op = "schedule.migrate"
	if db.Dialect == dbx.SQLite {
		return db.Tx(ctx, op, func(tx *dbx.Tx) error {
			_, err := m.MigrateTx(ctx, tx.Tx.Tx, rivermigrate.DirectionUp, nil) //nolint:staticcheck // that of one connection waits for itself; its steps can share a transaction
			return err
		})
	}
	return locked(ctx, db, func() error {
		_, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return db.Fault(op, err)
	})
}

// olderRiver refuses tables that a newer River made: its migrations do not only add, and
// River itself works with whatever it finds.
func olderRiver(ctx context.Context, db *dbx.DB, m *rivermigrate.Migrator[*sql.Tx]) error {
	const op, q = "schedule.migrate", `SELECT coalesce(max(version), 0) FROM river_migration WHERE line = 'main'`
	all := m.AllVersions()
	var there int
	if err := db.GetContext(ctx, &there, q); err != nil {
		return db.Fault(op, err)
	}
	if knows := all[len(all)-1].Version; there > knows {
		return fault.New(op, fault.Invalid, fmt.Errorf(
			"the queue in the database %s was written by a newer desksync (its schema is %d, this one knows %d); install the newer desksync, or restore a backup made before it",
			db.Name, there, knows))
	}
	return nil
}

// locked runs fn while no other process does.
func locked(ctx context.Context, db *dbx.DB, fn func() error) error {
	const op = "schedule.lock"
	conn, err := db.Connx(ctx)
	if err != nil {
		return db.Fault(op, err)
	}
	key := int64(crc32.ChecksumIEEE([]byte("river")))
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, key); err != nil {
		return db.Fault(op, errors.Join(err, conn.Close()))
	}
	err = fn()
	_, unlockErr := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, key)
	return errors.Join(err, db.Fault(op, errors.Join(unlockErr, conn.Close())))
}
