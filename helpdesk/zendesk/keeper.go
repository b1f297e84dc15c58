package zendesk

import (
	"context"
	"time"

	"github.com/desksync/desksync/internal/fault"
)

// session is what a login gave.
type session struct {
	header string    // of every call; a secret
	until  time.Time // when it is renewed; zero: never
}

// keeper holds the one session of a target and renews it before it ends. Who finds it
// refused renews it once, for all who found the same.
type keeper struct {
	login func(context.Context) (*session, error)
	now   func() time.Time
	turn  chan struct{} // holds a token while nobody logs in

	current *session
	failed  error // the last login, if it was refused
	at      time.Time
}

// sulk is how long a refused login is not tried again.
const sulk = time.Minute

func newKeeper(login func(context.Context) (*session, error), now func() time.Time) *keeper {
	k := &keeper{login: login, now: now, turn: make(chan struct{}, 1)}
	k.turn <- struct{}{}
	return k
}

// session returns the current session, or another one than stale, logging in if need
// be: one login at a time, whoever asks.
func (k *keeper) session(ctx context.Context, stale *session) (*session, error) {
	select {
	case <-k.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { k.turn <- struct{}{} }()
	if k.current != nil && k.current != stale && !k.over(k.current) {
		return k.current, nil
	}
	if k.failed != nil && k.now().Sub(k.at) < sulk {
		return nil, k.failed
	}
	fresh, err := k.login(ctx)
	if err != nil {
		if kind := fault.KindOf(err); ctx.Err() == nil && (kind == fault.Denied || kind == fault.Invalid) {
			k.failed, k.at = err, k.now()
		}
		return nil, err
	}
	k.current, k.failed = fresh, nil
	return fresh, nil
}

func (k *keeper) over(s *session) bool { return !s.until.IsZero() && !k.now().Before(s.until) }
