package schedule

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/internal/virtual"
)

var ready = dbtest.Prepare(func(ctx context.Context, dsn string) error {
	s, err := openStore(ctx, dsn, time.Now)
	if err != nil {
		return err
	}
	return s.close()
})

// runner records what it is asked, and answers what a test wants.
type runner struct {
	mu     sync.Mutex
	asked  []Work
	answer func(ctx context.Context, w Work, nth int) Result
}

func (r *runner) Run(ctx context.Context, w Work) Result {
	r.mu.Lock()
	r.asked = append(r.asked, w)
	n := len(r.asked)
	r.mu.Unlock()
	if r.answer == nil {
		return Result{State: Done, Run: int64(n)}
	}
	return r.answer(ctx, w, n)
}

func (r *runner) times(pipeline string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.asked {
		if w.Pipeline == pipeline {
			n++
		}
	}
	return n
}

// quick is a daemon that waits as little as it can.
func quick(name string, c *virtual.Clock) Options {
	return Options{
		Now: c.Now, Holder: name, Lease: 2 * time.Second, Slice: 200 * time.Millisecond, Sweep: 20 * time.Millisecond,
		Poll: 50 * time.Millisecond, Ask: 50 * time.Millisecond,
		Log: zerolog.New(os.Stderr).Level(zerolog.ErrorLevel),
	}
}

// start runs a daemon until the test ends, or stop is called.
func start(t *testing.T, dsn string, r Runner, opt Options, entries ...Entry) (d *Daemon, stop func()) {
	t.Helper()
	d, err := Open(t.Context(), dsn, r, opt)
	if err != nil {
		t.Fatal(err)
	}
	d.Set(entries)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the daemon ended with %v", err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	t.Cleanup(stop)
	return d, stop
}

// until waits for a condition, for a minute at most.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// quiet waits until a daemon looked for due ticks again, and nothing waits.
func quiet(t *testing.T, d *Daemon) {
	t.Helper()
	until(t, "nothing waits", func() bool {
		var n int
		if err := d.store.db.GetContext(t.Context(), &n, `SELECT (SELECT count(*) FROM tick WHERE done = 0) + (SELECT count(*) FROM turn WHERE holder <> '')
			+ (SELECT count(*) FROM river_job WHERE state NOT IN ('completed', 'cancelled', 'discarded'))`); err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
}

func every(t *testing.T, pipeline string, kind Kind, spec string) Entry {
	t.Helper()
	e, err := NewEntry(pipeline, kind, spec, time.UTC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// ticksOf lists what is on record of the ticks, for messages.
func ticksOf(t *testing.T, d *Daemon) string {
	t.Helper()
	var rows []struct {
		Pipeline, Kind, Outcome string
		Nominal, Done           int64
	}
	if err := d.store.db.SelectContext(t.Context(), &rows, `SELECT pipeline, kind, outcome, nominal, done FROM tick ORDER BY nominal, kind`); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(rows)
}
