package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx"
)

// What the measure of the daemon assumes.
const (
	daemonJob = "The daemon, a hundred pipelines"
	fleet     = 100              // pipelines, each with a CRM and a helpdesk of its own
	perFleet  = 100              // accounts of each
	settles   = 15 * time.Second // until what was begun at the start is over
	watched   = time.Minute      // how long a daemon that rests is looked at
	loading   = 3 * time.Minute  // more than the first load of all takes
)

//go:embed daemon.yaml
var fleetConfig string

// daemonMeasures look at a daemon that rests, and at one hour in which each of its
// pipelines runs once. The product is built to count what it asks its databases.
func daemonMeasures() []measure {
	return []measure{
		{daemonJob, "daemon, journal in SQLite", false, daemonLife(onSQLite)},
		{daemonJob, "daemon, journal in PostgreSQL", false, daemonLife(onPostgres)},
	}
}

// fleetOf is a daemon, and the folder it lives in.
type fleetOf struct {
	*Bench
	m       measure
	dir     string
	journal string
	tick    time.Time // when all pipelines are due
	proc    *serving
}

func daemonLife(on backend) func(context.Context, *Bench, measure) error {
	return func(ctx context.Context, b *Bench, m measure) (err error) {
		l := &fleetOf{Bench: b, m: m}
		if err := l.begin(ctx, on); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, l.proc.stop()) }()
		if err := l.rests(ctx, "idle, just started"); err != nil {
			return err
		}
		if err := l.hour(ctx); err != nil {
			return err
		}
		return l.rests(ctx, "idle, after each ran")
	}
}

// begin loads all helpdesks once and starts the daemon, some time before all are due.
func (l *fleetOf) begin(ctx context.Context, on backend) (err error) {
	binary, err := l.countedProduct(ctx)
	if err != nil {
		return err
	}
	if l.dir, err = os.MkdirTemp(l.work, "fleet-"); err != nil {
		return err
	}
	if l.journal, err = l.fleetJournal(ctx, on); err != nil {
		return err
	}
	rest := loading + settles + time.Duration(l.runs)*watched
	l.tick = l.now().UTC().Add(rest + time.Minute).Truncate(time.Minute)
	if err := l.configure(ctx); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(l.dir, "desksync.log"))
	if err != nil {
		return err
	}
	u, err := l.child(ctx, log, []int{0}, l.dir, binary, "reconcile", "--yes", "--quiet")
	if err != nil {
		return errors.Join(err, log.Close())
	}
	l.add("first load by one command", "wall", Seconds, Goal{}, u.Wall.Seconds(), fmt.Sprintf("%d pipelines of %d accounts", fleet, perFleet))
	if l.proc, err = startServing(ctx, binary, l.dir, log); err != nil {
		return err
	}
	return l.until(ctx, l.tick.Add(-time.Duration(l.runs)*watched-time.Second), "the first load took too long for this machine")
}

func (l *fleetOf) fleetJournal(ctx context.Context, on backend) (string, error) {
	if on == onPostgres {
		return l.pg.create(ctx)
	}
	return "sqlite:" + filepath.Join(l.dir, "journal.db"), nil
}

// configure writes the file and generates the CRMs.
func (l *fleetOf) configure(ctx context.Context) (err error) {
	data := struct {
		Dir, Journal string
		Minute       int
		Names        []string
	}{Dir: l.dir, Journal: l.journal, Minute: l.tick.Minute()}
	for n := range fleet {
		name := fmt.Sprintf("%03d", n)
		data.Names = append(data.Names, name)
		opt := crmgen.Options{Accounts: perFleet, Seed: uint64(n + 1), Day: day.Of(l.tick)}
		if _, err := crmgen.Write(ctx, filepath.Join(l.dir, "crm"+name), opt); err != nil {
			return err
		}
	}
	text, err := template.New("fleet").Parse(fleetConfig)
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(l.dir, "desksync.yaml"))
	if err != nil {
		return err
	}
	return errors.Join(text.Execute(out, data), out.Close())
}

// countedProduct builds the product to count its statements.
func (b *Bench) countedProduct(ctx context.Context) (string, error) {
	out := filepath.Join(b.work, "desksync-counted")
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	_, err := b.child(ctx, io.Discard, []int{0}, ".", "go", "build", "-trimpath", "-tags", "counted", "-o", out, "./cmd/desksync")
	return out, err
}

// rests watches the daemon while nothing is due, and says what an hour of it takes.
func (l *fleetOf) rests(ctx context.Context, name string) error {
	for range l.runs {
		before, err := l.proc.look()
		if err != nil {
			return err
		}
		if err := l.until(ctx, l.now().Add(watched), "the clock was set"); err != nil {
			return err
		}
		after, err := l.proc.look()
		if err != nil {
			return err
		}
		times := float64(time.Hour) / float64(after.at.Sub(before.at))
		l.add(name, "memory", Bytes, atMost(128*mib), float64(after.resident), "resident")
		l.add(name, "statements an hour", Count, Goal{}, times*float64(after.total()-before.total()), "most: "+most(after.since(before)))
		l.add(name, "wake-ups an hour", Count, Goal{}, times*float64(after.switches-before.switches), "voluntary switches of all threads")
		l.add(name, "CPU an hour", Seconds, Goal{}, times*(after.cpu-before.cpu).Seconds(), "")
	}
	return nil
}

// hour has each pipeline make its run, all due in the same moment.
func (l *fleetOf) hour(ctx context.Context) error {
	const name = "each runs once, all at once"
	if err := l.until(ctx, l.tick, "looking at it took too long"); err != nil {
		return err
	}
	before, err := l.proc.look()
	if err != nil {
		return err
	}
	if err := l.answered(ctx); err != nil {
		return err
	}
	after, err := l.proc.look()
	if err != nil {
		return err
	}
	l.add(name, "wall", Seconds, Goal{}, after.at.Sub(l.tick).Seconds(), "four passes at once")
	l.add(name, "peak memory", Bytes, Goal{}, float64(after.peak), "")
	l.add(name, "statements", Count, Goal{}, float64(after.total()-before.total()), "most: "+most(after.since(before)))
	l.add(name, "CPU", Seconds, Goal{}, (after.cpu - before.cpu).Seconds(), "")
	if err := l.until(ctx, l.now().Add(settles), "the clock was set"); err != nil {
		return err
	}
	return l.scraped(ctx)
}

// scraped looks at the page of metrics, as Prometheus does each quarter of a minute, after
// a first look that asks for more.
func (l *fleetOf) scraped(ctx context.Context) error {
	page := "http://" + l.proc.address + "/metrics"
	if _, err := askBox(ctx, http.MethodGet, page); err != nil {
		return err
	}
	before, err := l.proc.look()
	if err != nil {
		return err
	}
	if _, err := askBox(ctx, http.MethodGet, page); err != nil {
		return err
	}
	after, err := l.proc.look()
	if err != nil {
		return err
	}
	l.add("one look at /metrics", "statements", Count, Goal{}, float64(after.total()-before.total()), "most: "+most(after.since(before)))
	return nil
}

// answered waits until every pipeline's tick was answered by a run.
func (l *fleetOf) answered(ctx context.Context) error {
	db, err := dbx.Open(ctx, l.journal)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	const patience = 10 * time.Minute
	for end := l.now().Add(patience); ; {
		var n int
		if err := db.Reader.GetContext(ctx, &n, `SELECT count(*) FROM tick WHERE done > 0 AND run > 0`); err != nil || n >= fleet {
			return err
		}
		if l.now().After(end) {
			return fmt.Errorf("after %s only %d of %d pipelines ran: %s", patience, n, fleet, l.proc.last)
		}
		if err := l.until(ctx, l.now().Add(time.Second), ""); err != nil {
			return err
		}
	}
}

// until waits for a moment that has not passed yet.
func (l *fleetOf) until(ctx context.Context, at time.Time, late string) error {
	wait := at.Sub(l.now())
	if wait < 0 {
		return errors.New(late)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

func (l *fleetOf) add(name, figure string, unit Unit, goal Goal, value float64, note string) {
	l.sheet.Add(l.m.section, l.m.name+": "+name, figure, unit, goal, value).Note = note
}
