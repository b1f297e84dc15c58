package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// world is one folder in which desksync runs: its configuration and databases. The
// CRM export is shared by all worlds of one size unless it is copied to be edited.
type world struct {
	dir    string
	data   string
	target string   // the one that the measured pipeline writes
	stores []string // DSN of its store
	log    *os.File
}

// backend says where a world keeps its databases.
type backend string

const (
	onSQLite   backend = "SQLite"
	onPostgres backend = "PostgreSQL"
)

// newWorld makes a folder with the example's configuration over an export.
func (b *Bench) newWorld(ctx context.Context, on backend, data string) (*world, error) {
	dir, err := os.MkdirTemp(b.work, "world-")
	if err != nil {
		return nil, err
	}
	if err := copyBeside(filepath.Dir(b.config), dir); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(b.config)
	if err != nil {
		return nil, fmt.Errorf("the example's configuration cannot be read; name another with -config: %w", err)
	}
	to, err := targetOf(text, b.pipeline)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.config, err)
	}
	w := &world{dir: dir, data: data, target: to}
	text, err = rewrite(text, data, func(name string) (string, error) { return b.database(ctx, w, on, name) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.config, err)
	}
	if w.log, err = os.Create(filepath.Join(dir, "desksync.log")); err != nil {
		return nil, err
	}
	return w, os.WriteFile(w.config(), text, 0o600)
}

func (w *world) config() string { return filepath.Join(w.dir, "desksync.yaml") }

// database makes the DSN of one database of a world and keeps that of the store
// which is measured.
func (b *Bench) database(ctx context.Context, w *world, on backend, name string) (string, error) {
	dsn := "sqlite:" + filepath.Join(w.dir, name+".db")
	if on == onPostgres {
		var err error
		if dsn, err = b.pg.create(ctx); err != nil {
			return "", err
		}
	}
	if name == storeName+w.target {
		w.stores = append(w.stores, dsn)
	}
	return dsn, nil
}

// remove deletes a world's files unless everything is to be kept.
func (b *Bench) remove(w *world) error {
	err := w.log.Close()
	if b.keep {
		return err
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}

// reconcile runs one pass in a world. Conflicts and findings in generated data are
// no failure of the measure: exit code 3 is accepted beside 0.
func (b *Bench) reconcile(ctx context.Context, w *world) (Usage, error) {
	return b.child(ctx, w.log, []int{0, 3}, w.dir, b.binary, "reconcile", "--config", w.config(), "--pipeline", b.pipeline, "--yes")
}

// maxSibling is the largest file beside a configuration that may belong to it.
const maxSibling = 1 << 20

// copyBeside copies the small files beside a configuration, such as overrides and
// protected ids, without folders.
func copyBeside(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxSibling || strings.HasSuffix(e.Name(), ".db") {
			continue
		}
		if err := copyFile(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// copyExport copies an export that is about to be edited.
func (b *Bench) copyExport(data string) (string, error) {
	dir, err := os.MkdirTemp(b.work, "edited-")
	if err != nil {
		return "", err
	}
	return dir, os.CopyFS(dir, os.DirFS(data))
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fs.FileMode(0o600))
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
