package journal

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/virtual"
)

// ready is a migrated journal on each database, made once.
var ready = dbtest.Prepare(func(ctx context.Context, dsn string) error {
	j, err := Open(ctx, dsn, Options{})
	if err != nil {
		return err
	}
	return j.Close()
})

func newClock() *virtual.Clock {
	return virtual.NewClock(time.Date(2026, 11, 21, 9, 10, 2, 0, time.UTC))
}

// desk is a journal with one pipeline and a clock, for tests.
type desk struct {
	*Journal
	t     testing.TB
	dsn   string
	clock *virtual.Clock
	pipe  Pipeline
}

// nobodyDies is for tests that decide by the lease alone.
func nobodyDies(string) bool { return false }

func newDesk(t testing.TB, dsn string) *desk {
	t.Helper()
	d := &desk{t: t, dsn: dsn, clock: newClock()}
	d.Journal = d.open()
	d.pipe = must(d.Pipeline(t.Context(), "customers", "crm", "support"))(t)
	return d
}

// open opens the journal once more, as another process would.
func (d *desk) open() *Journal {
	d.t.Helper()
	j, err := Open(d.t.Context(), d.dsn, Options{Now: d.clock.Now, Dead: nobodyDies})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = j.Close() })
	return j
}

// begin starts a run of the desk's pipeline.
func (d *desk) begin() Run {
	d.t.Helper()
	return must(d.Begin(d.t.Context(), d.spec()))(d.t)
}

func (d *desk) spec() RunSpec {
	return RunSpec{
		Pipeline: d.pipe.ID, Target: "support", Mode: Reconcile, Trigger: "test", Holder: "one", Day: day.MustParse("2026-11-21"),
		Digest: "rules-1", Config: "version: 1",
	}
}

func (d *desk) finish(run Run) {
	d.t.Helper()
	d.ok(d.Finish(d.t.Context(), run, Result{State: Applied}))
}

func (d *desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// must returns the value, or ends the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// each runs a test on a desk of its own on either database.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	ready.Each(t, func(t *testing.T, dsn string) { fn(t, newDesk(t, dsn)) })
}

func wantKind(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("got error %v, want one of kind %v", err, kind)
	}
}

func account(i int) string { return fmt.Sprintf("001Aa%010dIAG", i) }
func contact(i int) string { return fmt.Sprintf("003Aa%010dIAG", i) }

func hashFor(s string) (h [16]byte) {
	copy(h[:], fmt.Sprintf("%-16s", s))
	return h
}

// row is a staged row whose content is told by a word.
func row(role crm.Role, account, id, word string) Row {
	return Row{Role: role, Account: account, ID: id, Hash: hashFor(word), Cols: []byte("cols of " + word)}
}

// text is fields of text, by name.
func text(pairs ...string) helpdesk.Fields {
	var f helpdesk.Fields
	for i := 0; i < len(pairs); i += 2 {
		f = append(f, helpdesk.Field{Name: pairs[i], Value: helpdesk.TextOf(pairs[i+1])})
	}
	return f.Sort()
}

var errPlanted = errors.New("planted")
