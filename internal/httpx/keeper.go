package httpx

import (
	"context"
	"time"

	"github.com/desksync/desksync/internal/fault"
)

// Keeper holds the one session that all calls share. Who finds it refused renews it
// once, for all who found the same.
type Keeper[S any] struct {
	Over func(*S) bool // reports that a session is to be renewed before it is refused; nil: none is

	login func(context.Context) (*S, error)
	now   func() time.Time
	turn  chan struct{} // holds a token while nobody logs in

	current *S
	failed  error // the last login, if it was refused
	at      time.Time
}

// Sulk is how long a refused login is not tried again: users are locked out by less.
const Sulk = time.Minute

// NewKeeper returns a keeper that has not logged in yet.
func NewKeeper[S any](login func(context.Context) (*S, error), now func() time.Time) *Keeper[S] {
	k := &Keeper[S]{login: login, now: now, turn: make(chan struct{}, 1)}
	k.turn <- struct{}{}
	return k
}

// Session returns the current session, or another one than stale, logging in if need
// be: one login at a time, whoever asks.
func (k *Keeper[S]) Session(ctx context.Context, stale *S) (*S, error) {
	select {
	case <-k.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { k.turn <- struct{}{} }()
	if k.current != nil && k.current != stale && !k.over() {
		return k.current, nil
	}
	k.current = nil
	if k.failed != nil && k.now().Sub(k.at) < Sulk {
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

func (k *Keeper[S]) over() bool { return k.Over != nil && k.Over(k.current) }

// note remembers a refusal; what a lost connection or a cancelled caller met is no
// answer for the others.
func (k *Keeper[S]) note(ctx context.Context, err error) {
	if ctx.Err() == nil && refused(err) {
		k.failed, k.at = err, k.now()
	}
}

// refused reports an answer that asking again would not change.
func refused(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.Denied || kind == fault.Invalid || kind == fault.Throttled
}

// Last returns the session that was last used; nil before the first login.
func (k *Keeper[S]) Last() *S {
	<-k.turn
	defer func() { k.turn <- struct{}{} }()
	return k.current
}
