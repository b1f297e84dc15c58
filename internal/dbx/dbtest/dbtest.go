// Package dbtest gives every test a database of its own, on SQLite and on a
// throw-away PostgreSQL that listens on a unix socket only. It is for tests; what
// stands in the databases is the caller's affair.
package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Each runs fn twice, in parallel, as subtests "sqlite" and "postgres", each on an
// empty database of its own.
func Each(t *testing.T, fn func(t *testing.T, dsn string)) {
	t.Helper()
	each(t, SQLite, Postgres, fn)
}

func each(t *testing.T, lite, pg func(testing.TB) string, fn func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, lite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, pg(t))
	})
}

// SQLite returns the DSN of a database file that is not there yet.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// Postgres returns the DSN of a new, empty database, dropped when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	return create(t, "template0")
}

// Template is a database made ready once, from which each test gets a copy: a
// migrated schema, say. Make one per package with Prepare.
type Template struct {
	prepare  func(ctx context.Context, dsn string) error
	lite, pg once
}

// Prepare names what makes a database ready; it must close what it opens. It runs
// at most once per kind of database.
func Prepare(prepare func(ctx context.Context, dsn string) error) *Template {
	return &Template{prepare: prepare}
}

// Each is the package's Each on copies of the template.
func (p *Template) Each(t *testing.T, fn func(t *testing.T, dsn string)) {
	t.Helper()
	each(t, p.SQLite, p.Postgres, fn)
}

// Ready prepares the SQLite file, if that is not done yet, and returns how it went.
func (p *Template) Ready(ctx context.Context) error {
	_, err := p.file(ctx)
	return err
}

// SQLite returns the DSN of a copy in a file of its own.
func (p *Template) SQLite(t testing.TB) string {
	t.Helper()
	body, err := p.file(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// Postgres returns the DSN of a copy, dropped when the test ends.
func (p *Template) Postgres(t testing.TB) string {
	t.Helper()
	name, err := p.pg.do(func() (string, error) { return p.readyDatabase(t.Context()) })
	if err != nil {
		t.Fatal(err)
	}
	return create(t, name)
}

func (p *Template) file(ctx context.Context) (string, error) {
	return p.lite.do(func() (string, error) { return p.readyFile(ctx) })
}

// readyFile returns the bytes of a prepared SQLite file.
func (p *Template) readyFile(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp("", "desksync-template-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := p.prepare(ctx, "sqlite:"+path); err != nil {
		return "", err
	}
	body, err := os.ReadFile(path)
	return string(body), err
}

// readyDatabase returns the name of a prepared PostgreSQL database.
func (p *Template) readyDatabase(ctx context.Context) (string, error) {
	s, err := theServer.get()
	if err != nil {
		return "", err
	}
	name := s.newName("template")
	if err := s.exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", err
	}
	return name, p.prepare(ctx, s.dsn(name))
}

// create makes a database from a template and drops it after the test.
func create(t testing.TB, template string) string {
	t.Helper()
	s, err := theServer.get()
	if err != nil {
		t.Fatal(err)
	}
	name := s.newName("test")
	if err := s.exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.exec(context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return s.dsn(name)
}

// once keeps the first result for everyone.
type once struct {
	sync.Once
	value string
	err   error
}

func (o *once) do(fn func() (string, error)) (string, error) {
	o.Do(func() { o.value, o.err = fn() })
	return o.value, o.err
}

// exec runs one statement as the owner of the server.
func (s *server) exec(ctx context.Context, statement string) error {
	if _, err := s.admin.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("dbtest: %s: %w", strings.Join(strings.Fields(statement)[:2], " "), err)
	}
	return nil
}
