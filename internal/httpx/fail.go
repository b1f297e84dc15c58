package httpx

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/desksync/desksync/internal/fault"
)

// MaxErrorBody is how much of a reply that reports a failure is read, in bytes.
const MaxErrorBody = 64 << 10

// ErrorBody reads the body of a reply that reports a failure, at most MaxErrorBody of
// it, and closes it. What cannot be read is left out.
func ErrorBody(resp *http.Response) []byte {
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, MaxErrorBody))
	return b
}

// KindOf is what a status means where the body says nothing better.
func KindOf(status int) fault.Kind {
	switch {
	case status == http.StatusTooManyRequests:
		return fault.Throttled
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fault.Denied
	case status == http.StatusNotFound, status == http.StatusGone:
		return fault.NotFound
	case status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		return fault.Unavailable
	default:
		return fault.Invalid
	}
}

// StatusError is the failure that an answer of this status is, with the wait that its
// Retry-After asks for. It does not read the body.
func StatusError(resp *http.Response, now time.Time) *fault.Error {
	wait, _ := RetryAfter(resp.Header, now)
	what := fmt.Errorf("%s %s was answered with status %d %s", resp.Request.Method, place(resp.Request.URL), resp.StatusCode, http.StatusText(resp.StatusCode))
	e := fault.New("httpx.do", KindOf(resp.StatusCode), what)
	e.RetryAfter = wait
	return e
}

// fail gives an error its kind and takes the query out of its address: filters and
// tokens stand there.
func (c *Client) fail(req *http.Request, err error) error {
	if ctx := req.Context(); ctx.Err() != nil {
		return ctx.Err()
	}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e
	}
	for e, ok := errors.AsType[*url.Error](err); ok; e, ok = errors.AsType[*url.Error](err) {
		err = e.Err
	}
	kind := kindOf(err)
	fix := "check the network and the address"
	switch {
	case errors.Is(err, errElsewhere):
		fix = ""
	case kind == fault.Denied:
		fix = "check the address, and that this machine knows who signed its certificate"
	}
	if fix != "" {
		err = fmt.Errorf("%w; %s", err, fix)
	}
	return fault.New("httpx.do", kind, fmt.Errorf("%s did not answer %s %s: %w", name(c.opt.Service, req), req.Method, place(req.URL), err))
}

// kindOf tells what never heals by asking again from what may.
func kindOf(err error) fault.Kind {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	dns, lookup := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, errElsewhere):
		return fault.Invalid
	case unknown, host, invalid, verify:
		return fault.Denied
	case lookup && dns.IsNotFound:
		return fault.Unavailable
	case errors.Is(err, context.Canceled):
		return fault.Unknown
	}
	return fault.Unavailable
}

// cut is a reply that ends before its end.
func cut(service string, err error) error {
	return fault.New("httpx.read", fault.Unavailable, fmt.Errorf("a reply of %s ended before its end: %w", service, err))
}

func name(service string, req *http.Request) string { return cmp.Or(service, req.URL.Host) }

// place is an address without what may be secret in it.
func place(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }
