package zendesk

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Reservation are calls that a process is about to make.
type Reservation struct {
	Calls int            // in all
	Limit int            // the account's calls a minute, as it heard; 0: it did not yet
	Parts map[string]int // what they count against beside that; see parts.go
}

// Reserved is a reservation of another process.
type Reserved struct {
	Reservation
	Owner string
	Nth   int64         // of its owner's
	Last  time.Duration // from now until they may be made at the latest; negative: it is over
}

// ReservedFor is how long calls that were reserved may be made.
const ReservedFor = 10 * time.Second

// budget keeps the account's limits the same limits, whichever process calls: before calls
// are made, they are reserved where all processes look, some at a time. Who takes over from
// a process that was killed counts what that one may have called.
type budget struct {
	reserve func(ctx context.Context, ask func(others []Reserved) Reservation) error // nil: nobody else calls
	calls   int                                                                      // that were reserved and not made yet
	parts   map[string]int                                                           // so are these
	until   time.Time                                                                // when they lapse
	counted map[mark]time.Time                                                       // reservations of others, and their last moment
	updates map[string][]time.Time                                                   // of single objects by others, in order
	unnamed []time.Time                                                              // when others may have updated any object, in order
}

// mark names a reservation.
type mark struct {
	owner string
	nth   int64
}

// lacks is what has to be reserved for a call: nil if nothing has to be.
func (b *budget) lacks(needs map[string]int, portion int, now time.Time) *Reservation {
	if b.reserve == nil {
		return nil
	}
	if !now.Before(b.until) {
		b.calls, b.parts = 0, nil
	}
	r := Reservation{Parts: map[string]int{}}
	for part, n := range needs {
		if b.parts[part] < n {
			r.Parts[part] = n
		}
	}
	if b.calls <= 0 {
		r.Calls, r.Parts = portion, needs
		if b.parts[partWrites] > 0 {
			r.Parts[partWrites] = 1 // it goes on
		}
	}
	if r.Calls == 0 && len(r.Parts) == 0 {
		return nil
	}
	return &r
}

// hold takes over what was reserved at a time. What is reserved beside calls that are
// left lapses with them.
func (b *budget) hold(r *Reservation, now time.Time) {
	if r.Calls > 0 {
		b.calls, b.parts, b.until = r.Calls, map[string]int{}, now.Add(ReservedFor)
	}
	maps.Copy(b.parts, r.Parts)
}

// spend counts a call that is made.
func (b *budget) spend(needs map[string]int) {
	b.calls--
	for part := range needs {
		if part != partWrites { // that one covers all that come until it lapses
			delete(b.parts, part)
		}
	}
}

// portion is how many calls are reserved at a time: a tenth of a minute's.
func portion(most int) int { return max(1, most/10) }

// ensure reserves what a call lacks, if it need not wait for others after all; what they
// reserved since is counted.
func (p *pace) ensure(ctx context.Context, c paced) error {
	var got Reservation
	var at time.Time
	err := p.budget.reserve(ctx, func(others []Reserved) Reservation {
		p.mu.Lock()
		defer p.mu.Unlock()
		at, got = p.now(), Reservation{}
		p.hear(others, at)
		if wait, lacks := p.waits(c, at); wait <= 0 && lacks != nil {
			got = *lacks
			got.Limit = p.limit
		}
		return got
	})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budget.hold(&got, at)
	return nil
}

// hear counts what other processes reserved.
func (p *pace) hear(others []Reserved, now time.Time) {
	p.hearUpdates(others, now)
	for i := range others {
		r := &others[i]
		if p.limit == 0 && r.Limit > 0 { // else what others called would seem more than is allowed at all
			p.setLimit(r.Limit)
		}
		p.countOther(r, now)
	}
}

// countOther counts calls of another process as made at the last moment at which they may be.
func (p *pace) countOther(r *Reserved, now time.Time) {
	last, key := now.Add(r.Last), mark{r.Owner, r.Nth}
	if _, known := p.budget.counted[key]; known || !last.Add(p.calls.span).After(now) {
		return
	}
	for key, at := range p.budget.counted {
		if !at.Add(p.calls.span).After(now) {
			delete(p.budget.counted, key)
		}
	}
	p.budget.counted[key] = last
	p.calls.addOthers(last, r.Calls)
	p.exports.addOthers(last, r.Parts[partExports])
}

// addOthers counts what somebody else did, or is about to do.
func (w *window) addOthers(at time.Time, n int) {
	for range n {
		w.at = append(w.at, at)
	}
	slices.SortFunc(w.at, time.Time.Compare)
}
