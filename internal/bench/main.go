// Command bench measures desksync against its goals and prints both side by side:
// the machine first, then one line per figure with pass or miss. It builds the
// product, generates a CRM, and runs the product as a child process whose time and
// memory the kernel counts; it measures nothing inside itself. Run it at the root of
// the repository.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := 0
	if len(os.Args) == 3 && os.Args[1] == boxWord {
		code = serve(ctx, os.Args[2], os.Stderr)
	} else {
		code = run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	stop()
	os.Exit(code)
}

// serve is the stand-in for Zendesk that measures start.
func serve(ctx context.Context, at string, progress io.Writer) int {
	if err := serveBox(ctx, at, os.Stdin, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(progress, "bench:", err)
		return 1
	}
	return 0
}

// run returns the exit code: 0 when every goal is met, 1 when one is missed or could
// not be measured, 2 for wrong flags.
func run(ctx context.Context, args []string, out, progress io.Writer) int {
	b, asJSON, err := parse(args, progress)
	if err != nil {
		return 2
	}
	b.now = time.Now
	err = b.all(ctx, slices.Concat(measures(), sourceMeasures(), zendeskMeasures(), daemonMeasures()))
	if asJSON {
		err = firstOf(err, writeJSON(out, b.head, b.sheet.rows))
	} else {
		err = firstOf(err, writeTable(out, b.head, b.sheet.rows))
	}
	if err != nil {
		b.say("bench: %v", err)
		return 1
	}
	if bad := b.sheet.Bad(); bad > 0 {
		b.say("bench: %d of %d figures missed their goal or could not be measured", bad, len(b.sheet.rows))
		return 1
	}
	return 0
}

func parse(args []string, progress io.Writer) (*Bench, bool, error) {
	b := &Bench{progress: progress}
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.SetOutput(progress)
	only := set.String("run", "", "measure only what this regular expression finds in its name")
	asJSON := set.Bool("json", false, "print JSON")
	set.IntVar(&b.runs, "n", 3, "runs of each measure; the median counts")
	set.IntVar(&b.accounts, "accounts", standard, "accounts in the CRM; goals for time scale with them")
	set.BoolVar(&b.large, "large", false, "also measure ten times the accounts, which takes long to load")
	set.BoolVar(&b.keep, "keep", false, "keep the folder with exports, databases and logs")
	set.StringVar(&b.config, "config", "examples/gitlab/desksync.yaml", "configuration to measure")
	set.StringVar(&b.pipeline, "pipeline", "customers", "pipeline of it to measure")
	set.StringVar(&b.mapBench, "map", "./cmd/desksync:BenchmarkMapCompare", "PACKAGE:BENCHMARK of the rules alone")
	set.StringVar(&b.dsn, "postgres", os.Getenv("DESKSYNC_BENCH_POSTGRES_DSN"), "PostgreSQL server on which databases may be made; default: a throw-away one")
	if err := set.Parse(args); err != nil {
		return nil, false, err
	}
	var err error
	if b.only, err = regexp.Compile(*only); err == nil && (b.runs < 1 || b.accounts < 1 || set.NArg() > 0) {
		err = fmt.Errorf("-n and -accounts are at least 1, and nothing stands after the flags")
	}
	if err != nil {
		b.say("bench: %v", err)
	}
	return b, *asJSON, err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
