package zendesk

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// TestWhoTakesOverKnowsTheLimit: before the first answer the smallest plan is believed, and
// what others called under a larger one would be more than that allows for a minute.
func TestWhoTakesOverKnowsTheLimit(t *testing.T) {
	t.Parallel()
	for limit, wait := range map[int]time.Duration{700: 0, 0: time.Minute} {
		var others []Reserved
		for n := range 4 {
			others = append(others, Reserved{Reservation: Reservation{Calls: 70, Limit: limit}, Owner: "another", Nth: int64(n)})
		}
		now, told := noon, -1
		p := newPace(Options{Share: 1, Now: func() time.Time { return now }, Reserve: func(_ context.Context, ask func([]Reserved) Reservation) error {
			told = ask(others).Limit
			return nil
		}, Sleep: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil }})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://acme.zendesk.com/api/v2/organizations", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.before(req); err != nil || now.Sub(noon) != wait {
			t.Errorf("where others heard of %d calls a minute, the first call waits %s, want %s (%v)", limit, now.Sub(noon), wait, err)
		}
		now = now.Add(ReservedFor)
		if err := p.before(req); err != nil || told != limit {
			t.Errorf("where others heard of %d calls a minute, %d are passed on (%v)", limit, told, err)
		}
	}
}
