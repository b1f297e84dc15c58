package zendesk

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// Reserved are calls that some process was to make, and when that was at the latest.
type Reserved struct {
	Key   string        // names the reservation
	Last  time.Duration // from now until then; negative: it is over
	Calls int
	Limit int // the account's calls a minute, as that process heard; 0: it did not yet
}

// ReservedFor is how long calls that were reserved may be made.
const ReservedFor = 10 * time.Second

// budget keeps the account's limit one limit, whichever process calls: before calls are
// made, they are reserved where all processes look, some at a time. Who takes over from
// a process that was killed counts what that one may have called.
type budget struct {
	reserve func(ctx context.Context, calls, limit int) ([]Reserved, error) // nil: nobody else calls
	left    int                                                             // calls that were reserved and not made yet
	until   time.Time                                                       // when they lapse
	counted map[string]time.Time                                            // reservations of others, and their last moment
}

// lacks reports that no call is reserved.
func (b *budget) lacks(now time.Time) bool {
	return b.reserve != nil && (b.left <= 0 || !now.Before(b.until))
}

// portion is how many calls are reserved at a time: a tenth of a minute's.
func portion(most int) int { return max(1, most/10) }

// ensure reserves the next calls, and counts what others reserved since.
func (p *pace) ensure(req *http.Request) error {
	p.mu.Lock()
	n, limit := portion(p.calls.most), p.limit
	p.mu.Unlock()
	others, err := p.budget.reserve(req.Context(), n, limit)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.budget.left, p.budget.until = n, now.Add(ReservedFor)
	for _, r := range others {
		if p.limit == 0 && r.Limit > 0 { // else what others called would seem more than is allowed at all
			p.setLimit(r.Limit)
		}
		p.countOther(r, now)
	}
	return nil
}

// countOther counts calls of another process as made at the last moment at which they may be.
func (p *pace) countOther(r Reserved, now time.Time) {
	last := now.Add(r.Last)
	if _, known := p.budget.counted[r.Key]; known || !last.Add(p.calls.span).After(now) {
		return
	}
	for key, at := range p.budget.counted {
		if !at.Add(p.calls.span).After(now) {
			delete(p.budget.counted, key)
		}
	}
	p.budget.counted[r.Key] = last
	for range r.Calls {
		p.calls.at = append(p.calls.at, last)
	}
	slices.SortFunc(p.calls.at, time.Time.Compare)
}
