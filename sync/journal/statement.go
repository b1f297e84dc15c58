package journal

import (
	"context"
	"errors"
	"sync"

	"github.com/jmoiron/sqlx"

	"github.com/desksync/desksync/internal/dbx"
)

// maxReads bounds how many queries stay prepared; there are about as many as
// combinations of filters in use.
const maxReads = 200

// statements stay prepared between transactions. SQLite has one connection that
// writes: preparing for it waits for it, so it happens outside of transactions and
// under a lock of its own, and who holds the connection only ever needs mu.
type statements struct {
	preparing sync.Mutex

	mu     sync.Mutex
	lists  map[*list]*prepared
	reads  map[string]*kept // asked outside of transactions
	within map[string]*kept // asked in transactions
}

// kept is a statement that is closed with the journal, not by who uses it.
type kept struct{ stmt *sqlx.Stmt }

// prepared are a list's statements, by the index of sizes.
type prepared [len(sizes)]kept

func (s *statements) list(l *list) *prepared {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lists[l]
}

func (s *statements) keepList(l *list, p *prepared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists[l] = p
}

func (s *statements) find(in map[string]*kept, q string) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return in[q]
}

// keep keeps a query; when there are too many, all others go.
func (s *statements) keep(in map[string]*kept, q string, k *kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(in) >= maxReads {
		_ = closeAll(in) // only queries
	}
	in[q] = k
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, p := range s.lists {
		err = errors.Join(err, p.close())
	}
	clear(s.lists)
	return errors.Join(err, closeAll(s.reads), closeAll(s.within))
}

func closeAll(kept map[string]*kept) error {
	var err error
	for _, k := range kept {
		err = errors.Join(err, k.stmt.Close())
	}
	clear(kept)
	return err
}

func (p *prepared) close() error {
	var err error
	for _, k := range p {
		if k.stmt != nil {
			err = errors.Join(err, k.stmt.Close())
		}
	}
	return err
}

// ready prepares a list's statements, once. Never call it within a transaction.
func (j *Journal) ready(ctx context.Context, l *list) error {
	if j.statements.list(l) != nil {
		return nil
	}
	j.statements.preparing.Lock()
	defer j.statements.preparing.Unlock()
	if j.statements.list(l) != nil {
		return nil
	}
	p := new(prepared)
	for i, q := range l.statements(j.db.Dialect) {
		var err error
		if p[i].stmt, err = j.db.PreparexContext(ctx, j.db.Rebind(q)); err != nil {
			return errors.Join(err, p.close())
		}
	}
	j.statements.keepList(l, p)
	return nil
}

// prepare prepares a query, once: lib/pq then takes numbers and bytes as they are
// instead of as text. Never call it for the connection that writes within a
// transaction.
func (j *Journal) prepare(ctx context.Context, on *sqlx.DB, in map[string]*kept, q string) (*kept, error) {
	if s := j.statements.find(in, q); s != nil {
		return s, nil
	}
	j.statements.preparing.Lock()
	defer j.statements.preparing.Unlock()
	if s := j.statements.find(in, q); s != nil {
		return s, nil
	}
	s, err := on.PreparexContext(ctx, on.Rebind(q))
	if err != nil {
		return nil, err
	}
	k := &kept{s}
	j.statements.keep(in, q, k)
	return k, nil
}

// read prepares a query that is asked outside of transactions.
func (j *Journal) read(ctx context.Context, q string) (*kept, error) {
	return j.prepare(ctx, j.db.Reader, j.statements.reads, q)
}

// prepared returns the statement of a query that was asked before, or nil, and
// notes the query: it is prepared when the transaction has ended.
func (t *tx) prepared(ctx context.Context, q string) *kept {
	if k := t.j.statements.find(t.j.statements.within, q); k != nil {
		return &kept{t.StmtxContext(ctx, k.stmt)}
	}
	t.asked = append(t.asked, q)
	return nil
}

// learn prepares the queries of a transaction for the next one. One that cannot be
// prepared is asked as it is.
func (j *Journal) learn(ctx context.Context, queries []string) {
	for _, q := range queries {
		if _, err := j.prepare(ctx, j.db.DB, j.statements.within, q); err != nil {
			return
		}
	}
}

// onPostgres reports which database it is, where that makes a difference.
func (j *Journal) onPostgres() bool { return j.db.Dialect == dbx.Postgres }
