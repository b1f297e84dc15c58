// Package journal remembers: the stage (what the source last said), runs and
// their changes, what was last written into a target, items, decisions and the
// audit. It stores and finds; what any of it means is for others to decide. One
// set of tables serves SQLite and PostgreSQL.
//
// Every method that writes is one transaction unless its comment says otherwise:
// after a crash all of it is there or none. No method leaves a cursor open across
// a call, and none reads the clock but through Options.Now. All methods are safe
// for concurrent use.
package journal

import (
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/rs/zerolog"
)

// Options adjust a Journal; the zero Options are safe.
type Options struct {
	Now   func() time.Time         // the clock; nil: the system's
	Log   zerolog.Logger           // the zero Logger writes nothing
	Lease time.Duration            // how long a silent holder keeps its lock; 0: one minute
	Dead  func(holder string) bool // reports that a holder is certainly dead; nil: DeadHere
}

// Journal is an open journal.
type Journal struct {
	db  *sqlx.DB
	opt Options
}
