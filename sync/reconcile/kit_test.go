package reconcile_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/virtual"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// ready is a database with the tables of a journal, copied for each test.
var ready = dbtest.Prepare(func(ctx context.Context, dsn string) error {
	j, err := journal.Open(ctx, dsn, journal.Options{})
	if err != nil {
		return err
	}
	return j.Close()
})

// world is one pipeline with everything around it: a CRM and a helpdesk in memory,
// a journal on disk and a clock that stands still.
type world struct {
	reporter
	crm     *memory
	desk    *helpdesktest.Fake
	journal *journal.Journal
	clock   *virtual.Clock
	rules   rules              // what the configuration says
	pipe    reconcile.Pipeline // what is wired besides; rules come on top
	opt     reconcile.Options
}

// reporter is what a test and a check of rapid share.
type reporter interface { //nolint:interfacebloat // the part of testing.TB that both have
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
	Cleanup(fn func())
}

const oneDay = 24 * time.Hour

// each runs a story on a journal in SQLite and on one in PostgreSQL.
func each(t *testing.T, story func(w *world)) {
	t.Helper()
	ready.Each(t, func(t *testing.T, dsn string) { story(newWorld(t, dsn)) })
}

// alone runs a story on a journal in SQLite.
func alone(t *testing.T, story func(w *world)) {
	t.Helper()
	story(newWorld(t, ready.SQLite(t)))
}

// newWorld is 2026-11-21, 09:10, with two customers in the CRM and an empty helpdesk.
func newWorld(t reporter, dsn string) *world {
	t.Helper()
	w := &world{
		reporter: t, crm: newMemory(), desk: helpdesktest.NewFake(helpdesktest.FakeOptions{PageSize: 3}), rules: standard(),
		clock: virtual.NewClock(time.Date(2026, 11, 21, 9, 10, 0, 0, time.UTC)),
	}
	w.opt = reconcile.Options{Now: w.clock.Now, Page: 2, Holder: "test"}
	w.journal = openJournal(t, dsn, w.clock)
	w.pipe = reconcile.Pipeline{Name: "customers", SourceName: "crm", TargetName: "support", Guards: changeset.Guards{Shrank: changeset.Limit{Share: 0.1, Run: true}}}
	w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold"})
	w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter"})
	return w
}

func openJournal(t reporter, dsn string, c *virtual.Clock) *journal.Journal {
	t.Helper()
	nobodyDies := func(string) bool { return false }
	j, err := journal.Open(t.Context(), dsn, journal.Options{Now: c.Now, Dead: nobodyDies})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

// pipeline compiles the rules against both ends as they are now.
func (w *world) pipeline() reconcile.Pipeline {
	w.Helper()
	p := w.pipe
	if p.Source == nil {
		p.Source = w.crm
	}
	if p.Target == nil {
		p.Target = w.desk
	}
	caps, err := p.Target.Describe(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	p.Rules = w.rules.catalogue(w.reporter)
	var problems []mapping.Problem
	if p.Mapper, problems = mapping.Compile(w.rules.spec(), everyColumn(), caps, p.Rules); len(problems) > 0 {
		w.Fatalf("the rules have faults: %+v", problems)
	}
	p.Gone, p.Mark, p.Tie, p.Overrides, p.Match, p.OnNameClash = w.rules.gone, w.rules.mark, domains.Tie(w.rules.tie), w.rules.overrides, w.rules.match, w.rules.nameClash
	return p
}

// reconciler is a new process, as it were: nothing is left of an earlier one.
func (w *world) reconciler() *reconcile.Reconciler {
	w.Helper()
	return reconcile.New(w.pipeline(), w.journal, w.opt)
}

// try makes a pass and returns what became of it, whatever that is.
func (w *world) try(t reconcile.Trigger) (*reconcile.Report, error) {
	w.Helper()
	if t.Mode == "" {
		t.Mode = reconcile.Reconcile
	}
	t.By = "test"
	return w.reconciler().Run(w.Context(), t)
}

// run makes a pass that must succeed.
func (w *world) run(triggers ...reconcile.Trigger) *reconcile.Report {
	w.Helper()
	rep, err := w.try(append(triggers, reconcile.Trigger{})[0])
	if err != nil {
		w.Fatalf("the run failed: %v", err)
	}
	for _, f := range rep.Failures {
		w.Errorf("%s: %v", f.Key, f.Err)
	}
	return rep
}

// fresh makes a pass and returns it with what it asked the helpdesk to write.
func (w *world) fresh(triggers ...reconcile.Trigger) (*reconcile.Report, []string) {
	w.Helper()
	w.desk.ClearLog()
	rep := w.run(triggers...)
	return rep, w.written()
}

// written lists what the helpdesk was asked to write since its log was cleared:
// "update organization/A1 field:account_owner=Lee".
func (w *world) written() []string {
	var out []string
	for _, c := range w.desk.Writes() {
		out = append(out, sentence(&c))
	}
	slices.Sort(out)
	return out
}

func sentence(c *helpdesk.Change) string {
	var b strings.Builder
	b.WriteString(string(c.Op) + " " + c.Ref.String())
	for d := range c.Writes() {
		b.WriteString(" " + d.Field + "=" + d.Want.Text())
	}
	return b.String()
}

// quiet makes a pass that must find nothing to do and write nothing.
func (w *world) quiet(triggers ...reconcile.Trigger) *reconcile.Report {
	w.Helper()
	rep, written := w.fresh(triggers...)
	if len(written) > 0 || rep.Summary.Writes() > 0 {
		w.Errorf("%d writes to do, and written: %q; want nothing", rep.Summary.Writes(), written)
	}
	return rep
}

// writes makes a pass that must write exactly this.
func (w *world) writes(want ...string) *reconcile.Report {
	w.Helper()
	rep, written := w.fresh()
	w.same("written", written, want)
	return rep
}

func (w *world) same(what string, got, want []string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// org returns the organization of an account as the helpdesk holds it.
func (w *world) org(account string) helpdesk.Object {
	w.Helper()
	for _, o := range w.desk.Held(helpdesk.Organization) {
		if o.Ref.Key == account {
			return o
		}
	}
	w.Fatalf("there is no organization of %s", account)
	return helpdesk.Object{}
}

// holds checks one field of an organization in the helpdesk.
func (w *world) holds(account, field, want string) {
	w.Helper()
	v, _ := w.org(account).Fields.Get(field)
	if v.Text() != want {
		w.Errorf("%s of %s is %q, want %q", field, account, v.Text(), want)
	}
}

// edit is someone else changing a field of an organization by hand.
func (w *world) edit(account, field string, v helpdesk.Value) {
	w.Helper()
	if !w.desk.Edit(helpdesk.Organization, w.org(account).ID, field, v) {
		w.Fatalf("the organization of %s is gone", account)
	}
}

// items lists the open items: "drift drifted A1 field:account_owner".
func (w *world) items() []string {
	w.Helper()
	list, err := w.journal.Items(w.Context(), journal.ItemFilter{}, journal.MaxPage)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, i := range list {
		out = append(out, strings.Join(strings.Fields(string(i.Class)+" "+i.Code+" "+i.Account+" "+i.Field), " "))
	}
	slices.Sort(out)
	return out
}

func (w *world) pipelineID() int64 {
	w.Helper()
	p, err := w.journal.Pipeline(w.Context(), "customers", "crm", "support")
	if err != nil {
		w.Fatal(err)
	}
	return p.ID
}

// decide records a decision about a field of an organization.
func (w *world) decide(d journal.Decision) int64 {
	w.Helper()
	d.Pipeline, d.Author = w.pipelineID(), "ops"
	if d.Kind == "" {
		d.Kind, d.Key = helpdesk.Organization, d.Account
	}
	id, err := w.journal.PutDecision(w.Context(), d)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func text(s string) helpdesk.Value { return helpdesk.TextOf(s) }

func on(s string) day.Day { return day.MustParse(s) }

var _ crm.Source = (*memory)(nil)

var errDown = fault.New("fake", fault.Unavailable, errors.New("nobody answers"))
