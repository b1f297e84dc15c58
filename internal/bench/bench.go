package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
)

// Bench is one run of the program.
type Bench struct {
	accounts int
	runs     int
	large    bool
	keep     bool
	only     *regexp.Regexp
	config   string // the configuration that is measured
	pipeline string // the pipeline of it
	mapBench string // PACKAGE:BENCHMARK of the rules alone
	dsn      string // PostgreSQL server; empty: a throw-away one
	now      func() time.Time
	progress io.Writer

	work    string // folder of everything that is made
	binary  string // the product, built for this run
	pg      postgres
	head    Machine
	sheet   Sheet
	exports map[int]string    // generated exports by number of accounts
	worlds  map[string]*world // loaded worlds, kept for the runs that follow
}

// measure is one line of the list: what is measured, and how.
type measure struct {
	section, name string
	large         bool // takes long: only with -large
	run           func(context.Context, *Bench, measure) error
}

// all runs the chosen measures, one after the other; one that fails does not keep
// the others from being measured.
func (b *Bench) all(ctx context.Context, list []measure) (err error) {
	if b.work, err = os.MkdirTemp("", "desksync-bench-"); err != nil {
		return err
	}
	b.exports, b.worlds = map[int]string{}, map[string]*world{}
	defer func() { err = errors.Join(err, b.clean(context.WithoutCancel(ctx))) }()
	b.pg.start(ctx, b.dsn)
	b.head = b.machine(ctx)
	for _, m := range list {
		if m.large && !b.large || !b.only.MatchString(m.name) {
			continue
		}
		b.say("measuring: %s", m.name)
		if err := m.run(ctx, b, m); err != nil {
			b.say("  not measured: %v", err)
			b.sheet.Fail(m.section, m.name, err)
		}
		b.head.Own = ownPeak()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func (b *Bench) clean(ctx context.Context) error {
	err := b.pg.stop(ctx)
	for _, w := range b.worlds {
		err = errors.Join(err, w.log.Close())
	}
	if b.keep {
		b.say("kept: %s", b.work)
		return err
	}
	return errors.Join(err, os.RemoveAll(b.work))
}

func (b *Bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.progress, format+"\n", args...)
}

// product builds the command once, as it is released: without cgo.
func (b *Bench) product(ctx context.Context) error {
	if b.binary != "" {
		return nil
	}
	out := filepath.Join(b.work, "desksync")
	if _, err := b.child(ctx, io.Discard, []int{0}, ".", "go", "build", "-trimpath", "-o", out, "./cmd/desksync"); err != nil {
		return err
	}
	b.binary = out
	return nil
}

// export generates the CRM of a size once, with the oddities of real life. Its day
// is today: with a day that lies years back all charges would have ended, and
// expired accounts are not loaded.
func (b *Bench) export(ctx context.Context, accounts int) (string, error) {
	if dir, ok := b.exports[accounts]; ok {
		return dir, nil
	}
	dir, err := os.MkdirTemp(b.work, "crm-")
	if err != nil {
		return "", err
	}
	b.say("generating: %s accounts", thousands(float64(accounts)))
	opt := crmgen.Options{Accounts: accounts, Seed: 1, Day: day.Of(b.now().UTC()), Odd: crmgen.RealLife()}
	if _, err := crmgen.Write(ctx, dir, opt); err != nil {
		return "", err
	}
	b.exports[accounts] = dir
	return dir, nil
}
