package httpx

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/fault"
)

type (
	attemptsKey   struct{}
	repeatableKey struct{}
	onceKey       struct{}
)

// attempts is what one request knows of its earlier tries.
type attempts struct {
	repeat bool
	made   int
	wait   time.Duration
}

// Repeatable marks requests that may be sent twice although their method does not say
// so: a login, a query sent as POST.
func Repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

// Once marks requests that are sent once, whatever their method: who sends them finds
// out what became of them, or knows better when to ask again.
func Once(ctx context.Context) context.Context {
	return context.WithValue(ctx, onceKey{}, true)
}

// repeatable says whether a request may be sent twice: the methods that RFC 9110,
// section 9.2.2, calls idempotent, and what the caller marked.
func repeatable(req *http.Request) bool {
	if once, _ := req.Context().Value(onceKey{}).(bool); once {
		return false
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return true
	}
	marked, _ := req.Context().Value(repeatableKey{}).(bool)
	return marked
}

// check decides after an attempt whether there is another one, and when.
func (c *Client) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	try, _ := ctx.Value(attemptsKey{}).(*attempts)
	if try == nil || !try.repeat || !c.passing(resp, err) {
		return false, nil
	}
	try.made++
	if try.made >= c.opt.Tries {
		return false, nil // the last answer is the answer
	}
	after, told := time.Duration(0), false
	if resp != nil {
		after, told = RetryAfter(resp.Header, c.opt.Now())
	}
	if try.wait = backoff(c.opt.MinWait, c.opt.MaxWait, try.made, c.opt.Random()); told {
		try.wait = after
	}
	return try.wait <= c.opt.MaxWait, nil
}

// passing reports whether asking again may help.
func (c *Client) passing(resp *http.Response, err error) bool {
	if err != nil {
		_, ours := errors.AsType[*fault.Error](err)
		return !ours && !errors.Is(err, errElsewhere) && kindOf(err) == fault.Unavailable
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return c.opt.Retry(resp.StatusCode)
}

func (c *Client) prepare(req *http.Request) error {
	try, _ := req.Context().Value(attemptsKey{}).(*attempts)
	if try == nil {
		return nil
	}
	return c.opt.Sleep(req.Context(), try.wait)
}

// backoff is the wait before attempt made+1: doubled each time, at most longest, and
// then between half and all of it, so that many clients do not come back as one.
func backoff(shortest, longest time.Duration, made int, random float64) time.Duration {
	wait := longest
	if made < 30 && shortest<<(made-1) < longest {
		wait = shortest << (made - 1)
	}
	return wait/2 + time.Duration(random*float64(wait/2))
}

// RetryAfter reads the header of that name: seconds or a date (RFC 9110, section 10.2.3).
// It reports false where there is none, or none that can be read.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	const longest = 366 * 24 * time.Hour
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		return min(time.Duration(n)*time.Second, longest), true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return min(max(0, at.Sub(now)), longest), true
}
