package salesforce

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// clock hears Salesforce's time during a read. Our own is used only to tell how long an
// answer took: the two need not agree.
type clock struct {
	sent  time.Time // ours: when the call under way was made
	first time.Time // theirs, in the first answer
	from  time.Time // theirs, before the first answer was worked on: what was committed by then, the read shows
	until time.Time // theirs, in the latest answer: what was made later, the read does not show
	mute  bool      // an answer that was used did not say when
}

type clockKey struct{}

// hearing returns a context whose calls the clock hears.
func hearing(ctx context.Context) (context.Context, *clock) {
	c := &clock{}
	return context.WithValue(ctx, clockKey{}, c), c
}

func clockOf(ctx context.Context) *clock {
	c, _ := ctx.Value(clockKey{}).(*clock)
	return c
}

// send notes that a call is made now.
func (c *clock) send(now time.Time) {
	if c != nil {
		c.sent = now
	}
}

// hear takes the time from an answer that came now. Where the server worked on the first
// one for long, its Date is late by as much.
func (c *clock) hear(resp *http.Response, now time.Time) {
	if c == nil {
		return
	}
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		c.mute = c.mute || resp.StatusCode < http.StatusMultipleChoices
		return
	}
	if c.first.IsZero() {
		c.first, c.from = at, at.Add(-max(0, now.Sub(c.sent))).Truncate(time.Second)
	}
	if at.After(c.until) {
		c.until = at
	}
}

// knows reports whether the clock can say when the read was.
func (c *clock) knows() bool { return !c.mute && !c.first.IsZero() }

// isData reports a call to the organization; a login is none.
func isData(req *http.Request) bool { return strings.HasPrefix(req.URL.Path, "/services/data/") }

// observe takes from an answer what it says beside its body.
func (s *Source) observe(resp *http.Response) {
	s.budget.observe(resp)
	if isData(resp.Request) {
		clockOf(resp.Request.Context()).hear(resp, s.opt.Now())
	}
}
