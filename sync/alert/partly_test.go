package alert_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/journal"
)

// circle is a channel with several recipients, each of which is an ear.
type circle map[string]*ear

func (c circle) Send(ctx context.Context, m alert.Message) error {
	left := map[string]error{}
	for to := range c {
		if err := c.SendTo(ctx, m, to); err != nil {
			left[to] = err
		}
	}
	if len(left) == 0 {
		return nil
	}
	return &alert.Partly{Left: left}
}

func (c circle) SendTo(ctx context.Context, m alert.Message, to string) error {
	return c[to].Send(ctx, m)
}

// mails has an office's chat be a circle of three.
func (o *office) mails() circle {
	c := circle{"a@x.example": {}, "gone@x.example": {}, "b@x.example": {}}
	o.opt.Channels["chat"] = c
	return c
}

// TestWhoIsNotReachedHoldsUpNobody: the others get each message at once and once, whichever
// process delivers it. Who refuses is tried eight times; who comes back has all that waited.
func TestWhoIsNotReachedHoldsUpNobody(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind fault.Kind
		has  string // in the end
	}{
		"refused": {fault.Invalid, ""},
		"away":    {fault.Unavailable, "begun configuration, over configuration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(o *office) {
				c := o.mails()
				c["gone@x.example"].fail(fault.New("mail", tt.kind, errors.New("550 unknown here")))
				o.ok(o.teller().Tell(t.Context(), alert.Condition{Kind: alert.Configuration, Title: "refused", Level: 1}))
				o.deliver()
				o.ok(o.teller().Over(t.Context(), alert.Key(alert.Configuration)))
				o.deliver()
				for _, to := range []string{"a@x.example", "b@x.example"} {
					if got := c[to].said(); got != "begun configuration, over configuration" {
						t.Errorf("%s heard %q at once", to, got)
					}
				}
				for range 40 {
					o.clock.Move(16 * time.Minute)
					o.deliver()
				}
				c["gone@x.example"].fail(nil)
				o.clock.Move(time.Hour)
				o.deliver()
				if got := c["gone@x.example"].said(); got != tt.has {
					t.Errorf("in the end it heard %q, want %q", got, tt.has)
				}
				if got := c["a@x.example"].said(); got != "begun configuration, over configuration" {
					t.Errorf("in the end the others heard %q", got)
				}
				given, err := o.journal.Messages(t.Context(), journal.GivenUp, 10)
				o.ok(err)
				waits, err := o.journal.Messages(t.Context(), journal.Waiting, 10)
				o.ok(err)
				if refused := tt.kind == fault.Invalid; refused != (len(given) == 2) || len(waits) > 0 {
					t.Errorf("given up: %v, waiting: %v", given, waits)
				}
				for _, m := range given {
					if m.Channel != "chat gone@x.example" || m.Attempts != 8 || !strings.Contains(m.Said, "550") {
						t.Errorf("given up %s after %d attempts: %q", m.Channel, m.Attempts, m.Said)
					}
				}
			})
		})
	}
}

// TestWhoIsNotReachedOfTheJournalHoldsUpNobody: from memory it is the same.
func TestWhoIsNotReachedOfTheJournalHoldsUpNobody(t *testing.T) {
	t.Parallel()
	o := newOffice(t, ready.SQLite(t))
	c := o.mails()
	d := &direct{office: o, Direct: &alert.Direct{}, teller: o.teller()}
	c["gone@x.example"].fail(fault.New("mail", fault.Unavailable, errors.New("452 mailbox full")))
	d.look(diskFull, 5)
	d.look(nil, 5)
	if a, gone := c["a@x.example"].said(), c["gone@x.example"].said(); a != "begun journal, over journal" || gone != "" {
		t.Fatalf("one heard %q, the other %q", a, gone)
	}
	c["gone@x.example"].fail(nil)
	d.look(nil, 40)
	for to, e := range c {
		if got := e.said(); got != "begun journal, over journal" {
			t.Errorf("in the end %s heard %q", to, got)
		}
	}
}
