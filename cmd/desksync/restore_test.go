package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx/dbtest"
)

// TestTheFirstRunAfterARestoreByHandOnlyLooks: what pg_restore put back does not know that
// it is old, until somebody says so.
func TestTheFirstRunAfterARestoreByHandOnlyLooks(t *testing.T) {
	t.Parallel()
	s := newServed(t, dbtest.Postgres(t))
	s.run("reconcile", "--yes")
	if said := s.run("restore", "backup.db"); s.code == exitOK || !strings.Contains(said, "desksync restore --by-hand") {
		t.Errorf("restore of a file ended with %d: %s", s.code, said)
	}
	if said := s.run("restore", "--by-hand", "backup.db"); s.code != exitUsage {
		t.Errorf("restore by hand of a file ended with %d: %s", s.code, said)
	}
	if said := s.run("restore", "--by-hand"); s.code != exitOK || !strings.Contains(said, "the next run only looks") {
		t.Errorf("restore by hand ended with %d: %s", s.code, said)
	}
	s.replace("crm/accounts.csv", "Ace Tomato", "Ace Tomaten")
	if said := s.run("reconcile", "--yes"); s.found("Ace Tomaten") {
		t.Errorf("the first run wrote:\n%s", said)
	}
	if said := s.run("reconcile", "--yes"); !s.found("Ace Tomaten") {
		t.Errorf("the second run wrote nothing:\n%s", said)
	}
	if said := s.run("audit", "export"); !strings.Contains(said, `"what":"restore"`) || strings.Contains(said, `"who":"restore"`) {
		t.Errorf("the audit does not say who restored:\n%s", said)
	}
}

// TestADaemonOnlyLooksOnceAfterARestore takes a backup while a daemon works, and lets
// another one go on from it: its first run writes nothing, the one after it does.
func TestADaemonOnlyLooksOnceAfterARestore(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	s.run("reconcile", "--yes")
	s.serve()
	s.until("a run of the daemon", func() bool { return strings.Contains(s.said.String(), "pass ended") })
	backup := filepath.Join(s.dir, "backup.db")
	if said := s.run("backup", backup); s.code != exitOK {
		t.Fatal(said)
	}
	s.stop()
	if err := os.Rename(filepath.Join(s.dir, "desksync.db"), filepath.Join(s.dir, "lost.db")); err != nil {
		t.Fatal(err)
	}
	if said := s.run("restore", backup); s.code != exitOK {
		t.Fatal(said)
	}
	before := strings.Count(s.run("runs", "--json", "--limit", "1000"), "\n")
	s.replace("crm/accounts.csv", "Ace Tomato", "Ace Tomaten")
	s.said = &logged{}
	s.serve()
	s.until("the new name in the helpdesk", func() bool { return s.found("Ace Tomaten") })
	s.stop()
	lines := strings.Split(strings.TrimSpace(s.run("runs", "--json", "--limit", "1000")), "\n") // the newest first
	first, second := lines[len(lines)-before-1], lines[len(lines)-before-2]
	if !strings.Contains(first, `"mode":"observe"`) || !strings.Contains(first, `"state":"previewed"`) || !strings.Contains(second, `"mode":"reconcile"`) || !strings.Contains(second, `"state":"applied"`) {
		t.Errorf("after the restore ran\n%s\nand then\n%s", first, second)
	}
}
