// Package httpx is the one HTTP client of desksync: it waits no longer than it is told,
// asks again where that is safe, follows redirects on the same host only, and gives
// failures a kind. Keeper holds a login. What an answer means is left to the caller.
package httpx

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Options tune a Client; the zero Options are safe.
type Options struct {
	Service   string        // whom messages name, such as "Salesforce"; default: the host
	UserAgent string        // default "desksync"
	Connect   time.Duration // to connect, and again for the TLS handshake; default 10 s
	Header    time.Duration // until the reply begins; default 150 s, as a query may take 120 s
	Idle      time.Duration // between two pieces of a reply's body; default 60 s. A whole download has no limit
	Tries     int           // attempts of a request that may be repeated; default 5
	MinWait   time.Duration // before the second attempt; doubled for each further one; default 1 s
	MaxWait   time.Duration // the longest wait; a Retry-After beyond it is an error with that time; default 1 min

	Retry   func(status int) bool                      // further statuses to ask again on, beside 429, 500, 502, 503 and 504
	Before  func(*http.Request) error                  // before every attempt; its error ends the request
	Observe func(*http.Response)                       // after every attempt that was answered; the body is not its business
	Sleep   func(context.Context, time.Duration) error // default: sleeps
	Random  func() float64                             // from 0 up to 1, for jitter; default: random
	Now     func() time.Time                           // for a Retry-After that is a date; default: the clock
	Base    http.RoundTripper                          // default: a transport with the times above
}

// Client sends requests. It is safe for concurrent use.
type Client struct {
	opt   Options
	inner *retryablehttp.Client
}

// New returns a client.
func New(opt Options) *Client {
	opt = opt.filled()
	c := &Client{opt: opt}
	c.inner = &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: &transport{opt: opt}, CheckRedirect: sameHost},
		RetryMax:     opt.Tries - 1,
		CheckRetry:   c.check,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 }, // prepare waits instead: it knows the context
		PrepareRetry: c.prepare,
		ErrorHandler: func(resp *http.Response, err error, _ int) (*http.Response, error) { return resp, err },
	}
	return c
}

func (o Options) filled() Options {
	o.UserAgent = cmp.Or(o.UserAgent, "desksync")
	o.Connect = cmp.Or(o.Connect, 10*time.Second)
	o.Header = cmp.Or(o.Header, 150*time.Second)
	o.Idle = cmp.Or(o.Idle, time.Minute)
	o.Tries = cmp.Or(o.Tries, 5)
	o.MinWait = cmp.Or(o.MinWait, time.Second)
	o.MaxWait = cmp.Or(o.MaxWait, time.Minute)
	if o.Retry == nil {
		o.Retry = func(int) bool { return false }
	}
	if o.Sleep == nil {
		o.Sleep = Sleep
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Base == nil {
		o.Base = base(o)
	}
	return o
}

// Sleep waits, or returns the error of a context that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Do sends a request and returns the answer, whatever its status; the body must be
// closed. A request is repeated only if its method is safe or idempotent, or its context
// is Repeatable, and never if its context says Once. Errors carry a fault.Kind and never the query of the address.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	req.Header.Set("User-Agent", c.opt.UserAgent)
	try := &attempts{repeat: repeatable(req)}
	wrapped, err := retryablehttp.FromRequest(req.WithContext(context.WithValue(req.Context(), attemptsKey{}, try)))
	if err != nil {
		return nil, c.fail(req, err)
	}
	resp, err := c.inner.Do(wrapped)
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, c.fail(req, err)
	}
	return resp, nil
}
