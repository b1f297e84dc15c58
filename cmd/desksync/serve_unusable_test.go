package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/sync/alert"
)

// hasty lets a daemon look twenty times a second whether there is something to tell.
func hasty(a *app) {
	quickly(a)
	a.tells = 50 * time.Millisecond
}

// farServed is a daemon, ready, whose journal is behind a wire, with a channel.
func farServed(t *testing.T) (*cable, *served, *hook) {
	t.Helper()
	w := newWire(t, dbtest.Postgres(t))
	s, h := newServed(t, w.dsn), newHook(t)
	s.tune = hasty
	s.replace("desksync.yaml", "overrides: overrides.yaml", h.section()+"overrides: overrides.yaml")
	s.serve()
	s.until("ready", func() bool { return s.get("/readyz") == "ok\n" })
	return w, s, h
}

// tellsJournal takes the server of the journal away while nothing is due, and brings it back.
func tellsJournal(t *testing.T) {
	t.Helper()
	w, s, h := farServed(t)
	w.cut()
	s.until("it is told", func() bool { return h.events(alert.Journal) == "begun" })
	time.Sleep(time.Second) // twenty looks
	w.mend(t)
	s.until("that is over", func() bool { return h.events(alert.Journal) == "begun, over" })
	s.stop()
	c := h.of(alert.Journal)[0].Condition
	if host, _ := os.Hostname(); !strings.Contains(c.Title, host) || !strings.Contains(c.Text, "lost or refused ("+w.name+")") || strings.Contains(c.Text, "postgres://") {
		t.Errorf("told %q, %q", c.Title, c.Text)
	}
}

// TestAFullDiskOfTheJournalIsTold: the outbox lies on the disk that is full. Here each job of
// the queue needs more than there is room for, so that no page that is free by chance takes it.
func TestAFullDiskOfTheJournalIsTold(t *testing.T) {
	t.Parallel()
	s, h := newServed(t, "sqlite:desksync.db"), newHook(t)
	s.replace("desksync.yaml", "overrides: overrides.yaml", h.section()+"overrides: overrides.yaml")
	s.run("reconcile", "--yes")
	s.run("queue") // makes its tables
	journal := filepath.Join(s.dir, "desksync.db")
	db := s.weighed(journal)
	db.MustExec(`CREATE TRIGGER heavy AFTER INSERT ON river_job BEGIN INSERT INTO ballast VALUES (zeroblob(4000000)); END`)
	growsNot(journal, func() bool { return true })
	s.tune = hasty
	s.serve()
	s.until("it is told", func() bool { return h.events(alert.Journal) == "begun" })
	if c := h.of(alert.Journal)[0].Condition; !strings.Contains(c.Text, "no room is left on the disk of the database ("+journal+"); make room") {
		t.Errorf("told %q", c.Text)
	}
	time.Sleep(4 * goneLease) // a while, in which it tries again and again
	db.MustExec(`DROP TRIGGER heavy`)
	s.until("that is over", func() bool { return h.events(alert.Journal) == "begun, over" })
	s.until("a good run", func() bool {
		return s.get("/readyz") == "ok\n" && strings.Contains(s.get("/metrics"), `desksync_pipeline_failures{pipeline="customers"} 0`)
	})
	s.stop()
	if got := h.events(alert.Journal); got != "begun, over" {
		t.Errorf("told %q", got)
	}
}

// TestADaemonWhoseJournalGoesAsItBeginsGoesOn once that is back: it was opened a moment ago.
func TestADaemonWhoseJournalGoesAsItBeginsGoesOn(t *testing.T) {
	t.Parallel()
	w := newWire(t, dbtest.Postgres(t))
	s := newServed(t, w.dsn)
	var once sync.Once
	s.tune = func(a *app) {
		quickly(a)
		a.lookup = func(name string) (string, bool) {
			if strings.HasPrefix(name, "OTEL_") { // asked for when all is opened and nothing runs
				once.Do(w.cut)
			}
			return os.LookupEnv(name)
		}
	}
	s.serve()
	s.until("it is noticed", func() bool { return strings.Contains(s.get("/readyz"), "lost or refused") })
	w.mend(t)
	s.until("a good run", func() bool {
		return s.get("/readyz") == "ok\n" && strings.Contains(s.get("/metrics"), `desksync_pipeline_failures{pipeline="customers"} 0`)
	})
}

// TestAFileThatIsRefusedWhileTheJournalIsAwayIsTold once it is back.
func TestAFileThatIsRefusedWhileTheJournalIsAwayIsTold(t *testing.T) {
	t.Parallel()
	w, s, h := farServed(t)
	w.cut()
	s.until("it is noticed", func() bool { return strings.Contains(s.get("/readyz"), "lost or refused") })
	s.replace("desksync.yaml", "grace: 15d", "grace: soon")
	s.until("the file is refused", func() bool { return strings.Contains(s.said.String(), "the changed file is refused") })
	w.mend(t)
	s.until("it is told", func() bool { return h.events(alert.Configuration) == "begun" })
}
