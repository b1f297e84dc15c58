// Package virtual lets hours pass at once. A process on a Clock waits for nothing: what
// it would have waited for, and what its calls would have taken, is added to the clock. A
// server on a Follower lives in the time of those who call it. Measures and tests use it;
// what is measured is the product's own code, on another clock.
package virtual

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Header tells a Follower the time of a call.
const Header = "Desksync-Virtual-Time"

// Clock stands still until somebody waits. It is safe for concurrent use: waits that begin
// at one time end at their own times, they do not add up. Where one goroutine waits long
// while another works, the other's work is taken to begin after the wait: the clock tells
// too long a time rather than too short a one.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows a time.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Reach lets it be that time, unless it is later.
func (c *Clock) Reach(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.now) {
		c.now = at
	}
}

// Move moves the time, back too: as somebody who sets a clock.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Sleep lets the time pass.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.Reach(c.Now().Add(d))
	return nil
}

// Transport makes every call take the same time, half of it on the way there, whatever it
// really takes.
func (c *Clock) Transport(base http.RoundTripper, takes time.Duration) http.RoundTripper {
	return &transport{clock: c, base: base, takes: takes}
}

type transport struct {
	clock *Clock
	base  http.RoundTripper
	takes time.Duration
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	begun := t.clock.Now()
	r = r.Clone(r.Context())
	r.Header.Set(Header, begun.Add(t.takes/2).Format(time.RFC3339Nano))
	resp, err := t.base.RoundTrip(r)
	t.clock.Reach(begun.Add(t.takes))
	return resp, err
}

// Follower is a clock that shows the latest time that a call told.
type Follower struct{ Clock }

// NewFollower returns one that shows a time until calls tell a later one.
func NewFollower(start time.Time) *Follower { return &Follower{Clock{now: start}} }

// Handler takes the time from every call, and has it in every answer.
func (f *Follower) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text := r.Header.Get(Header); text != "" {
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				http.Error(w, Header+" is not a time: "+err.Error(), http.StatusBadRequest)
				return
			}
			f.Reach(at)
		}
		w.Header().Set("Date", f.Now().UTC().Format(http.TimeFormat)) // else it is the real one
		next.ServeHTTP(w, r)
	})
}
