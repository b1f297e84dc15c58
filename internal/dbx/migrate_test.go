package dbx_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sync/errgroup"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/internal/fault"
)

// schema returns migrations of both dialects from the names and bodies given in turn.
func schema(pairs ...string) fs.FS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		body := &fstest.MapFile{Data: []byte("-- +goose Up\n" + pairs[i+1] + "\n")}
		fsys["sqlite/"+pairs[i]], fsys["postgres/"+pairs[i]] = body, body
	}
	return fsys
}

const (
	first  = "0001_create_plan.sql"
	second = "0002_add_rank.sql"
	create = "CREATE TABLE plan (id integer PRIMARY KEY, name text NOT NULL);"
	extend = "ALTER TABLE plan ADD COLUMN rank integer;"
)

func TestMigrateBringsTablesUpToDate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		for _, fsys := range []fs.FS{schema(first, create), schema(first, create, second, extend), schema(first, create, second, extend)} {
			if err := dbx.Migrate(t.Context(), db, fsys, "desk"); err != nil {
				t.Fatal(err)
			}
		}
		db.MustExec("INSERT INTO plan (id, name, rank) VALUES (1, 'gold', 2)")
	})
}

func TestMigrateKeepsComponentsApart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		for name, body := range map[string]string{"one": "CREATE TABLE one (id integer);", "two": "CREATE TABLE two (id integer);"} {
			if err := dbx.Migrate(t.Context(), db, schema(first, body), name); err != nil {
				t.Fatal(err)
			}
		}
		db.MustExec("INSERT INTO one (id) VALUES (1)")
		db.MustExec("INSERT INTO two (id) VALUES (1)")
	})
}

func TestMigrateRefusesANewerDatabase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		if err := dbx.Migrate(t.Context(), db, schema(first, create, second, extend), "desk"); err != nil {
			t.Fatal(err)
		}
		err := dbx.Migrate(t.Context(), db, schema(first, create), "desk")
		const want = "was written by a newer desksync (its schema is 2, this one knows 1); install the newer desksync"
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("Migrate = %v, want invalid with %q", err, want)
		}
	})
}

func TestMigrateByManyAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, dsn string) {
		fsys := schema(first, create, second, extend, "0003_create_tag.sql", "CREATE TABLE tag (id integer);")
		var g errgroup.Group
		for range 4 {
			db := open(t, dsn)
			g.Go(func() error { return dbx.Migrate(t.Context(), db, fsys, "desk") })
		}
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
}

func TestMigrateKeepsNothingOfAFailedStep(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		fsys := schema(first, create, second, "CREATE TABLE half (id integer);\nCREATE TABLE broken (;")
		if err := dbx.Migrate(t.Context(), db, fsys, "desk"); err == nil || !strings.Contains(err.Error(), second) {
			t.Fatalf("Migrate = %v, want an error that names %s", err, second)
		}
		if _, err := db.Exec("SELECT * FROM half"); err == nil {
			t.Error("the first half of the failed migration was kept")
		}
		if err := dbx.Migrate(t.Context(), db, schema(first, create, second, extend), "desk"); err != nil {
			t.Errorf("Migrate with the step mended = %v", err)
		}
	})
}

func TestMigrateWithoutMigrations(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, dsn string) {
		if err := dbx.Migrate(t.Context(), open(t, dsn), fstest.MapFS{}, "desk"); err == nil {
			t.Error("Migrate of no files succeeded")
		}
	})
}
