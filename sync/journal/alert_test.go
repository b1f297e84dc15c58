package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

var box = Outbox{Lease: time.Minute, Longest: time.Hour}

// tell puts a message for a channel into the outbox.
func (d *desk) tell(channel, id string) {
	d.t.Helper()
	d.ok(d.StepAlerts(d.t.Context(), "", func([]Alert) (AlertStep, error) {
		return AlertStep{Out: []Outgoing{{Message: id, Channel: channel, Body: []byte(`{"id":"` + id + `"}`)}}}, nil
	}))
}

func messagesOf(list []Outgoing) string {
	var out []string
	for _, m := range list {
		out = append(out, fmt.Sprintf("%s:%s/%d", m.Channel, m.Message, m.Attempts))
	}
	return strings.Join(out, " ")
}

func (d *desk) claim() []Outgoing {
	d.t.Helper()
	return must(d.ClaimMessages(d.t.Context(), box))(d.t)
}

func (d *desk) settleMessage(m Outgoing, state OutgoingState, next time.Time) {
	d.t.Helper()
	m.State, m.Next = state, next
	d.ok(d.SettleMessage(d.t.Context(), m))
}

func TestAlertsAreKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		a := Alert{Key: "drift/customers", Pipeline: "customers", Kind: "drift", Holds: true, Body: []byte(`{"level":3}`)}
		b := Alert{Key: "stale/partners", Pipeline: "partners", Kind: "stale", Body: []byte(`{}`)}
		step := func(s AlertStep) {
			d.ok(d.StepAlerts(t.Context(), "", func([]Alert) (AlertStep, error) { return s, nil }))
		}
		step(AlertStep{Put: []Alert{a, b}})
		a.Holds = false
		step(AlertStep{Put: []Alert{a}, Drop: []string{b.Key, "unknown"}})
		if diff := cmp.Diff([]Alert{a}, must(d.open().Alerts(t.Context(), ""))(t)); diff != "" {
			t.Error(diff)
		}
		if got := must(d.Alerts(t.Context(), "partners"))(t); len(got) != 0 {
			t.Errorf("of partners are known %v, want none", got)
		}
	})
}

func TestAStepThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		err := d.StepAlerts(t.Context(), "", func([]Alert) (AlertStep, error) { return AlertStep{Drop: []string{"x"}}, errPlanted })
		if !errors.Is(err, errPlanted) {
			t.Errorf("StepAlerts = %v, want the error of the decision", err)
		}
	})
}

// Several processes that look at once must not tell the same thing twice.
func TestStepsComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		const processes = 4
		var all sync.WaitGroup
		for range processes {
			j := d.open()
			all.Go(func() {
				err := j.StepAlerts(t.Context(), "", func(known []Alert) (AlertStep, error) {
					if len(known) > 0 {
						return AlertStep{}, nil
					}
					return AlertStep{
						Put: []Alert{{Key: "k", Kind: "drift", Holds: true, Body: []byte(`{}`)}},
						Out: []Outgoing{{Message: "m", Channel: "chat", Body: []byte(`{}`)}},
					}, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := must(d.Messages(t.Context(), "", 10))(t); len(got) != 1 {
			t.Errorf("%d processes made %d messages, want 1", processes, len(got))
		}
	})
}

func TestMessagesOfAChannelGoOneAfterTheOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.tell("chat", "1")
		d.tell("chat", "2")
		d.tell("mail", "3")
		first := d.claim()
		if got := messagesOf(first); got != "chat:1/1 mail:3/1" {
			t.Fatalf("claimed %q, want the first of each channel", got)
		}
		if got := messagesOf(d.claim()); got != "" {
			t.Errorf("claimed %q a second time", got)
		}
		d.settleMessage(first[0], Waiting, d.clock.Now().Add(time.Minute/2))
		d.settleMessage(first[1], Sent, time.Time{})
		if got := messagesOf(d.claim()); got != "" {
			t.Errorf("claimed %q before its time, or before the one ahead of it", got)
		}
		d.clock.Move(time.Minute)
		again := d.claim()
		if got := messagesOf(again); got != "chat:1/2" {
			t.Fatalf("claimed %q, want the first again", got)
		}
		d.settleMessage(again[0], GivenUp, time.Time{})
		if got := messagesOf(d.claim()); got != "chat:2/1" {
			t.Errorf("claimed %q, want the next", got)
		}
	})
}

func TestAMessageGrowsUntilSomebodyBeginsToSendIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		tell := func(id, body string) {
			d.ok(d.StepAlerts(t.Context(), "", func([]Alert) (AlertStep, error) {
				return AlertStep{Out: []Outgoing{{Message: id, Channel: "chat", Body: []byte(body)}}, Merge: func(_ string, waiting, more []byte) ([]byte, bool, error) {
					return append(waiting[:len(waiting)-1:len(waiting)-1], append([]byte(","), more[1:]...)...), string(more) != "[9]", nil
				}}, nil
			}))
		}
		tell("1", "[1]")
		tell("2", "[2]")
		tell("9", "[9]") // stays apart
		first := d.claim()
		if got := messagesOf(first); got != "chat:1/1" || string(first[0].Body) != "[1,2]" {
			t.Fatalf("claimed %q with %s, want both in one", got, first[0].Body)
		}
		tell("3", "[3]")
		d.settleMessage(first[0], Waiting, d.clock.Now())
		if again := d.claim(); string(again[0].Body) != "[1,2]" {
			t.Errorf("sent before, the message is %s now", again[0].Body)
		}
		if list := must(d.Messages(t.Context(), Waiting, 9))(t); len(list) != 2 || string(list[0].Body) != "[9,3]" {
			t.Errorf("waiting are %d, the last %s, want 2 and [9,3]", len(list), list[0].Body)
		}
	})
}

func TestAClaimEndsWithItsLease(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.tell("chat", "1")
		dead := d.claim()[0]
		d.clock.Move(box.Lease + time.Second)
		if more := must(d.MoreMessages(t.Context(), box))(t); !more {
			t.Error("nothing is said to be due, though the lease is over")
		}
		if got := messagesOf(d.claim()); got != "chat:1/2" {
			t.Fatalf("claimed %q, want what the dead one had", got)
		}
		d.settleMessage(dead, Sent, time.Time{})
		if got := must(d.Messages(t.Context(), Waiting, 10))(t); len(got) != 1 {
			t.Error("who lost its claim settled the message")
		}
	})
}

func TestAClockPutBackDelaysNoMessage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.tell("chat", "1")
		m := d.claim()[0]
		d.settleMessage(m, Waiting, d.clock.Now().Add(time.Minute))
		d.clock.Move(-24 * time.Hour)
		if got := messagesOf(d.claim()); got != "chat:1/2" {
			t.Errorf("claimed %q, want the message that was due", got)
		}
	})
}

func TestAClaimHoldsWhereClocksAreApart(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.tell("chat", "1")
		d.claim()
		d.clock.Move(-5 * time.Minute) // another machine, whose clock is behind
		if got := messagesOf(d.claim()); got != "" {
			t.Errorf("claimed %q, which somebody else is sending", got)
		}
	})
}

func TestStandings(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx, run := t.Context(), d.begin()
		end := day.MustParse("2026-12-01")
		d.notes(run, d.org("A", "1", nil), d.org("B", "2", nil), d.org("C", "3", nil))
		put := func(rows ...Standing) { d.ok(d.PutStandings(ctx, run, rows)) }
		put(Standing{Account: "A", Ends: end, ARR: 100}, Standing{Account: "B", Bare: true, Made: true}, Standing{Account: "C", Bare: true}, Standing{Account: "X", Ends: end})
		ending := must(d.Ending(ctx, d.pipe.ID, day.MustParse("2026-11-21"), end))(t)
		if diff := cmp.Diff([]Standing{{Account: "A", Ends: end, ARR: 100}}, ending); diff != "" {
			t.Errorf("ending, of those with an organization: %s", diff)
		}
		if got := must(d.Ending(ctx, d.pipe.ID, day.MustParse("2026-12-02"), day.MustParse("2027-12-02")))(t); len(got) != 0 {
			t.Errorf("ending later: %v, want none", got)
		}
		put(Standing{Account: "B", Bare: true, ARR: 5})
		if diff := cmp.Diff([]Standing{{Account: "B", ARR: 5, Bare: true}}, must(d.Bare(ctx, d.pipe.ID))(t)); diff != "" {
			t.Errorf("bare: %s", diff)
		}
		put(Standing{Account: "B"}, Standing{Account: "A"})
		if got := must(d.Bare(ctx, d.pipe.ID))(t); len(got) != 0 {
			t.Errorf("bare: %v, want none: it has a contact now", got)
		}
	})
}

func TestItemsAreSummedUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx, run := t.Context(), d.begin()
		item := func(account, code, field string) Item {
			return Item{Class: ItemDrift, Code: code, Account: account, Kind: helpdesk.Organization, Key: account, Field: field}
		}
		d.ok(d.PutStandings(ctx, run, []Standing{{Account: "A", ARR: 100}, {Account: "B", ARR: 20}, {Account: "C", ARR: 3}}))
		d.ok(d.PutItems(ctx, run, []Item{item("A", "drifted", "field:plan"), item("A", "drifted", "tag:gold"), item("C", "other", "x")}))
		begun := d.clock.Now()
		d.clock.Move(time.Hour)
		d.ok(d.PutItems(ctx, run, []Item{item("B", "clashed", "field:plan"), {Class: ItemFinding, Code: "drifted", Account: "D"}}))
		today := day.MustParse("2026-11-21")
		got := must(d.GroupItems(ctx, d.pipe.ID, ItemDrift, today, "drifted", "clashed"))(t)
		want := ItemGroup{
			Items: 3, Accounts: 2, Things: 2, Since: begun, Newest: d.clock.Now(), ARR: 120, Some: []string{"B", "A"},
			Fields: []string{"field:plan", "tag:gold"}, FieldCount: 2,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		items := must(d.Items(ctx, ItemFilter{Class: ItemDrift, Accounts: []string{"B"}}, 1))(t)
		must(d.PutDecision(ctx, Decision{Pipeline: d.pipe.ID, Account: "B", Action: "snooze", Item: items[0].ID, Until: today}))(t)
		if got := must(d.GroupItems(ctx, d.pipe.ID, ItemDrift, today, "drifted", "clashed"))(t); got.Accounts != 1 {
			t.Errorf("%d accounts, want 1: the other is snoozed", got.Accounts)
		}
		if got := must(d.GroupItems(ctx, d.pipe.ID, ItemDrift, today+1))(t); got.Accounts != 3 {
			t.Errorf("%d accounts the day after, under all codes, want 3", got.Accounts)
		}
	})
}

func TestOldAlertsAndMessagesGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.tell("chat", "sent")
		d.settleMessage(d.claim()[0], Sent, time.Time{})
		d.tell("chat", "waiting")
		d.ok(d.StepAlerts(ctx, "", func([]Alert) (AlertStep, error) {
			return AlertStep{Put: []Alert{{Key: "over", Body: []byte(`{}`)}, {Key: "holds", Holds: true, Body: []byte(`{}`)}}}, nil
		}))
		d.clock.Move(40 * 24 * time.Hour)
		counts := must(d.Prune(ctx, Retention{Items: 30 * 24 * time.Hour}))(t)
		if counts["outbox"] != 1 || counts["alert"] != 1 {
			t.Errorf("pruned %v, want one message and one alert", counts)
		}
		if got := must(d.Alerts(ctx, ""))(t); len(got) != 1 || got[0].Key != "holds" {
			t.Errorf("left are %v, want what holds", got)
		}
		if got := must(d.Messages(ctx, "", 10))(t); len(got) != 1 || got[0].Message != "waiting" {
			t.Errorf("left are %v, want what waits", got)
		}
	})
}

func alertWrites() []write {
	return []write{
		{"StepAlerts", func(ctx context.Context, d *desk, _ Run) error {
			return d.StepAlerts(ctx, "", func([]Alert) (AlertStep, error) {
				return AlertStep{
					Put: []Alert{{Key: "new", Holds: true, Body: []byte(`{}`)}}, Drop: []string{"old"},
					Out: []Outgoing{{Message: "m2", Channel: "chat", Body: []byte(`{}`)}},
				}, nil
			})
		}},
		{"ClaimMessages", func(ctx context.Context, d *desk, _ Run) error {
			_, err := d.ClaimMessages(ctx, box)
			return err
		}},
		{"PutStandings", func(ctx context.Context, d *desk, run Run) error {
			return d.PutStandings(ctx, run, []Standing{{Account: "A", ARR: 1}, {Account: "B", Bare: true, Made: true}})
		}},
	}
}

// TestWhatWaitsInPlaceOfAMessageComesWithItsEnd: in its time, and not from who lost the claim.
func TestWhatWaitsInPlaceOfAMessageComesWithItsEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.ok(d.StepAlerts(t.Context(), "", func([]Alert) (AlertStep, error) {
			return AlertStep{Out: []Outgoing{{Message: "1", Channel: "mail", Body: []byte(`{}`)}}}, nil
		}))
		late := d.claim()[0]
		d.clock.Move(2 * box.Lease)
		m := d.claim()[0]
		rest := m
		rest.Channel, rest.Next = "mail ops", m.Made.Add(time.Hour)
		m.State, late.State = Sent, Sent
		d.ok(d.SettleMessage(t.Context(), late, rest))
		d.ok(d.SettleMessage(t.Context(), m, rest))
		d.ok(d.SettleMessage(t.Context(), m, rest))
		if got := messagesOf(d.claim()); got != "" {
			t.Errorf("claimed %q before its time", got)
		}
		d.clock.Move(time.Hour)
		if got := messagesOf(d.claim()); got != "mail ops:1/1" {
			t.Errorf("claimed %q, want what waits, once", got)
		}
		if list := must(d.Messages(t.Context(), Waiting, 9))(t); len(list) != 1 || !list[0].Made.Equal(m.Made) {
			t.Errorf("there wait %v", list)
		}
	})
}
