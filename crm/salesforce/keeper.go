package salesforce

import (
	"context"
	"time"
)

// keeper holds the one session of a source. Who finds it refused renews it once, for
// all who found the same.
type keeper struct {
	login func(context.Context) (*session, error)
	now   func() time.Time
	turn  chan struct{} // holds a token while nobody logs in

	current *session
	failed  error // the last login, if it was refused
	at      time.Time
}

// sulk is how long a refused login is not tried again: users are locked out by less.
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
	if k.current != nil && k.current != stale {
		return k.current, nil
	}
	k.current = nil
	if k.failed != nil && k.now().Sub(k.at) < sulk {
		return nil, k.failed
	}
	fresh, err := k.login(ctx)
	if err != nil {
		k.note(ctx, err)
		return nil, err
	}
	k.current, k.failed = fresh, nil
	return fresh, nil
}

// note remembers a refusal; what a lost connection or a cancelled caller met is no
// answer for the others.
func (k *keeper) note(ctx context.Context, err error) {
	if ctx.Err() == nil && isRefusal(err) {
		k.failed, k.at = err, k.now()
	}
}

// last returns the session that was last used; nil before the first login.
func (k *keeper) last() *session {
	<-k.turn
	defer func() { k.turn <- struct{}{} }()
	return k.current
}
