package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/rivermigrate"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// TestAQueueOfANewerRiverIsRefused: a daemon of the version before that is started anew
// does not work with tables which it does not know.
func TestAQueueOfANewerRiverIsRefused(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		s, err := openStore(t.Context(), dsn, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		s.db.MustExec(`INSERT INTO river_migration (line, version) VALUES ('main', 99)`)
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		if _, err = openStore(t.Context(), dsn, time.Now); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "was written by a newer desksync (its schema is 99, this one knows 7)") {
			t.Errorf("openStore = %v, want it refused", err)
		}
	})
}

// readRivers is the newest migration of River that somebody read. None of those up to it
// stands between two versions of desksync, which began with it.
const readRivers = 7

// TestNobodyOverlooksAMigrationOfRiver: River's migrations do not only add (the seventh
// rebuilds its tables on SQLite, and asks that all daemons stop). Who takes a River with another one reads
// whether the version before goes on beside it, says in the notes of the version if it does not,
// and raises the number.
func TestNobodyOverlooksAMigrationOfRiver(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		db, err := dbx.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		m, err := rivermigrate.New(driver(db), nil)
		if err != nil {
			t.Fatal(err)
		}
		if all := m.AllVersions(); len(all) != readRivers || all[len(all)-1].Version != readRivers {
			t.Errorf("River has %d migrations, up to %d; those up to %d were read", len(all), all[len(all)-1].Version, readRivers)
		}
	})
}
