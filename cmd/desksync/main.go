// Command desksync keeps helpdesk organizations true to the CRM, and says so when
// they are not. Each subcommand has a file of its own; cmd/internal/wire turns the
// configuration into parts; what is decided is decided in the packages below.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/sync/reconcile"
	"github.com/desksync/desksync/sync/schedule"
)

// app is what all subcommands share: where they read and write, the clock, and
// the flags that every one of them has.
type app struct {
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
	lookup   func(string) (string, bool) // environment; nil: the process's
	log      zerolog.Logger

	config    string
	json      bool
	quiet     bool
	logFormat string

	progress   func(reconcile.Progress)
	checkpoint func(string)
	phase      func(ctx context.Context, phase string, run int64) (context.Context, func(error)) // told of phases; nil: nobody
	more       func(*app) *cobra.Command                                                         // a command that only binaries for tests have
	daemon     func(*schedule.Options)                                                           // how the daemon waits; nil: as one that runs for years
	tells      time.Duration                                                                     // how often the daemon looks whether there is something to tell; 0: each minute
	reads      time.Duration                                                                     // how long the daemon waits for its file; 0: readBound
	lease      time.Duration                                                                     // how long a silent run keeps its target; 0: the journal's default
	dead       func(string) bool                                                                 // reports that a holder is certainly dead; nil: the journal's default
	calls      func(*zendesk.Options)                                                            // how Zendesk is called; nil: over the network, by the clock
}

// Set in binaries that tests and measures build: to be killed, to live in a time in which
// no wait takes any, and to say what is asked of databases.
var killpoints, virtualTime, statements func(*app)

func main() {
	roomy()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// roomy lets the heap grow to three times what lives in it, unless GOGC says
// otherwise: a pass keeps a few pages of accounts, so that costs some 20 MiB and saves
// a twentieth of the work.
func roomy() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// run is the whole program but for the process around it.
func run(args []string, in io.Reader, out, err io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{in: in, out: out, err: err, now: time.Now}
	if killpoints != nil {
		killpoints(a)
	}
	if virtualTime != nil {
		virtualTime(a)
	}
	if statements != nil {
		statements(a)
	}
	return a.execute(ctx, args)
}
