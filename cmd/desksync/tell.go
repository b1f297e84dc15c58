package main

import (
	"context"
	"time"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/alert"
)

// tellBound is how long a command waits for channels; what they did not take by then
// waits for the next run, or for the daemon.
const tellBound = 10 * time.Second

// telling is what a command tells beside its work, which it never spoils.
type telling struct {
	*session
	teller *alert.Teller
}

// teller is what tells people, over the session's journal.
func (s *session) teller() (*alert.Teller, error) {
	opt, err := wire.AlertOptions(s.file, s.env())
	if err != nil {
		return nil, err
	}
	return alert.New(s.journal, opt), nil
}

func (s *session) telling() telling {
	t, err := s.teller()
	if err != nil {
		s.log.Warn().Err(err).Msg("nobody is told")
	}
	return telling{s, t}
}

// after looks at what holds after an attempt to run a pipeline.
func (t telling) after(ctx context.Context, pipeline string, ran error) {
	if t.teller == nil || ctx.Err() != nil {
		return
	}
	err := t.teller.AfterRun(ctx, pipeline, ran)
	if ran != nil && fault.KindOf(err) == fault.Unavailable && fault.KindOf(ran) == fault.Unavailable {
		return // the run has said it
	}
	if err != nil {
		t.log.Warn().Err(err).Str("pipeline", pipeline).Msg("what holds was not looked at")
	}
}

// decided tells what a decision settled, or what was written by hand caused, for the
// pipeline of a number. The command that decided is done, and never spoilt by it.
func (s *session) decided(ctx context.Context, pipeline int64) {
	names, err := s.pipelineNames(ctx)
	if err != nil {
		s.log.Warn().Err(err).Msg("what holds was not looked at; the next run does")
		return
	}
	s.acted(ctx, names[pipeline])
}

// acted is decided for a pipeline by name. What is no longer in the file nobody watches.
func (s *session) acted(ctx context.Context, pipeline string) {
	t := s.telling()
	if t.teller == nil || ctx.Err() != nil || s.file.Pipelines.Get(pipeline) == nil {
		return
	}
	if err := t.teller.AfterDecision(ctx, pipeline); err != nil {
		s.log.Warn().Err(err).Str("pipeline", pipeline).Msg("what holds was not looked at; the next run does")
		return
	}
	t.deliver(ctx)
}

// deliver tries the channels once, for a short time.
func (t telling) deliver(ctx context.Context) {
	if t.teller == nil || t.file.Alerts == nil || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellBound)
	defer cancel()
	if err := deliverAll(ctx, t.teller); err != nil {
		t.log.Warn().Err(err).Msg("alerts not delivered; they are kept for the next run")
	}
}

// deliverAll offers the channels what is due, until nothing is or ctx is done.
func deliverAll(ctx context.Context, t *alert.Teller) (err error) {
	for more := true; more && err == nil && ctx.Err() == nil; {
		more, err = t.Deliver(ctx)
	}
	return err
}
