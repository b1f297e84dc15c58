package alert_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/changeset"
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
	mu      sync.Mutex
	now     time.Time
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) wait(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
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
	o := &office{t: t, dsn: dsn, now: start, chat: &ear{}, pager: &ear{}}
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
		Now:       o.clock, Timeout: time.Second,
	}
	return o
}

func (o *office) open() *journal.Journal {
	o.t.Helper()
	j, err := journal.Open(o.t.Context(), o.dsn, journal.Options{Now: o.clock, Dead: func(string) bool { return false }})
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
func (o *office) run(do func(run journal.Run)) journal.Run {
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
	return run
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

var errDown = fault.New("zendesk.describe", fault.Unavailable, errors.New("Zendesk did not answer"))

func TestTargetDownAllNight(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		o.run(nil)
		for range 4 * 12 { // twelve hours, a run each quarter, each in a process of its own
			o.wait(15 * time.Minute)
			o.after(errDown)
			o.ok(o.teller().Tick(t.Context()))
			o.deliver()
		}
		o.heard("begun failing")
		o.run(nil)
		o.after(nil)
		o.heard("begun failing, over failing")
		if got := o.pager.said(); got != "begun failing, over failing" {
			t.Errorf("the pager heard %q", got)
		}
		last := o.chat.heard[1].Text()
		if want := "Over: 48 runs of customers failed in a row. It lasted 11 h 45 min."; last != want {
			t.Errorf("recovery %q, want %q", last, want)
		}
	})
}

func TestTenThousandConflictsAreOneMessage(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		conflicts := make([]journal.Item, 10_000)
		for i := range conflicts {
			domain := fmt.Sprintf("d%05d.example", i)
			conflicts[i] = journal.Item{
				Class: journal.ItemConflict, Code: "domain claimed twice", Account: fmt.Sprintf("A%05d", i), Kind: helpdesk.Organization, Key: fmt.Sprintf("A%05d", i),
				Field: "domain:" + domain, Value: domain, Text: domain + " is claimed twice",
			}
		}
		o.run(o.items(conflicts...))
		o.after(nil)
		o.after(nil)
		o.heard("begun conflict")
		text := o.chat.heard[0].Text()
		if !strings.HasPrefix(text, "10,000 conflicts in support (customers): A00000, ") || !strings.Contains(text, "and 9990 more. ") || len(text) > 600 {
			t.Errorf("told %q", text)
		}
		sent, err := o.journal.Messages(t.Context(), "", 100)
		o.ok(err)
		if len(sent) != 1 {
			t.Errorf("%d messages in the outbox, want 1", len(sent))
		}
	})
}

func drifted(account, field string) journal.Item {
	return journal.Item{Class: journal.ItemDrift, Code: string(helpdesk.Drifted), Account: account, Kind: helpdesk.Organization, Key: account, Field: field}
}

// TestEveryKindIsGathered has each kind begin and end as the journal shows it.
func TestEveryKindIsGathered(t *testing.T) {
	t.Parallel()
	finding := func(code, account, field string) journal.Item {
		return journal.Item{Class: journal.ItemFinding, Code: code, Account: account, Kind: helpdesk.Organization, Key: account, Field: field}
	}
	contested := drifted("A", "field:plan")
	contested.Code = changeset.HoldContested
	standing := func(o *office, s journal.Standing) func(journal.Run) {
		return func(run journal.Run) { o.ok(o.journal.PutStandings(o.t.Context(), run, []journal.Standing{s})) }
	}
	tests := map[string]struct {
		kind  alert.Kind
		begin func(o *office)
		end   func(o *office) // nil: an event
		text  string
	}{
		"drift": {
			alert.Drift, func(o *office) { o.run(o.items(drifted("A", "field:support_level"), drifted("B", "tag:gold"))) }, func(o *office) { o.run(nil) },
			"2 organizations drifted in support (customers): Customer A, Customer B. Someone changed support_level, tag gold in the helpdesk; desksync holds. Decide: desksync drift --pipeline customers. Since 09:10 UTC.",
		},
		"fought": {
			alert.Fought, func(o *office) { o.run(o.items(contested)) }, func(o *office) { o.run(nil) },
			"Something else keeps writing to 1 organization in support (customers): Customer A. It was corrected three times within a day (plan) and came back each time; desksync holds. Decide: desksync drift --pipeline customers. Since 09:10 UTC.",
		},
		"unknown product": {
			alert.UnknownProduct, func(o *office) {
				o.run(func(run journal.Run) {
					standing(o, journal.Standing{Account: "A", ARR: 412_000})(run)
					o.items(finding("unknown_product", "A", "Platinum"))(run)
				})
			}, func(o *office) { o.run(nil) },
			"1 product is not in the catalogue of customers ($412k ARR): Customer A. Bought: Platinum. Such a product grants nothing, and never lowers a level: where it would, the level is held. Add it to a plan. Decide: desksync explain A --pipeline customers. Since 09:10 UTC.",
		},
		"hidden": {
			alert.Hidden, func(o *office) { o.run(o.items(finding("column hidden", "", "account.CARR__c"))) }, func(o *office) { o.run(nil) },
			"The login of crm no longer sees what the rules of customers read. Hidden: account.CARR__c. Nothing of that kind is read until the permission is back. Decide: desksync source describe. Since 09:10 UTC.",
		},
		"held": {
			alert.Held, func(o *office) {
				run := o.runWith(`{"guards":[{"Guard":"downgrades","Count":47,"ARR":1900000}]}`, o.items(journal.Item{
					Class: journal.ItemGuard, Code: "downgrades", Kind: helpdesk.Organization, Text: "47 organizations ($1.9M ARR) would drop to a lower level; limit 10",
				}))
				_ = run
			}, func(o *office) { o.run(nil) },
			"The guard downgrades holds changes in support (customers). 47 organizations ($1.9M ARR) would drop to a lower level; limit 10. Decide: desksync approve 2, or desksync reject 2. Since 09:10 UTC.",
		},
		"shrank": {
			alert.Shrank, func(o *office) {
				o.runWith(`{"shrunk":[{"role":"account","before":11200,"now":3100,"text":"…"}]}`, nil)
			}, func(o *office) { o.run(nil) },
			"crm shrank: 3,100 of 11,200 accounts are left (customers). The run is held and nothing is written. Find out whether records are gone or only out of sight. Decide: desksync reconcile --accept-shrink --pipeline customers, if the source is right. Since 09:10 UTC.",
		},
		"no contact": {
			alert.NoContact, func(o *office) { o.run(standing(o, journal.Standing{Account: "A", Bare: true, Made: true})) },
			func(o *office) { o.run(standing(o, journal.Standing{Account: "A"})) },
			"1 new organization has no contact in support (customers): Customer A. Nobody of the customer can write a ticket that belongs to it. Add a contact in the CRM. Decide: desksync explain A --pipeline customers. Since 09:10 UTC.",
		},
		"contract ending": {
			alert.ContractEnding, func(o *office) {
				o.run(standing(o, journal.Standing{Account: "A", Ends: day.MustParse("2026-12-01"), ARR: 31_200}))
			},
			func(o *office) { o.run(standing(o, journal.Standing{Account: "A", Ends: day.MustParse("2027-12-01")})) },
			"1 contract ends in customers on 2026-12-01 ($31k ARR): Customer A. That is within 15 days, and no later charge is known. Decide: desksync explain A --pipeline customers. Since 09:10 UTC.",
		},
		"quota": {
			alert.Quota, func(o *office) {
				for range 45 {
					o.ok(o.journal.NoteCall(o.t.Context(), "crm", 100))
				}
			}, func(o *office) { o.wait(26 * time.Hour) },
			"45 of the 50 calls that desksync may make of crm in 24 hours are spent. When they are, runs stop until older calls no longer count. Raise daily_share, or run less often. Decide: desksync source describe. Since 09:10 UTC.",
		},
		"downgrade": {
			alert.Downgrade, func(o *office) { o.downgrade("A", 412_000) }, nil,
			"1 organization was downgraded in support (customers) ($412k ARR): Customer A. Run 2 lowered the level, and no date had announced it. Decide: desksync runs show 2. Since 09:10 UTC.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(o *office) {
				o.opt.Pipelines[0].Unscheduled = true
				o.organizations("A", "B")
				o.after(nil)
				o.heard("")
				tt.begin(o)
				o.after(nil)
				o.heard("begun " + string(tt.kind))
				if got := o.chat.heard[0].Text(); got != tt.text {
					o.t.Errorf("told\n%s\nwant\n%s", got, tt.text)
				}
				if tt.end == nil {
					o.wait(time.Hour)
					o.after(nil)
					o.heard("begun " + string(tt.kind))
					return
				}
				tt.end(o)
				o.after(nil)
				o.heard("begun " + string(tt.kind) + ", over " + string(tt.kind))
			})
		})
	}
}

// runWith is a run with these totals.
func (o *office) runWith(totals string, do func(journal.Run)) journal.Run {
	o.t.Helper()
	ctx := o.t.Context()
	run, err := o.journal.Begin(ctx, journal.RunSpec{Pipeline: o.pipe.ID, Target: "support", Mode: journal.Reconcile, Holder: "test", Day: day.MustParse("2026-11-21")})
	o.ok(err)
	if do != nil {
		do(run)
	}
	o.ok(o.journal.Finish(ctx, run, journal.Result{State: journal.Held, Totals: []byte(totals)}))
	return run
}

// downgrade is a run that lowered an account's level.
func (o *office) downgrade(account string, arr float64) {
	o.t.Helper()
	ctx := o.t.Context()
	run, err := o.journal.Begin(ctx, journal.RunSpec{Pipeline: o.pipe.ID, Target: "support", Mode: journal.Reconcile, Holder: "test", Day: day.MustParse("2026-11-21")})
	o.ok(err)
	o.ok(o.journal.Phase(ctx, run, journal.PhaseCompare))
	c := helpdesk.Change{ID: "x", Op: helpdesk.Update, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: account}, Account: account, TargetID: account}
	o.ok(o.journal.AddChanges(ctx, run, []journal.ChangeRow{{
		Rank: 1, Seq: 1, Account: account, Kind: helpdesk.Organization, Key: account, Op: helpdesk.Update, Class: uint32(changeset.Downgrades), ARR: arr, Body: c.Pack(nil),
	}}))
	o.ok(o.journal.Seal(ctx, run, journal.Sealed{}))
	o.ok(o.journal.Send(ctx, run, journal.Batch{No: 1, To: journal.Pos{Rank: 1, Seq: 1}}))
	o.ok(o.journal.Settle(ctx, run, 1, []journal.Settled{{Pos: journal.Pos{Rank: 1, Seq: 1}, State: helpdesk.Applied}}))
	o.ok(o.journal.Finish(ctx, run, journal.Result{State: journal.Applied}))
}

func TestStale(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		teller := o.teller() // the daemon, all the time
		tick := func() {
			o.ok(teller.Tick(t.Context()))
			o.deliver()
		}
		o.run(nil)
		o.ok(teller.AfterRun(t.Context(), "customers", nil))
		for range 23 * 60 {
			o.wait(time.Minute)
			tick()
		}
		o.heard("")
		for range 120 {
			o.wait(time.Minute)
			tick()
		}
		o.heard("begun stale")
		o.run(nil)
		o.ok(teller.AfterRun(t.Context(), "customers", nil))
		o.deliver()
		o.heard("begun stale, over stale")
	})
}

func TestContractsComeNear(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		o.opt.Pipelines[0].Unscheduled = true
		o.organizations("A")
		o.run(func(run journal.Run) {
			o.ok(o.journal.PutStandings(t.Context(), run, []journal.Standing{{Account: "A", Ends: day.MustParse("2026-12-31")}}))
		})
		teller := o.teller()
		var days []string
		for range 45 * 24 {
			before := len(o.chat.heard)
			o.ok(teller.Tick(t.Context()))
			o.deliver()
			for _, m := range o.chat.heard[before:] {
				days = append(days, o.clock().Format("01-02 ")+string(m.Parts[0].Event))
			}
			o.wait(time.Hour)
		}
		want := "12-01 begun, 12-16 worse, 12-24 worse, 01-01 over"
		if got := strings.Join(days, ", "); got != want {
			t.Errorf("told on %s, want %s", got, want)
		}
	})
}

func TestRefusalsAreTold(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		o.ok(o.journal.Bind(t.Context(), journal.SourceSide, "crm", "00D1"))
		o.after(o.journal.Bind(t.Context(), journal.SourceSide, "crm", "00D2"))
		o.after(fault.New("salesforce.login", fault.Denied, errors.New("Salesforce refuses the login")))
		o.heard("begun wrong_environment, begun credential")
		if text := o.chat.heard[0].Text(); !strings.Contains(text, "Decide: desksync rebind source crm 00D2, if that is meant.") {
			t.Errorf("told %q", text)
		}
		o.after(nil)
		o.heard("begun wrong_environment, begun credential, over credential+over wrong_environment")
	})
}

func TestWhatIsNoFailure(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		locked := fault.New("journal.begin", fault.Unsafe, &journal.Locked{Target: "support"})
		for range 5 {
			o.after(locked)
			o.after(context.Canceled)
		}
		o.after(errDown)
		o.after(errDown)
		o.after(locked)
		o.heard("")
		o.after(errDown)
		o.heard("begun failing")
	})
}

func TestWhatTheDaemonKnows(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		broken := alert.Condition{Kind: alert.Configuration, Level: 1, Title: "The changed configuration is refused"}
		o.ok(o.teller().Tell(t.Context(), broken))
		o.ok(o.teller().Tell(t.Context(), broken))
		o.run(nil)
		o.after(nil)
		o.ok(o.teller().Tick(t.Context()))
		o.deliver()
		o.heard("begun configuration")
		o.ok(o.teller().Over(t.Context(), alert.Key(alert.Configuration, ""), "nothing"))
		o.deliver()
		o.heard("begun configuration, over configuration")
	})
}

func TestAPipelineThatLeftTheConfiguration(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		o.organizations("A")
		o.run(o.items(drifted("A", "field:plan")))
		o.after(nil)
		o.opt.Pipelines = nil
		o.ok(o.teller().Tick(t.Context()))
		o.deliver()
		o.heard("begun drift, over drift")
	})
}

func TestAChannelThatIsDownIsTriedAgain(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		o.chat.fail(fault.New("notify.send", fault.Unavailable, errors.New("no route")))
		for range 3 {
			o.after(errDown)
		}
		if got := o.pager.said(); got != "begun failing" {
			t.Errorf("the pager heard %q, though only the chat is down", got)
		}
		for range 8 * 60 { // eight hours
			o.wait(time.Minute)
			o.deliver()
		}
		o.after(nil)
		o.heard("")
		o.chat.fail(nil)
		o.wait(15 * time.Minute)
		o.deliver()
		o.heard("begun failing, over failing")
	})
}

// A target that is down fails every pipeline into it.
func TestAHundredPipelinesFailAtOnce(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		o.opt.Pipelines = nil
		for i := range 100 {
			o.opt.Pipelines = append(o.opt.Pipelines, alert.Watched{Name: fmt.Sprintf("p%02d", i), Target: "support"})
		}
		teller := o.teller()
		for range 3 {
			for _, w := range o.opt.Pipelines {
				o.ok(teller.AfterRun(t.Context(), w.Name, errDown))
			}
		}
		o.deliver()
		if len(o.chat.heard) != 1 || len(o.chat.heard[0].Parts) != 100 || len(o.pager.heard) != 100 {
			t.Errorf("the chat heard %d messages, the pager %d; want 1 and an incident for each pipeline", len(o.chat.heard), len(o.pager.heard))
		}
	})
}

func TestWhatAChannelRefusesIsGivenUp(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		o.chat.fail(fault.New("notify.send", fault.Invalid, errors.New("no_service")))
		for range 3 {
			o.after(errDown)
		}
		o.after(nil)
		for range 3 * 60 {
			o.wait(time.Minute)
			o.deliver()
		}
		list, err := o.journal.Messages(t.Context(), journal.GivenUp, 10)
		o.ok(err)
		if len(list) != 2 || list[0].Attempts != 8 || list[0].Said != "no_service" {
			t.Errorf("given up are %+v, want both messages after 8 tries", list)
		}
	})
}

func TestASlowChannelHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		o.chat.block = make(chan struct{})
		teller := o.teller()
		for range 3 {
			o.ok(teller.AfterRun(t.Context(), "customers", errDown))
		}
		done := make(chan error, 1)
		go func() {
			_, err := teller.Deliver(t.Context())
			done <- err
		}()
		for o.pager.said() == "" { // comes while the chat is still blocked
			select {
			case err := <-done:
				t.Fatalf("Deliver ended with %v before the pager heard anything", err)
			case <-time.After(time.Millisecond):
			}
		}
		close(o.chat.block)
		o.ok(<-done)
		o.heard("begun failing")
	})
}

func TestAMessageToAChannelThatIsGone(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		for range 3 {
			o.ok(o.teller().AfterRun(t.Context(), "customers", errDown))
		}
		delete(o.opt.Channels, "chat")
		o.deliver()
		list, err := o.journal.Messages(t.Context(), journal.GivenUp, 10)
		o.ok(err)
		if len(list) != 1 || list[0].Channel != "chat" {
			t.Errorf("given up are %v, want the chat's message", list)
		}
	})
}

func TestReplicasTellOnce(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		o.organizations("A")
		o.run(o.items(drifted("A", "field:plan")))
		var all sync.WaitGroup
		for range 4 {
			j := o.open()
			all.Go(func() {
				teller := alert.New(j, o.opt)
				if err := teller.AfterRun(t.Context(), "customers", nil); err != nil {
					t.Error(err)
				}
				if _, err := teller.Deliver(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		o.deliver()
		o.heard("begun drift")
	})
}

func TestKnown(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		o.opt.Policy = alert.Policy{}
		o.organizations("A")
		o.run(o.items(drifted("A", "field:plan")))
		for range 3 {
			o.after(errDown)
		}
		list, err := o.teller().Known(t.Context())
		o.ok(err)
		var got []string
		for _, s := range list {
			got = append(got, fmt.Sprintf("%s %v %v", s.Condition.Kind, s.Holds, s.Told.To))
		}
		if want := []string{"failing true []", "drift true []"}; !slices.Equal(got, want) {
			t.Errorf("known are %v, want %v: kept though nobody is told", got, want)
		}
	})
}
