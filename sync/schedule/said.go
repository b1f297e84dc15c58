package schedule

import (
	"context"
	"log/slog"
	"time"

	"github.com/rs/zerolog"
)

// said passes on what River logs, but not each second: while the daemon's own look says
// that the database cannot be used nothing, and else each message once in a while.
type said struct {
	slog.Handler
	d *Daemon
}

// saidAgain is after how long the same message of River is passed on once more.
const saidAgain = 10 * time.Minute

func (d *Daemon) riverLog() *slog.Logger {
	return slog.New(said{zerolog.NewSlogHandler(d.opt.Log.Level(zerolog.WarnLevel)), d})
}

// Handle implements slog.Handler.
func (s said) Handle(ctx context.Context, r slog.Record) error {
	if !s.Enabled(ctx, r.Level) || s.d.mutes(ctx, r.Message) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (s said) WithAttrs(attrs []slog.Attr) slog.Handler { return said{s.Handler.WithAttrs(attrs), s.d} }

// WithGroup implements slog.Handler.
func (s said) WithGroup(name string) slog.Handler { return said{s.Handler.WithGroup(name), s.d} }

// mutes reports that a message of River is not passed on. If the database is away, or
// cannot be written, the daemon looks at once, and says so itself.
func (d *Daemon) mutes(ctx context.Context, message string) bool {
	if d.Trouble() != nil {
		return true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	away := d.store.probe(ctx) != nil && ctx.Err() == nil
	d.mu.Lock()
	defer d.mu.Unlock()
	if away {
		d.doubt = true
		d.Wake()
		return true
	}
	now := d.opt.Now()
	if last, ok := d.river[message]; ok && now.Sub(last).Abs() < saidAgain {
		return true
	}
	d.river[message] = now
	return false
}

// noted keeps what came of a look, and says it when that changes.
func (d *Daemon) noted(err error) {
	d.mu.Lock()
	before := d.trouble
	d.looked, d.trouble, d.doubt = d.opt.Now(), err, false
	d.mu.Unlock()
	switch {
	case err != nil && before == nil:
		d.opt.Log.Error().Err(err).Msg("the queue cannot be looked after; it is tried again until it can")
	case err == nil && before != nil:
		d.opt.Log.Info().Msg("the queue is looked after again")
	}
}
