package dbx

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/desksync/desksync/internal/fault"
)

// races is how often a SQLite migration starts over because another process was
// first; each start sees a newer version or ends.
const races = 5

// Migrate brings the tables of one component up to date. Fsys holds the folders
// sqlite and postgres with files NNNN_verb_noun.sql; name is the component's, and
// its versions stand in the table <name>_version, so that several components may
// share a database. Any number of processes may call it at once. A database that
// a newer desksync wrote is refused.
func Migrate(ctx context.Context, db *DB, fsys fs.FS, name string) error {
	m := migration{db: db, table: name + "_version"}
	if err := m.load(fsys); err != nil {
		return fault.New("dbx.migrate", fault.Invalid, fmt.Errorf("migrations of %s: %w", name, err))
	}
	for range races {
		before, err := m.version(ctx)
		if err != nil || before == m.newest {
			return db.Fault("dbx.migrate", err)
		}
		if before > m.newest {
			return fault.New("dbx.migrate", fault.Invalid, fmt.Errorf(
				"the %s database %s was written by a newer desksync (its schema is %d, this one knows %d); install the newer desksync, or restore a backup made before it",
				name, db.Name, before, m.newest))
		}
		if err := m.up(ctx, before); err != nil {
			return db.Fault("dbx.migrate", err)
		}
	}
	return fault.New("dbx.migrate", fault.Raced, fmt.Errorf("other processes keep migrating %s; start again when they are done", db.Name))
}

type migration struct {
	db     *DB
	table  string
	goose  *goose.Provider
	newest int64
}

func (m *migration) load(fsys fs.FS) error {
	dir, err := fs.Sub(fsys, string(m.db.Dialect))
	if err != nil {
		return err
	}
	opts := []goose.ProviderOption{goose.WithTableName(m.table), goose.WithDisableGlobalRegistry(true)}
	dialect := goose.DialectSQLite3
	if m.db.Dialect == Postgres {
		dialect = goose.DialectPostgres
		// one lock per component; ask each second, for five minutes
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(int64(crc32.ChecksumIEEE([]byte(m.table)))), lock.WithLockTimeout(1, 300))
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	if m.goose, err = goose.NewProvider(dialect, m.db.DB.DB, dir, opts...); err != nil {
		return err
	}
	sources := m.goose.ListSources()
	m.newest = sources[len(sources)-1].Version
	return nil
}

// version returns the newest migration that the database has seen; 0 before the first.
func (m *migration) version(ctx context.Context) (v int64, err error) {
	there := "SELECT count(*) FROM sqlite_master WHERE name = ?"
	if m.db.Dialect == Postgres {
		there = "SELECT count(*) FROM (SELECT to_regclass(?) AS t) AS x WHERE t IS NOT NULL"
	}
	var n int
	if err := m.db.GetContext(ctx, &n, m.db.Rebind(there), m.table); err != nil || n == 0 {
		return 0, err
	}
	err = m.db.GetContext(ctx, &v, "SELECT coalesce(max(version_id), 0) FROM "+m.table)
	return v, err
}

// up runs what is missing. SQLite has no lock across processes: each migration is
// an immediate transaction, and who came second finds the version moved.
func (m *migration) up(ctx context.Context, before int64) error {
	_, err := m.goose.Up(ctx)
	if part, ok := errors.AsType[*goose.PartialError](err); ok {
		err = fmt.Errorf("%s: %w", part.Failed.Source.Path, part.Err)
	}
	if err == nil || m.db.Dialect == Postgres {
		return err
	}
	if after, verr := m.version(ctx); verr == nil && after > before {
		return nil
	}
	return err
}
