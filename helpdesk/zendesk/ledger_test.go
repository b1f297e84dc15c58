package zendesk

import (
	"context"
	"sync"
	"time"
)

// Ledger is a journal's list of reservations, for clients of one account in one test.
type Ledger struct {
	Now func() time.Time

	mu   sync.Mutex
	list []entered
}

type entered struct {
	Reserved
	at time.Time
}

// For is Options.Reserve of a client under a name.
func (l *Ledger) For(owner string) func(context.Context, func([]Reserved) Reservation) error {
	return func(_ context.Context, ask func([]Reserved) Reservation) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		now, nth := l.Now(), int64(0)
		var others []Reserved
		for _, e := range l.list {
			e.Last = e.at.Add(ReservedFor).Sub(now)
			switch {
			case e.Owner == owner:
				nth++
			case e.Last > -time.Minute:
				others = append(others, e.Reserved)
			}
		}
		if r := ask(others); r.Calls > 0 || len(r.Parts) > 0 {
			l.list = append(l.list, entered{Reserved{Reservation: r, Owner: owner, Nth: nth}, now})
		}
		return nil
	}
}

// Notes is how often something was reserved.
func (l *Ledger) Notes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.list)
}
