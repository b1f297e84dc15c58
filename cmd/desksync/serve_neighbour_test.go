package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
)

// TestADaemonGoesOnBesideTheNextVersion lets the next version bring the database up to
// date under a daemon at work, as one replica after the other is upgraded: every table
// has a column more, and there is a table and an index more. The daemon goes on making passes;
// started anew it is refused.
func TestADaemonGoesOnBesideTheNextVersion(t *testing.T) {
	t.Parallel()
	for name, journal := range map[string]string{"SQLite": "", "PostgreSQL": dbtest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServed(t, "sqlite:desksync.db")
			if journal == "" {
				journal = "sqlite:" + filepath.Join(s.dir, "desksync.db")
			}
			for _, file := range []string{"desksync.yaml", "whole.yaml"} {
				s.replace(file, "journal: sqlite:desksync.db", "journal: "+journal)
			}
			s.run("reconcile", "--yes")
			s.serve()
			found := s.opened()
			s.replace("crm/accounts.csv", "Ace Tomato", "Ace Tomaten")
			s.until("the first change in the helpdesk", func() bool { return found("Ace Tomaten") })
			upgrade(t, journal)
			s.replace("crm/accounts.csv", "Ace Tomaten", "Ace Tomato")
			s.until("what changed after the upgrade in the helpdesk", func() bool { return found("Ace Tomato") })
			s.until("a good run in the metrics", func() bool {
				page := s.get("/metrics")
				return strings.Contains(page, "desksync_scrape_error 0") && strings.Contains(page, `desksync_pipeline_failures{pipeline="customers"} 0`)
			})
			if ready := s.get("/readyz"); ready != "ok\n" {
				t.Errorf("beside the next version it is not ready: %s", ready)
			}
			s.stop()
			if said := s.said.String(); strings.Contains(said, " ERR ") || strings.Contains(said, " WRN ") {
				t.Errorf("beside the next version it complains:\n%s", said)
			}
			if out := s.run("runs"); s.code == exitOK || !strings.Contains(out, "was written by a newer desksync") {
				t.Errorf("started anew it ended with %d: %s", s.code, out)
			}
		})
	}
}

// opened looks into the helpdesk itself: commands of this version are refused once the
// journal is the next one's.
func (s *served) opened() func(name string) bool {
	db, err := dbx.Open(s.Context(), "sqlite:"+filepath.Join(s.dir, "support.db"))
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = db.Close() })
	return func(name string) bool {
		var n int
		if err := db.Reader.GetContext(s.Context(), &n, `SELECT count(*) FROM organization WHERE name = ?`, name); err != nil {
			s.Fatal(err)
		}
		return n == 1
	}
}

// upgrade does what the migrations of a next version may.
func upgrade(t *testing.T, dsn string) {
	t.Helper()
	db, err := dbx.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	q := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if db.Dialect == dbx.Postgres {
		q = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	var tables []string
	if err := db.Select(&tables, q); err != nil || len(tables) < 20 {
		t.Fatalf("the tables %q: %v", tables, err)
	}
	statements := []string{`CREATE TABLE of_the_next (id bigint PRIMARY KEY)`, `CREATE INDEX of_the_next_run ON run (pipeline, of_the_next)`}
	for _, name := range tables {
		if !strings.HasSuffix(name, "_version") {
			statements = append([]string{"ALTER TABLE " + name + " ADD COLUMN of_the_next bigint NOT NULL DEFAULT 0"}, statements...)
		}
	}
	for _, component := range []string{"journal", "queue"} {
		statements = append(statements, fmt.Sprintf(`INSERT INTO %[1]s_version (version_id, is_applied) SELECT max(version_id) + 1, true FROM %[1]s_version`, component))
	}
	statements = append(statements, `INSERT INTO river_migration (line, version) SELECT line, max(version) + 1 FROM river_migration GROUP BY line`)
	for _, s := range statements { // each alone, for a migration holds few tables
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// adds are the statements that leave a program of the version before at work.
var adds = regexp.MustCompile(`^(CREATE TABLE |CREATE INDEX |DROP INDEX |COMMENT ON |ALTER TABLE \w+ ADD COLUMN |ALTER TABLE \w+ SET \(fillfactor |ALTER TABLE \w+(?: ALTER COLUMN \w+ SET STATISTICS \d+,?)+$|SELECT 1$)`)

// TestMigrationsLeaveTheVersionBeforeAtWork reads every migration after the first: it adds tables,
// indexes, and columns that a program which does not know them need not fill.
func TestMigrationsLeaveTheVersionBeforeAtWork(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(repo, "sync", "*", "migrations", "*", "*.sql"))
	if err != nil || len(files) < 14 {
		t.Fatalf("migrations %q: %v", files, err)
	}
	for _, file := range files {
		if strings.HasPrefix(filepath.Base(file), "0001_") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range statementsOf(string(text)) {
			if !adds.MatchString(s) || strings.HasPrefix(s, "ALTER") && strings.Contains(s, "NOT NULL") && !strings.Contains(s, "DEFAULT") {
				t.Errorf("%s: the version before may not go on beside %q", file, s)
			}
		}
	}
}

// statementsOf splits a migration, and leaves comments and texts out.
func statementsOf(text string) (out []string) {
	text = regexp.MustCompile(`--[^\n]*|'[^']*'`).ReplaceAllString(text, "")
	for _, s := range strings.Split(text, ";") {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			out = append(out, s)
		}
	}
	return out
}
