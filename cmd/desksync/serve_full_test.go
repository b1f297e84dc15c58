package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

// TestADaemonOutlivesAFullDiskOfItsJournal lets the journal's file not grow any more while
// passes stage and seal a hundred accounts: the daemon stays up, says which file it is and
// what to do, and once there is room it goes on by itself, with everything.
func TestADaemonOutlivesAFullDiskOfItsJournal(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	s.run("reconcile", "--yes")
	s.run("queue") // makes its tables
	journal := filepath.Join(s.dir, "desksync.db")
	db := s.weighed(journal)
	growsNot(journal, func() bool { return true })
	s.tune = quickly
	s.listen(t)
	if err := crowd(filepath.Join(s.dir, "crm"), 100); err != nil {
		t.Fatal(err)
	}
	found := s.opened()
	s.serve()
	const full = "no room is left on the disk of the database ("
	s.until("it is said", func() bool { return strings.Contains(s.said.String(), full+journal+"); make room") })
	if s.get("/healthz") != "ok\n" || found("Company 00099") {
		t.Errorf("the daemon is to be started anew, or the disk is not full:\n%s", s.said)
	}
	time.Sleep(4 * goneLease) // a while, in which it tries again and again
	db.MustExec(`DROP TABLE ballast`)
	s.until("all of them in the helpdesk", func() bool { return found("Company 00000") && found("Company 00099") })
	s.until("a good run", func() bool {
		return s.get("/readyz") == "ok\n" && strings.Contains(s.get("/metrics"), `desksync_pipeline_failures{pipeline="customers"} 0`)
	})
	s.until("nobody is left alarmed", func() bool { return s.tellings("begun") == s.tellings("over") })
	s.stop()
	for line := range strings.Lines(s.said.String()) {
		if strings.Contains(line, " ERR ") && !strings.Contains(line, full+journal+"); make room") || strings.Contains(line, "rollback") {
			t.Errorf("that does not say which file it is and what to do: %s", line)
		}
	}
	if n := strings.Count(s.said.String(), "the queue cannot be looked after"); n > 1 {
		t.Errorf("said %d times:\n%s", n, s.said)
	}
	calm := newServed(t, "sqlite:desksync.db")
	if err := crowd(filepath.Join(calm.dir, "crm"), 100); err != nil {
		t.Fatal(err)
	}
	calm.run("reconcile", "--yes")
	if got, want := inStep.FindString(s.run("reconcile")), inStep.FindString(calm.run("reconcile")); got != want || got == "" {
		t.Errorf("after it a run says %q, where nothing happened it says %q", got, want)
	}
}

var inStep = regexp.MustCompile(`nothing to do; \d+ in step`)

// weighed puts into a database what fills the disk, and can be taken away.
func (s *served) weighed(file string) *sqlx.DB {
	s.Helper()
	db, err := sqlx.Open("sqlite", file)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = db.Close() })
	db.MustExec(`PRAGMA busy_timeout = 5000`)
	db.MustExec(`CREATE TABLE ballast AS SELECT zeroblob(4000000) AS lead`)
	return db
}
