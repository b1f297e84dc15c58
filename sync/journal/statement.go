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

// statements stay prepared between transactions. SQLite has one connection:
// preparing waits for it, so it happens outside of transactions and under a lock
// of its own, and who holds the connection only ever needs mu.
type statements struct {
	preparing sync.Mutex

	mu    sync.Mutex
	lists map[*list]*prepared
	reads map[string]*kept
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

func (s *statements) read(q string) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads[q]
}

// keepRead keeps a query; when there are too many, all others go.
func (s *statements) keepRead(q string, k *kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.reads) >= maxReads {
		for _, old := range s.reads {
			_ = old.stmt.Close() // only a query
		}
		clear(s.reads)
	}
	s.reads[q] = k
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, p := range s.lists {
		err = errors.Join(err, p.close())
	}
	for _, r := range s.reads {
		err = errors.Join(err, r.stmt.Close())
	}
	clear(s.lists)
	clear(s.reads)
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
	for i, n := range sizes {
		var err error
		if p[i].stmt, err = j.db.PreparexContext(ctx, j.db.Rebind(l.statement(n))); err != nil {
			return errors.Join(err, p.close())
		}
	}
	j.statements.keepList(l, p)
	return nil
}

// prepare prepares a query, once: lib/pq then takes numbers and bytes as they are
// instead of as text. Never call it within a transaction.
func (j *Journal) prepare(ctx context.Context, q string) (*kept, error) {
	if s := j.statements.read(q); s != nil {
		return s, nil
	}
	j.statements.preparing.Lock()
	defer j.statements.preparing.Unlock()
	if s := j.statements.read(q); s != nil {
		return s, nil
	}
	s, err := j.db.PreparexContext(ctx, j.db.Rebind(q))
	if err != nil {
		return nil, err
	}
	k := &kept{s}
	j.statements.keepRead(q, k)
	return k, nil
}

// prepared returns the statement of a query that was asked before, or nil, and
// notes the query: it is prepared when the transaction has ended.
func (t *tx) prepared(ctx context.Context, q string) *kept {
	if k := t.j.statements.read(q); k != nil {
		return &kept{t.StmtxContext(ctx, k.stmt)}
	}
	t.asked = append(t.asked, q)
	return nil
}

// learn prepares the queries of a transaction for the next one. One that cannot be
// prepared is asked as it is.
func (j *Journal) learn(ctx context.Context, queries []string) {
	for _, q := range queries {
		if _, err := j.prepare(ctx, q); err != nil {
			return
		}
	}
}

// onPostgres reports which database it is, where that makes a difference.
func (j *Journal) onPostgres() bool { return j.db.Dialect == dbx.Postgres }
