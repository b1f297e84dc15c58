package alert_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/internal/virtual"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/journal"
)

// ready is a journal, copied for each test.
var ready = dbtest.Prepare(func(ctx context.Context, dsn string) error {
	j, err := journal.Open(ctx, dsn, journal.Options{})
	if err != nil {
		return err
	}
	return j.Close()
})

// office is a journal with a pipeline, a clock, and a chat and a pager that are told.
type office struct {
	t       *testing.T
	dsn     string
	journal *journal.Journal
	pipe    journal.Pipeline
	opt     alert.Options
	chat    *ear
	pager   *ear
	clock   *virtual.Clock
}

// ear is a channel that remembers what it was told, or fails.
type ear struct {
	mu    sync.Mutex
	heard []alert.Message
	err   error
	block chan struct{} // not nil: nothing gets through before it is closed
}

func (e *ear) Send(ctx context.Context, m alert.Message) error {
	if e.block != nil {
		select {
		case <-e.block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return e.err
	}
	e.heard = append(e.heard, m)
	return nil
}

func (e *ear) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
}

// said is what an ear heard: event and kind of each part, message by message.
func (e *ear) said() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for _, m := range e.heard {
		var parts []string
		for _, p := range m.Parts {
			parts = append(parts, string(p.Event)+" "+string(p.Condition.Kind))
		}
		out = append(out, strings.Join(parts, "+"))
	}
	return strings.Join(out, ", ")
}

func newOffice(t *testing.T, dsn string) *office {
	t.Helper()
	o := &office{t: t, dsn: dsn, clock: virtual.NewClock(start), chat: &ear{}, pager: &ear{}}
	o.journal = o.open()
	pipe, err := o.journal.Pipeline(t.Context(), "customers", "crm", "support")
	o.ok(err)
	o.pipe = pipe
	o.opt = alert.Options{
		Policy: alert.Policy{
			Routes: []alert.Route{{Severity: alert.Critical, To: []string{"chat", "pager"}}, {To: []string{"chat"}}}, Apart: map[string]bool{"pager": true},
		},
		Channels:  map[string]alert.Notifier{"chat": o.chat, "pager": o.pager},
		Pipelines: []alert.Watched{{Name: "customers", Source: "crm", Target: "support", Currency: "USD", Share: 0.5}},
		Now:       o.clock.Now, Timeout: time.Second,
	}
	return o
}

func (o *office) open() *journal.Journal {
	o.t.Helper()
	j, err := journal.Open(o.t.Context(), o.dsn, journal.Options{Now: o.clock.Now, Dead: func(string) bool { return false }})
	o.ok(err)
	o.t.Cleanup(func() { _ = j.Close() })
	return j
}

func (o *office) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// teller is a new process, over the same journal.
func (o *office) teller() *alert.Teller { return alert.New(o.journal, o.opt) }

func (o *office) deliver() {
	o.t.Helper()
	for more := true; more; {
		var err error
		more, err = o.teller().Deliver(o.t.Context())
		o.ok(err)
	}
}

// after is an attempt to run that ended with err, in a process of its own.
func (o *office) after(err error) {
	o.t.Helper()
	o.ok(o.teller().AfterRun(o.t.Context(), "customers", err))
	o.deliver()
}

// run is a run in the journal that compares A and B, in which do happens before it is
// sealed.
func (o *office) run(do func(run journal.Run)) {
	o.t.Helper()
	ctx := o.t.Context()
	run, err := o.journal.Begin(ctx, journal.RunSpec{
		Pipeline: o.pipe.ID, Target: "support", Mode: journal.Reconcile, Trigger: "test", Holder: "test", Day: day.MustParse("2026-11-21"),
	})
	o.ok(err)
	o.ok(o.journal.MarkDirty(ctx, o.pipe.ID, []string{"A", "B"}))
	o.ok(o.journal.Phase(ctx, run, journal.PhaseCompare))
	if do != nil {
		do(run)
	}
	o.ok(o.journal.Seal(ctx, run, journal.Sealed{}))
	o.ok(o.journal.Finish(ctx, run, journal.Result{State: journal.Applied}))
}

func (o *office) items(list ...journal.Item) func(journal.Run) {
	return func(run journal.Run) { o.ok(o.journal.PutItems(o.t.Context(), run, list)) }
}

// organizations are linked, under a name each.
func (o *office) organizations(accounts ...string) {
	o.t.Helper()
	o.run(func(run journal.Run) {
		var notes []journal.ObjectNote
		for _, a := range accounts {
			f := helpdesk.Fields{{Name: helpdesk.Name, Value: helpdesk.TextOf("Customer " + a)}}
			notes = append(notes, journal.ObjectNote{Object: journal.Object{
				Kind: helpdesk.Organization, Key: a, Account: a, TargetID: a, Pipeline: o.pipe.ID, Last: f, Have: f, Written: true,
			}})
		}
		o.ok(o.journal.Notes(o.t.Context(), run, notes))
	})
}

func (o *office) heard(want string) {
	o.t.Helper()
	if got := o.chat.said(); got != want {
		o.t.Errorf("the chat heard %q, want %q", got, want)
	}
}

func each(t *testing.T, story func(o *office)) {
	t.Helper()
	ready.Each(t, func(t *testing.T, dsn string) { story(newOffice(t, dsn)) })
}

func alone(t *testing.T, story func(o *office)) {
	t.Helper()
	story(newOffice(t, ready.SQLite(t)))
}
