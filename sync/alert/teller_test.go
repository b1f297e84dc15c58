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
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/journal"
)

var errDown = fault.New("zendesk.describe", fault.Unavailable, errors.New("the helpdesk did not answer"))

func TestTargetDownAllNight(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		o.run(nil)
		for range 4 * 12 { // twelve hours, a run each quarter, each in a process of its own
			o.clock.Move(15 * time.Minute)
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
		if want := "Over: 48 runs of the pipeline customers failed in a row. It lasted 11 h 45 min."; last != want {
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
			o.clock.Move(time.Minute)
			tick()
		}
		o.heard("")
		for range 120 {
			o.clock.Move(time.Minute)
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
				days = append(days, o.clock.Now().Format("01-02 ")+string(m.Parts[0].Event))
			}
			o.clock.Move(time.Hour)
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
			o.clock.Move(time.Minute)
			o.deliver()
		}
		o.after(nil)
		o.heard("")
		o.chat.fail(nil)
		o.clock.Move(15 * time.Minute)
		o.deliver()
		o.heard("begun failing, over failing")
	})
}

// What gathers while a channel is down comes as one message: first what holds and is most
// severe, last what is over by then.
func TestWhatGathersIsInOrder(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mended   bool
		heard    string
		severity alert.Severity
	}{
		"it holds": {false, "begun drift, begun failing+begun conflict", alert.Critical},
		"over":     {true, "begun drift, begun conflict+begun failing+over failing", alert.Warning},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alone(t, func(o *office) {
				o.organizations("A")
				o.chat.fail(fault.New("notify.send", fault.Unavailable, errors.New("no route")))
				o.run(o.items(drifted("A", "field:plan")))
				o.after(nil) // this message is tried, and grows no more
				clash := journal.Item{Class: journal.ItemConflict, Code: "domain claimed twice", Account: "A", Kind: helpdesk.Organization, Key: "A", Field: "domain:a.example", Value: "a.example"}
				o.run(o.items(drifted("A", "field:plan"), clash))
				o.after(nil)
				for range 3 {
					o.after(errDown)
				}
				if tt.mended {
					o.after(nil)
				}
				o.chat.fail(nil)
				o.clock.Move(15 * time.Minute)
				o.deliver()
				o.heard(tt.heard)
				if got := o.chat.heard[1].Severity(); got != tt.severity {
					t.Errorf("the message is %s, want %s", got, tt.severity)
				}
			})
		})
	}
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
			o.clock.Move(time.Minute)
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

// TestAMessageUnderWayOutlivesAStop: what a channel has taken is not sent once more.
func TestAMessageUnderWayOutlivesAStop(t *testing.T) {
	t.Parallel()
	alone(t, func(o *office) {
		for range 3 {
			o.ok(o.teller().AfterRun(t.Context(), "customers", errDown))
		}
		o.chat.block = make(chan struct{})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := o.teller().Deliver(ctx)
			done <- err
		}()
		for o.pager.said() == "" {
			time.Sleep(time.Millisecond)
		}
		stop()
		time.Sleep(10 * time.Millisecond)
		close(o.chat.block)
		<-done
		o.deliver()
		o.heard("begun failing")
		if list, err := o.journal.Messages(t.Context(), journal.Waiting, 10); err != nil || len(list) > 0 {
			t.Errorf("still waiting are %v, %v", list, err)
		}
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
