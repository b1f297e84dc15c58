package main

import (
	"context"
	"time"

	"github.com/desksync/desksync/sync/alert"
)

// tellEvery is how often the daemon looks at what the clock alone changes, and tries
// channels that were down.
const tellEvery = time.Minute

// voices tell people, beside the passes, until ctx is done: no pass waits for a channel.
func (s *server) voices(ctx context.Context) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	var looking, telling bool // fail, and were said to
	for {
		if err := s.teller().Tick(ctx); ctx.Err() == nil {
			s.warnOnce(&looking, err, "what the day changes was not looked at; it is tried again each minute")
		}
		if err := deliverAll(ctx, s.teller()); ctx.Err() == nil {
			s.warnOnce(&telling, err, "alerts not delivered; they are kept")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.told:
		}
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
	if err := s.teller().AfterRun(ctx, pipeline, ran); err != nil && ctx.Err() == nil {
		s.log.Warn().Ctx(ctx).Err(err).Msg("what holds was not looked at")
	}
	s.speak()
}

// refuses tells that a changed file is refused; nil: that this is over.
func (s *server) refuses(ctx context.Context, why error) {
	var err error
	if why == nil {
		err = s.teller().Over(ctx, alert.Key(alert.Configuration))
	} else {
		err = s.teller().Tell(ctx, alert.Condition{
			Kind: alert.Configuration, Level: 1, Title: "The changed configuration is refused, and the old one still acts",
			Text: s.reasons(why), Command: "desksync validate",
		})
	}
	if err != nil && ctx.Err() == nil {
		s.log.Warn().Err(err).Msg("nobody is told of the configuration")
	}
	s.speak()
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
