package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/virtual"
)

// keeping says of every table of the queue how its rows go. A new table belongs in here,
// and, if it grows with time, into prune.
var keeping = map[string]string{
	"tick": "prune: a month after it was answered",
	"turn": "one per pipeline",
	// River's own (its documentation, "Maintenance services"): a leader deletes jobs a day
	// after they were completed or cancelled, and seven after they were discarded.
	"river_job": "River", "river_leader": "River", "river_queue": "River", "river_client": "River", "river_client_queue": "River", "river_notification": "River",
	"river_migration": "migrations", "queue_version": "migrations",
}

// TestEveryTableIsKeptShortOrDeclared fails for a table that nobody thought of.
func TestEveryTableIsKeptShortOrDeclared(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		s, err := openStore(t.Context(), dsn, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.close() }()
		q := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`
		if s.db.Dialect == dbx.Postgres {
			q = `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`
		}
		var tables []string
		if err := s.db.SelectContext(t.Context(), &tables, q); err != nil || len(tables) < 5 {
			t.Fatalf("tables %q, %v", tables, err)
		}
		for _, table := range tables {
			if keeping[table] == "" {
				t.Errorf("nobody says how long the rows of %s are kept", table)
			}
		}
	})
}

// TestTicksOfLongAgoGo leaves what waits, and the newest of each entry.
func TestTicksOfLongAgoGo(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		c := virtual.NewClock(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))
		s, err := openStore(t.Context(), dsn, c.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.close() }()
		for i, done := range []bool{true, true, false, true} {
			at := c.Now().Add(time.Duration(i) * time.Hour)
			tick := Tick{Pipeline: "p", Kind: Delta, Spec: "@hourly", Nominal: at, Due: at}
			if !done {
				at = time.Time{}
			}
			if _, err := s.add(t.Context(), tick, at); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := s.prune(t.Context(), c.Now().Add(30*24*time.Hour)); n != 2 || err != nil {
			t.Errorf("%d ticks went (%v), want the two that were answered and are not the newest", n, err)
		}
	})
}

// TestTheQueueForgetsAPerson redacts what a pass that failed said of them, and nothing else.
func TestTheQueueForgetsAPerson(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		v, err := OpenView(t.Context(), dsn, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = v.Close() }()
		const q = `INSERT INTO turn (pipeline, error) VALUES ('a', 'no user jane@acme.example'), ('b', 'the helpdesk is away'), ('c', '')`
		if _, err := v.store.exec(t.Context(), "test", q); err != nil {
			t.Fatal(err)
		}
		n, err := v.Forget(t.Context(), func(s string) string { return strings.ReplaceAll(s, "jane@acme.example", "(forgotten)") })
		if n != 1 || err != nil {
			t.Errorf("%d rows were redacted (%v), want 1", n, err)
		}
		var all []string
		if err := v.store.db.SelectContext(t.Context(), &all, `SELECT error FROM turn ORDER BY pipeline`); err != nil || strings.Join(all, "|") != "no user (forgotten)|the helpdesk is away|" {
			t.Errorf("left %q, %v", all, err)
		}
	})
}
