package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// The waits between attempts: doubled each time, up to the longest.
const (
	firstWait   = 30 * time.Second
	longestWait = 15 * time.Minute
)

// refusals is how often a message is offered to a channel that refuses it; how often
// where nobody knows why it failed.
const (
	refusals = 8
	unknowns = 48
)

// Deliver sends what is due, at most one message per channel, to all channels side by
// side, and reports whether more is due at once. A channel that fails is tried later;
// that is no error.
func (t *Teller) Deliver(ctx context.Context) (more bool, err error) {
	box := journal.Outbox{Lease: t.opt.Lease, Longest: 2 * longestWait}
	claimed, err := t.journal.ClaimMessages(ctx, box)
	if err != nil {
		return false, err
	}
	errs := make([]error, len(claimed))
	var all sync.WaitGroup
	for i := range claimed {
		all.Go(func() { errs[i] = t.deliver(ctx, claimed[i]) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil || len(claimed) == 0 {
		return false, err
	}
	return t.journal.MoreMessages(ctx, box)
}

// deliver sends one message and notes what became of it.
func (t *Teller) deliver(ctx context.Context, m journal.Outgoing) error {
	rest, err := t.offer(ctx, &m)
	if err != nil {
		return err
	}
	return t.journal.SettleMessage(context.WithoutCancel(ctx), m, rest...)
}

// offer sends a message once, says in it what became of that, and returns what waits in its
// place for those that did not get it. It fails where it was stopped in the middle: whoever
// comes next tries again.
func (t *Teller) offer(ctx context.Context, m *journal.Outgoing) (rest []journal.Outgoing, err error) {
	now := t.opt.Now()
	failed := t.send(ctx, *m)
	m.State, m.Said, m.Next = journal.Sent, "", time.Time{}
	if partly, ok := errors.AsType[*Partly](failed); ok { // whether it was stopped or not: some have it
		rest, m.Said = t.rest(partly, m, now), shorten(partly.Error(), maxReason)
		t.opt.Log.Warn().Str("channel", m.Channel).Str("delivery", m.Message).Int("attempt", m.Attempts).Str("error", m.Said).Msg("alert delivered, but not to all")
		return rest, nil
	}
	if failed != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if failed != nil {
		m.State, m.Said = t.after(failed, m), shorten(fault.Plain(failed), maxReason)
		m.Next = now.Add(t.pause(failed, m.Attempts))
		t.opt.Log.Warn().Str("channel", m.Channel).Str("delivery", m.Message).Int("attempt", m.Attempts).Str("state", string(m.State)).Str("error", m.Said).Msg("alert not delivered")
	} else {
		t.opt.Log.Info().Str("channel", m.Channel).Str("delivery", m.Message).Int("attempt", m.Attempts).Msg("alert delivered")
	}
	return nil, nil
}

// errNoChannel is the fate of a message whose channel left the configuration.
var errNoChannel = errors.New("the configuration has no such channel any more")

func (t *Teller) send(ctx context.Context, m journal.Outgoing) error {
	var message Message
	if err := json.Unmarshal(m.Body, &message); err != nil {
		return fault.New("alert.deliver", fault.Invalid, fmt.Errorf("the message cannot be read: %w", err))
	}
	channel, to := t.channelOf(m.Channel)
	if channel == nil {
		return fault.New("alert.deliver", fault.NotFound, errNoChannel)
	}
	ctx, done := outlive(ctx, lastWord)
	defer done()
	ctx, cancel := context.WithTimeout(ctx, t.opt.Timeout)
	defer cancel()
	if mailing, ok := channel.(Mailing); ok && to != "" {
		return mailing.SendTo(ctx, message, to)
	}
	return channel.Send(ctx, message)
}

// lastWord is how long a message that is under way may take after a stop: what a channel
// has taken and nobody noted is sent once more.
const lastWord = 2 * time.Second

// outlive returns a context that ends a while after ctx, or with its own function.
func outlive(ctx context.Context, while time.Duration) (context.Context, func()) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(while, cancel) })
	return later, func() { stop(); cancel() }
}

// after is how a message stands that did not come through: what a channel refuses is
// offered a few times, for somebody may be mending it; what cannot be reached longer.
func (t *Teller) after(err error, m *journal.Outgoing) journal.OutgoingState {
	most := unknowns
	switch fault.KindOf(err) {
	case fault.Unavailable, fault.Throttled:
		most = 1 << 30
	case fault.Invalid, fault.Denied, fault.NotFound, fault.Unsupported:
		most = refusals
	}
	if errors.Is(err, errNoChannel) || m.Attempts >= most || t.opt.Now().Sub(m.Made) > t.opt.GiveUp {
		return journal.GivenUp
	}
	return journal.Waiting
}

// pause is how long to wait after a number of attempts.
func (*Teller) pause(err error, attempts int) time.Duration {
	wait := longestWait
	if attempts < 10 {
		wait = min(firstWait<<(attempts-1), longestWait)
	}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		wait = max(wait, min(e.RetryAfter, 2*longestWait))
	}
	return wait
}
