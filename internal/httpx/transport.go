package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const maxRedirects = 5

var (
	errElsewhere = errors.New("the answer is a redirect to another host, and a login is not carried there; use the address that it leads to")
	errIdle      = errors.New("nothing came for too long in the middle of a reply")
)

// base is a transport with the times of the options. It asks for gzip and unpacks it,
// as Go does by default.
func base(o Options) http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: o.Connect, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   o.Connect,
		ResponseHeaderTimeout: o.Header,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   8,
	}
}

// sameHost is a CheckRedirect that stays where the login is valid.
func sameHost(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("the answer is a redirect for the %dth time", len(via))
	}
	if from := via[0].URL; req.URL.Host != from.Host || req.URL.Scheme != from.Scheme {
		return errElsewhere
	}
	return nil
}

// transport makes one attempt: it asks the caller first, shows the answer, and watches
// the body.
type transport struct{ opt Options }

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.opt.Before != nil {
		if err := t.opt.Before(req); err != nil {
			if req.Body != nil {
				_ = req.Body.Close()
			}
			return nil, err
		}
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	resp, err := t.opt.Base.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	if t.opt.Observe != nil {
		t.opt.Observe(resp)
	}
	timer := time.AfterFunc(t.opt.Idle, func() { cancel(errIdle) })
	timer.Stop()
	resp.Body = &body{
		inner: resp.Body, outer: req.Context(), ctx: ctx, cancel: cancel, idle: t.opt.Idle, timer: timer, service: name(t.opt.Service, req),
	}
	return resp, nil
}

// body ends a reply that goes silent, and gives its failures a kind.
type body struct {
	inner      io.ReadCloser
	outer, ctx context.Context //nolint:containedctx // a body lives as long as its request
	cancel     context.CancelCauseFunc
	idle       time.Duration
	timer      *time.Timer
	service    string
}

func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.idle)
	n, err := b.inner.Read(p)
	b.timer.Stop()
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	if b.outer.Err() != nil {
		return n, b.outer.Err()
	}
	if errors.Is(context.Cause(b.ctx), errIdle) {
		err = fmt.Errorf("%w (%s)", errIdle, b.idle)
	}
	return n, cut(b.service, err)
}

func (b *body) Close() error {
	err := b.inner.Close()
	b.timer.Stop()
	b.cancel(nil)
	return err
}
