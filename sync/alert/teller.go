package alert

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/sync/journal"
)

// Notifier is one channel.
type Notifier interface {
	// Send tells a message. Its errors carry a fault.Kind that says whether the same
	// message may come through later, and nothing secret.
	Send(ctx context.Context, m Message) error
}

// Watched is what of a pipeline the journal does not know.
type Watched struct {
	Name, Source, Target string
	Location             *time.Location // whose calendar day counts; nil: UTC
	Currency             string         // of amounts, such as USD
	Share                float64        // of a day's calls of the source that desksync may make; 0: none is watched
	Unscheduled          bool           // nobody expects it to run by itself: it is never stale
	Logins               []Login        // those of its source and target that end on a known day
}

// Options tune a Teller; the zero Options are safe, and tell nobody.
type Options struct {
	Policy    Policy
	Channels  map[string]Notifier
	Pipelines []Watched        // those of the configuration; of others nothing holds any more
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
	stales  sync.Map // pipeline → when the clock alone may make it stale
	looked  sync.Map // pipeline → the day on which Tick last looked at its contracts
}

// New returns a Teller over a journal.
func New(j *journal.Journal, opt Options) *Teller {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	opt.Policy = opt.Policy.filled()
	opt.Timeout = orDefault(opt.Timeout, 15*time.Second)
	opt.Lease = max(orDefault(opt.Lease, time.Minute), 2*opt.Timeout)
	opt.GiveUp = orDefault(opt.GiveUp, 3*24*time.Hour)
	return &Teller{journal: j, opt: opt}
}

// watched finds a pipeline of the configuration.
func (t *Teller) watched(name string) (Watched, bool) {
	i := slices.IndexFunc(t.opt.Pipelines, func(w Watched) bool { return w.Name == name })
	if i < 0 {
		return Watched{}, false
	}
	return t.opt.Pipelines[i], true
}
