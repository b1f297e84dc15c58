package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/schedule"
)

// quickly lets a daemon wait for seconds where it waits for minutes.
func quickly(a *app) {
	a.lease = goneLease
	a.daemon = func(o *schedule.Options) {
		o.Lease, o.Sweep, o.Ask, o.Again = goneLease, 500*time.Millisecond, 200*time.Millisecond, 100*time.Millisecond
	}
}

// TestADaemonOutlivesItsDatabase takes the database away between a write and its note, for
// as long as ten looks for due ticks, which is ten minutes of a daemon's life: it stays
// up, says so once, goes on by itself when the database is back, and makes nothing twice.
func TestADaemonOutlivesItsDatabase(t *testing.T) {
	t.Parallel()
	w := newWire(t, dbtest.Postgres(t))
	s := newServed(t, w.dsn)
	s.run("reconcile", "--yes")
	before := s.run("store", "export", "--target", "support")
	s.tune = func(a *app) {
		quickly(a)
		a.checkpoint = nth("wrote", 1, w.cut)
	}
	s.serve()
	s.until("ready", func() bool { return s.get("/readyz") == "ok\n" })
	s.replace("crm/accounts.csv", "Ace Tomato", "Ace Tomaten")
	s.until("it says that the database is away", func() bool { return strings.Contains(s.get("/readyz"), "lost or refused") })
	time.Sleep(10 * 500 * time.Millisecond)
	if s.get("/healthz") != "ok\n" {
		t.Error("a daemon whose database is away is to be started anew, which would not help")
	}
	w.mend(t)
	s.until("it is ready again", func() bool { return s.get("/readyz") == "ok\n" })
	s.replace("crm/accounts.csv", "Dreadco", "Dreadful")
	s.until("what changed since in the helpdesk", func() bool { return s.found("Dreadful") && s.found("Ace Tomaten") })
	s.stop()
	want := strings.NewReplacer("Ace Tomato", "Ace Tomaten", "Dreadco", "Dreadful").Replace(before)
	if got := s.run("store", "export", "--target", "support"); got != want {
		t.Errorf("the helpdesk differs from what the two renamings make of it: %s", firstDifference([]byte(got), []byte(want)))
	}
	said := s.said.String()
	for text, most := range map[string]int{"the queue cannot be looked after": 1, "the queue is looked after again": 1, "lost or refused": 6} {
		if n := strings.Count(said, text); n == 0 || n > most {
			t.Errorf("%q was said %d times, want at most %d:\n%s", text, n, most, said)
		}
	}
}

// TestADaemonOutlivesAFullDisk lets the disk of the store be full while a pass writes:
// it is said, nothing is lost, and once there is room the daemon goes on by itself.
func TestADaemonOutlivesAFullDisk(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	s.run("reconcile", "--yes")
	var full atomic.Bool
	full.Store(true)
	store := filepath.Join(s.dir, "support.db")
	growsNot(store, full.Load)
	s.tune = quickly
	s.listen(t)
	if err := crowd(filepath.Join(s.dir, "crm"), 100); err != nil {
		t.Fatal(err)
	}
	found := s.opened()
	s.serve()
	s.until("people are told", func() bool { return s.tellings("begun") == 1 })
	if said := s.said.String(); !strings.Contains(said, "no room is left on the disk of the database") || found("Company 00099") {
		t.Errorf("the disk is not full, or that was not said:\n%s", said)
	}
	full.Store(false)
	s.until("all of them in the helpdesk", func() bool { return found("Company 00000") && found("Company 00099") })
	s.until("people are told that it is over", func() bool { return s.tellings("over") == 1 })
	if b, w := s.tellings("begun"), s.tellings("worse"); b != 1 || w != 0 {
		t.Errorf("told %d times that passes fail, and %d times that it is worse:\n%+v", b, w, s.hook.all())
	}
}

// growsNot keeps a database at the size that it has when it is connected to, while that is
// so: its disk is full.
func growsNot(file string, now func() bool) {
	sqlite.RegisterConnectionHook(func(c sqlite.ExecQuerierContext, dsn string) error {
		if !strings.Contains(dsn, file) || !now() {
			return nil
		}
		_, err := c.ExecContext(context.Background(), "PRAGMA max_page_count=1", nil)
		return err
	})
}

// TestATargetThatIsDownAllNightIsOneAlertAndOneRecovery takes the helpdesk away for as
// many failures as a night of hourly runs has.
func TestATargetThatIsDownAllNightIsOneAlertAndOneRecovery(t *testing.T) {
	t.Parallel()
	w := newWire(t, dbtest.Postgres(t))
	s := newServed(t, "sqlite:desksync.db")
	s.replace("desksync.yaml", "database: sqlite:support.db", "database: "+w.dsn)
	s.replace("whole.yaml", "database: sqlite:support.db", "database: "+w.dsn)
	s.run("reconcile", "--yes")
	s.tune = quickly
	s.listen(t)
	s.serve()
	s.until("a good run", func() bool {
		return strings.Contains(s.get("/metrics"), `desksync_pipeline_failures{pipeline="customers"} 0`)
	})
	w.cut()
	s.until("a night of failures", func() bool {
		var n int
		_, after, _ := strings.Cut(s.get("/metrics"), `desksync_pipeline_failures{pipeline="customers"} `)
		_, _ = fmt.Sscan(after, &n)
		return n >= 12
	})
	if n := s.tellings("begun"); n != 1 || len(s.hook.all()) != 1 {
		t.Errorf("in the night people were told %d beginnings, and more:\n%+v", n, s.hook.all())
	}
	w.mend(t)
	s.until("the recovery", func() bool { return s.tellings("over") == 1 })
	s.until("another good run", func() bool {
		return strings.Contains(s.get("/metrics"), `desksync_pipeline_failures{pipeline="customers"} 0`)
	})
	s.stop()
	if b, o := s.tellings("begun"), s.tellings("over"); b != 1 || o != 1 || len(s.hook.all()) != 2 {
		t.Errorf("told %d beginnings and %d ends, want one of each and nothing else:\n%+v", b, o, s.hook.all())
	}
}

// listen gives the daemon a channel for what fails.
func (s *served) listen(t *testing.T) {
	t.Helper()
	s.hook = newHook(t)
	if err := appendTo(s.file, s.hook.section("failing")); err != nil {
		t.Fatal(err)
	}
}

// tellings counts the messages in which an alert of failing runs begins, or is over.
func (s *served) tellings(what string) int {
	return strings.Count(s.hook.events(alert.Failing), what)
}
