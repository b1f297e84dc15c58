package salesforce

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// orgStop is the part of the organization's calls from which on we leave the rest to
// others, whoever spent them.
const orgStop = 0.8

// budget counts the calls of a source and knows when its share is spent. It is safe for
// concurrent use.
type budget struct {
	name  string
	share float64
	now   func() time.Time
	note  func(ctx context.Context, most int) error // of every call, before it is made; nil: nobody is told

	mu        sync.Mutex
	total     int
	used, max int
	hours     [24]hour
}

// hour counts the calls of one hour.
type hour struct {
	at    int64 // hours since 1970
	calls int
}

// take counts a call that is about to be made, or says that it must not be.
func (b *budget) take(ctx context.Context) error {
	most, err := b.count()
	if err != nil || b.note == nil {
		return err
	}
	return b.note(ctx, most)
}

func (b *budget) count() (most int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if err := b.spent(now); err != nil {
		return b.max, err
	}
	b.total++
	b.add(now, 1)
	return b.max, nil
}

// add counts calls in their hour.
func (b *budget) add(at time.Time, calls int) {
	this := at.Unix() / 3600
	h := &b.hours[this%24]
	if h.at < this {
		*h = hour{at: this}
	}
	if h.at == this {
		h.calls += calls
	}
}

// recall counts calls of the last 24 hours that are not this process's own, and takes
// over how many may be made: else each process had a call of its own to hear that none is
// left.
func (b *budget) recall(at time.Time, calls, most int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if most > 0 {
		b.max = most
	}
	if hours := b.now().Unix()/3600 - at.Unix()/3600; hours >= 0 && hours < int64(len(b.hours)) {
		b.add(at, calls)
	}
}

// spent is the error of a share that is used up; nil while the limit is unknown.
func (b *budget) spent(now time.Time) error {
	if b.max == 0 {
		return nil
	}
	ours, oldest := b.recent(now)
	allowed := int(math.Ceil(b.share * float64(b.max)))
	var what string
	wait := dailyPause
	switch {
	case ours >= allowed:
		what = fmt.Sprintf("%s has made %s of the %s calls that daily_share allows it in 24 hours (%s%% of %s); the next run may go on, raise daily_share or run less often",
			b.name, crm.Count(ours), crm.Count(allowed), strconv.FormatFloat(100*b.share, 'f', -1, 64), crm.Count(b.max))
		wait = max(time.Minute, time.Unix((oldest+24)*3600, 0).Sub(now))
	case float64(b.used) >= orgStop*float64(b.max):
		what = fmt.Sprintf("%s has used %s of its %s API calls of 24 hours, most of them by others; the rest is left to them, so find who spends them (Setup, System Overview) or wait",
			b.name, crm.Count(b.used), crm.Count(b.max))
	default:
		return nil
	}
	f := fault.New("salesforce.budget", fault.Throttled, errors.New(what))
	f.RetryAfter = wait
	return f
}

// recent sums the calls of the last 24 hours, and says which hour is the oldest of them.
func (b *budget) recent(now time.Time) (calls int, oldest int64) {
	oldest = now.Unix() / 3600
	from := oldest - 23
	for _, h := range b.hours {
		if h.at >= from && h.calls > 0 {
			calls += h.calls
			oldest = min(oldest, h.at)
		}
	}
	return calls, oldest
}

// observe takes the organization's usage from an answer.
func (b *budget) observe(resp *http.Response) {
	used, limit, ok := parseLimitInfo(resp.Header.Get("Sforce-Limit-Info"))
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used, b.max = used, limit
}

func (b *budget) usage() crm.Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	return crm.Usage{Calls: b.total, Used: b.used, Max: b.max}
}

// parseLimitInfo reads "api-usage=18/5000; per-app-api-usage=17/250(appName=x)": REST
// API Developer Guide, "Limit Info Header".
func parseLimitInfo(header string) (used, limit int, ok bool) {
	for part := range strings.FieldsFuncSeq(header, func(c rune) bool { return c == ';' || c == ',' || c == ' ' }) {
		value, found := strings.CutPrefix(part, "api-usage=")
		if !found {
			continue
		}
		a, b, found := strings.Cut(value, "/")
		used, err := strconv.ParseUint(a, 10, 31)
		limit, err2 := strconv.ParseUint(b, 10, 31)
		if found && err == nil && err2 == nil && limit > 0 {
			return int(used), int(limit), true
		}
	}
	return 0, 0, false
}
