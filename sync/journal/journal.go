// Package journal remembers: the stage (what the source last said), runs and
// their changes, what was last written into a target, items, decisions and the
// audit. It stores and finds; what any of it means is for others to decide. One
// set of tables serves SQLite and PostgreSQL; docs/journal.md describes them.
//
// Every method that writes is one transaction unless its comment says otherwise:
// after a crash all of it is there or none. No method leaves a cursor open across
// a call, and none reads the clock but through Options.Now. All methods are safe
// for concurrent use.
package journal

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

//go:embed migrations
var migrations embed.FS

// component is the journal's name among those that keep tables in databases.
const component = "journal"

// Options adjust a Journal; the zero Options are safe.
type Options struct {
	Now   func() time.Time         // the clock; nil: the system's
	Log   zerolog.Logger           // the zero Logger writes nothing
	Lease time.Duration            // how long a silent holder keeps its lock; 0: one minute
	Dead  func(holder string) bool // reports that a holder is certainly dead; nil: DeadHere
	// ServerClock takes the time by which locks live from the database's server, so that
	// machines whose clocks are apart agree about it. SQLite has no server.
	ServerClock bool
}

// Journal is an open journal.
type Journal struct {
	db         *dbx.DB
	opt        Options
	statements statements

	mu       sync.Mutex // guards what follows
	instance string
	peers    map[peer]int64
	growth   map[*list]growth
}

// Open opens or creates a journal and brings its tables up to date. A database
// written by a newer desksync is refused.
func Open(ctx context.Context, dsn string, opt Options) (*Journal, error) {
	opt.Lease = cmp.Or(opt.Lease, time.Minute)
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Dead == nil {
		opt.Dead = DeadHere
	}
	db, err := open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	j := &Journal{db: db, opt: opt, peers: map[peer]int64{}, growth: map[*list]growth{}}
	j.statements.lists, j.statements.reads, j.statements.within = map[*list]*prepared{}, map[string]*kept{}, map[string]*kept{}
	if err := j.identify(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return j, nil
}

// open opens and migrates.
func open(ctx context.Context, dsn string) (*dbx.DB, error) {
	if err := dbx.Belongs(ctx, dsn, component); err != nil {
		return nil, err
	}
	db, err := dbx.Open(ctx, dbx.Binary(dsn))
	if err != nil {
		return nil, err
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := dbx.Migrate(ctx, db, dir, component); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close ends all use. Connections that are lost are closed already.
func (j *Journal) Close() error {
	err := j.db.Fault("journal.close", errors.Join(j.statements.close(), j.db.Close()))
	if j.db.Dialect == dbx.Postgres && fault.KindOf(err) == fault.Unavailable {
		return nil
	}
	return err
}

// Instance returns the id made once for this journal; adapters mark their own
// writes by it. A restored journal has a new one.
func (j *Journal) Instance() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.instance
}

// Lease is how long a silent holder keeps its lock.
func (j *Journal) Lease() time.Duration { return j.opt.Lease }

// now is the time as stored: microseconds.
func (j *Journal) now() int64 { return j.opt.Now().UnixMicro() }
