package alert

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/sync/journal"
)

// Notifier is one channel. Send returns a fault.Kind that says whether the same
// message may come through later; nothing secret stands in its errors.
type Notifier interface {
	Send(ctx context.Context, m Message) error
}

// Watched is what of a pipeline the journal does not know.
type Watched struct {
	Name, Source, Target string
	Location             *time.Location // whose calendar day counts; nil: UTC
	Share                float64        // of a day's calls that desksync may make; 0: no share is watched
	Observe              bool           // it never writes
}

// Options tune a Teller; the zero Options are safe, and tell nobody.
type Options struct {
	Policy    Policy
	Channels  map[string]Notifier
	Pipelines []Watched
	Now       func() time.Time // nil: the system's
	Log       zerolog.Logger
	Timeout   time.Duration // of one message; default 15 seconds
	Lease     time.Duration // after which another process may send what one has claimed; default a minute
	GiveUp    time.Duration // how old a message may become unsent; default three days
}

// Teller gathers what holds, decides what is told, and delivers it. It is safe for
// concurrent use, and by several processes on one journal.
type Teller struct {
	journal *journal.Journal
	opt     Options
}

// New returns a Teller over a journal.
func New(j *journal.Journal, opt Options) *Teller {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Teller{journal: j, opt: opt}
}

var errNotYet = errors.New("alert: not built yet")

// AfterRun looks at what holds for a pipeline after an attempt to run it, which ended
// with err: also one that failed before the journal knew of a run. It decides what is
// to be told; Deliver tells it.
func (t *Teller) AfterRun(ctx context.Context, pipeline string, err error) error { return errNotYet }

// Tell says that conditions hold which the caller knows of. They hold until Over.
func (t *Teller) Tell(ctx context.Context, conditions ...Condition) error { return errNotYet }

// Over says that conditions do not hold any more. What never held is no error.
func (t *Teller) Over(ctx context.Context, keys ...string) error { return errNotYet }

// Tick looks at what the clock alone changes: what is stale, contracts that end, the
// end of silences, a digest that is due. Call it about once a minute.
func (t *Teller) Tick(ctx context.Context) error { return errNotYet }

// Deliver sends what is due, at most one message per channel, to all channels side by
// side, and reports whether more is due at once. A channel that fails is tried later;
// that is no error.
func (t *Teller) Deliver(ctx context.Context) (more bool, err error) { return false, errNotYet }
