package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/alert"
)

// tellEvery is how often the daemon looks at what the clock alone changes, and tries
// channels that were down.
const tellEvery = time.Minute

// voices tell people, beside the passes, until ctx is done: no pass waits for a channel.
func (s *server) voices(ctx context.Context) {
	every := cmp.Or(s.tells, tellEvery)
	tick := time.NewTicker(every)
	defer tick.Stop()
	direct := alert.Direct{Patience: 2 * every}
	var looking, telling bool // fail, and were said to
	for {
		looked := errors.Join(s.tellRefused(ctx), s.teller().Tick(ctx))
		told := deliverAll(ctx, s.teller())
		if ctx.Err() == nil {
			s.warnOnce(&looking, looked, "what the day changes was not looked at; it is tried again each minute")
			s.warnOnce(&telling, told, "alerts not delivered; they are kept")
			s.unusable(ctx, &direct, looked, told)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.told:
		}
	}
}

// unusable tells that the journal cannot be used, if the schedule says so, or who wanted
// to note what is to be told.
func (s *server) unusable(ctx context.Context, direct *alert.Direct, failed ...error) {
	s.mu.Lock()
	failed = append(failed, s.unnoted)
	s.mu.Unlock()
	why := s.daemon.Trouble()
	for _, err := range failed {
		if kind := fault.KindOf(err); kind == fault.Unavailable || kind == fault.Denied {
			why = errors.Join(why, err)
		}
	}
	if err := direct.Journal(ctx, s.teller(), why); err != nil && ctx.Err() == nil {
		s.log.Warn().Err(err).Msg("nobody is told of the journal")
	}
}

// warnOnce logs what fails when it begins to.
func (s *server) warnOnce(fails *bool, err error, text string) {
	if err != nil && !*fails {
		s.log.Warn().Err(err).Msg(text)
	}
	*fails = err != nil
}

// after looks at what holds after an attempt to run a pipeline.
func (s *server) after(ctx context.Context, pipeline string, ran error) {
	err := s.teller().AfterRun(ctx, pipeline, ran)
	if ctx.Err() == nil {
		s.mu.Lock()
		s.unnoted = err
		s.mu.Unlock()
	}
	if err != nil && ctx.Err() == nil {
		s.log.Warn().Ctx(ctx).Err(err).Msg("what holds was not looked at")
	}
	s.speak()
}

// refusal is what is to be told of the file: that it is refused, or that this is over.
type refusal struct{ why error }

// refuses has people told that a changed file is refused; nil: that this is over. Nobody
// waits for the journal here.
func (s *server) refuses(why error) {
	s.mu.Lock()
	s.refused = &refusal{why}
	s.mu.Unlock()
	s.speak()
}

// tellRefused tells what there is to tell of the file, until that was noted.
func (s *server) tellRefused(ctx context.Context) error {
	s.mu.Lock()
	r := s.refused
	s.mu.Unlock()
	if r == nil {
		return nil
	}
	if err := s.tellRefusal(ctx, r.why); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == r {
		s.refused = nil
	}
	return nil
}

func (s *server) tellRefusal(ctx context.Context, why error) error {
	if why == nil {
		return s.teller().Over(ctx, alert.Key(alert.Configuration))
	}
	return s.teller().Tell(ctx, alert.Condition{
		Kind: alert.Configuration, Level: 1, Title: "The changed configuration is refused, and the old one still acts",
		Text: s.reasons(why), Command: "desksync validate",
	})
}

// speak has the channels offered what is due now.
func (s *server) speak() {
	select {
	case s.told <- struct{}{}:
	default:
	}
}

// teller is that of the accepted file.
func (s *server) teller() *alert.Teller {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.telling
}

// retell takes the channels and routes of the accepted file.
func (s *server) retell() error {
	file, err := s.file.fresh()
	if err != nil {
		return err
	}
	t, err := (&session{app: s.app, file: file, journal: s.journal}).teller()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.telling = t
	return nil
}
