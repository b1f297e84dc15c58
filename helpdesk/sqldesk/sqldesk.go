// Package sqldesk is the helpdesk store: organizations with their fields, tags,
// domains, members, groups and tickets in SQLite or PostgreSQL, and the rules that
// a helpdesk keeps. It is a helpdesk.Target for the sync, and offers agents and
// scripts what they do by hand. The tables are documented in docs/store.md; other
// programs may read and write them, and an incremental listing sees what they did.
package sqldesk

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

//go:embed migrations
var migrations embed.FS

// component is the store's name among those that keep tables in databases.
const component = "sqldesk"

// Store is a helpdesk in a database. It is safe for concurrent use.
type Store struct {
	db       *dbx.DB
	opt      Options
	account  string           // identity of the store, made once
	writer   int64            // who Apply writes as; 0: nobody in particular
	specs    map[string]Field // declared fields by key
	own      map[string]bool  // own domains, in canonical form
	readOnly bool
	prepared prepared
}

var (
	_ helpdesk.Target        = (*Store)(nil)
	_ helpdesk.TicketCounter = (*Store)(nil)
	_ helpdesk.Warner        = (*Store)(nil)
)

// Open opens the store that dsn names, makes or migrates its tables, and adds
// declared fields that it does not have yet. A field whose type was changed is
// refused, and so is a store that a newer desksync wrote.
func Open(ctx context.Context, dsn string, opt Options) (*Store, error) {
	opt = opt.defaults()
	if err := opt.check(); err != nil {
		return nil, err
	}
	if err := dbx.Belongs(ctx, dsn, component); err != nil {
		return nil, err
	}
	db, err := dbx.Open(ctx, dbx.Binary(dsn), dbx.SmallStatements)
	if err != nil {
		return nil, err
	}
	s := newStore(db, opt)
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// OpenReadOnly opens an existing store with a connection that cannot write, for
// pipelines that only observe. What it would need to make is assumed, not made.
func OpenReadOnly(ctx context.Context, dsn string, opt Options) (*Store, error) {
	opt = opt.defaults()
	if err := opt.check(); err != nil {
		return nil, err
	}
	if err := dbx.Belongs(ctx, dsn, component); err != nil {
		return nil, err
	}
	db, err := dbx.OpenReadOnly(ctx, dsn)
	if err != nil {
		return nil, err
	}
	s := newStore(db, opt)
	s.readOnly = true
	if err := s.recall(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func newStore(db *dbx.DB, opt Options) *Store {
	s := &Store{db: db, opt: opt, specs: map[string]Field{}, own: map[string]bool{}}
	for _, f := range opt.Fields {
		s.specs[f.Key] = f
	}
	for _, d := range opt.OwnDomains {
		s.own[foldEmail(d)] = true
	}
	return s
}

// Close closes the database, and with it the statements that stay prepared.
// Connections that are lost are closed already.
func (s *Store) Close() error {
	err := s.db.Fault("sqldesk.close", s.db.Close())
	if s.db.Dialect == dbx.Postgres && fault.KindOf(err) == fault.Unavailable {
		return nil
	}
	return err
}

// prepare brings the tables and what the options declare into the database.
func (s *Store) prepare(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if err := dbx.Migrate(ctx, s.db, files, component); err != nil {
		return err
	}
	return s.db.Tx(ctx, "sqldesk.open", func(tx *dbx.Tx) error {
		t := &txn{Tx: tx, ctx: ctx}
		for _, step := range []func(*txn) error{s.identify, s.declare, s.keepNames, s.keepLimit, s.keepPolicies} {
			if err := step(t); err != nil {
				return err
			}
		}
		return nil
	})
}

// identify gives the store its random identity, once, and the writer its number.
func (s *Store) identify(t *txn) error {
	const account = `INSERT INTO setting (name, value) VALUES ('account', ?) ON CONFLICT (name) DO NOTHING`
	if err := t.exec(account, rand.Text()); err != nil {
		return err
	}
	if err := t.get(&s.account, `SELECT value FROM setting WHERE name = 'account'`); err != nil || s.opt.Writer == "" {
		return err
	}
	if err := t.exec(`INSERT INTO change_writer (name) VALUES (?) ON CONFLICT (name) DO NOTHING`, s.opt.Writer); err != nil {
		return err
	}
	return t.get(&s.writer, `SELECT id FROM change_writer WHERE name = ?`, s.opt.Writer)
}

// recall is identify without writing.
func (s *Store) recall(ctx context.Context) error {
	q := s.db.Rebind(`SELECT value FROM setting WHERE name = 'account'`)
	if err := s.db.GetContext(ctx, &s.account, q); err != nil {
		return &fault.Error{Op: "sqldesk.open", Kind: fault.NotFound, Err: fmt.Errorf("%s holds no helpdesk store yet; run a pipeline that may write first: %w", s.db.Name, err)}
	}
	q = s.db.Rebind(`SELECT coalesce(max(id), 0) FROM change_writer WHERE name = ?`)
	return s.db.Fault("sqldesk.open", s.db.GetContext(ctx, &s.writer, q, s.opt.Writer))
}

// keepLimit writes down how many organizations a user may have, for the triggers
// that hold other programs to it.
func (s *Store) keepLimit(t *txn) error {
	const over = `SELECT count(*) FROM (SELECT user_id FROM membership GROUP BY user_id HAVING count(*) > ?) AS x`
	var n int
	if err := t.get(&n, over, s.opt.MaxMemberships); err != nil {
		return err
	}
	if n > 0 {
		return invalid("open", "%d users are in more than %d organizations, the most this configuration allows; take them out first, or keep multi-organization mode on", n, s.opt.MaxMemberships)
	}
	return t.set("max_memberships", strconv.Itoa(s.opt.MaxMemberships))
}

// keepNames makes names unique, or frees them, as configured.
func (s *Store) keepNames(t *txn) error {
	want, have := "unique", ""
	if s.opt.SharedNames {
		want = "shared"
	}
	if err := t.get(&have, `SELECT coalesce(max(value), '') FROM setting WHERE name = 'names'`); err != nil || have == want {
		return err
	}
	if want == "unique" {
		if err := s.refuseTwins(t); err != nil {
			return err
		}
	}
	kind := map[string]string{"unique": "UNIQUE", "shared": ""}[want]
	if err := t.exec(`DROP INDEX IF EXISTS organization_name_fold`); err != nil {
		return err
	}
	if err := t.exec(`CREATE ` + kind + ` INDEX organization_name_fold ON organization (name_fold)`); err != nil {
		return err
	}
	return t.set("names", want)
}

func (s *Store) refuseTwins(t *txn) error {
	var twins []string
	const q = `SELECT min(name) FROM organization GROUP BY name_fold HAVING count(*) > 1 ORDER BY 1 LIMIT 3`
	if err := t.list(&twins, q); err != nil || len(twins) == 0 {
		return err
	}
	return invalid("open", "names shall be unique, but several organizations are called %q; rename them first, or allow shared names", twins[0])
}
