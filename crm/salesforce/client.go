package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
)

// call is one request to the organization.
type call struct {
	method string
	path   string // begins with /services/data/, or stands below the version
	body   []byte // JSON
	accept string // default JSON
}

// do sends a call and returns its answer if that is a success. A session that ended is
// renewed once and the call made again; what is busy is asked again after a while. A
// repeated create leaves at worst a Bulk job that nobody reads and that lapses in a week.
func (s *Source) do(ctx context.Context, c call) (*http.Response, error) {
	var stale *session
	for try := 1; ; try++ {
		current, err := s.keeper.Session(ctx, stale)
		if err != nil {
			return nil, err
		}
		resp, err := s.send(ctx, current, c)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode < http.StatusMultipleChoices {
			return resp, nil
		}
		failure := s.failure(resp)
		switch {
		case failure.endedSession() && stale == nil:
			stale = current
		case failure.busy() && try < maxBusy:
			if err := s.opt.Sleep(ctx, time.Duration(try*try)*busyWait); err != nil {
				return nil, err
			}
		default:
			return nil, s.explain(c, failure, stale != nil)
		}
	}
}

const (
	maxBusy  = 5               // attempts of a call that is refused as one too many at a time
	busyWait = 2 * time.Second // grows with the square: 2, 8, 18, 32 s
)

func (s *Source) send(ctx context.Context, on *session, c call) (*http.Response, error) {
	req, err := http.NewRequestWithContext(httpx.Repeatable(ctx), c.method, on.instance.String()+s.rooted(c.path), bytes.NewReader(c.body))
	if err != nil {
		return nil, fault.New("salesforce.call", fault.Invalid, errors.New("the address of a call cannot be read"))
	}
	req.Header.Set("Authorization", "Bearer "+on.token.Reveal())
	req.Header.Set("Sforce-Call-Options", "client=desksync")
	req.Header.Set("Accept", "application/json")
	if c.accept != "" {
		req.Header.Set("Accept", c.accept)
	}
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json;charset=UTF-8")
	}
	return s.http.Do(req)
}

// rooted puts the version before a path that does not have one.
func (s *Source) rooted(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return "/services/data/" + s.opt.Version + "/" + path
}

// get reads a JSON answer of at most maxJSON bytes into v.
func (s *Source) get(ctx context.Context, path string, v any) error {
	return s.exchange(ctx, call{method: http.MethodGet, path: path}, v)
}

// maxJSON bounds answers that are held as a whole; the describe of an object with the
// most fields Salesforce allows has a few MiB.
const maxJSON = 64 << 20

// exchange reads a JSON answer into v, if there is one. An answer that ends early is
// asked for again.
func (s *Source) exchange(ctx context.Context, c call, v any) error {
	return s.persist(c, nothing, func() (bool, error) {
		resp, err := s.do(ctx, c)
		if err != nil {
			return false, err
		}
		err = decode(resp, v)
		_ = resp.Body.Close()
		switch {
		case err == nil || ctx.Err() != nil:
			return false, err
		case !endsEarly(err):
			return false, fault.New("salesforce.call", fault.Unavailable, fmt.Errorf("the answer to %s is not what Salesforce documents (%w); a proxy may stand between, try again", c.shown(), err))
		}
		return true, err
	})
}

// nothing undoes an answer of which nothing is kept until it is whole.
func nothing() {}

// decode reads an answer. Of one that ends early nothing is in v.
func decode(resp *http.Response, v any) error {
	if resp.StatusCode == http.StatusNoContent || v == nil {
		return nil
	}
	return json.NewDecoder(io.LimitReader(resp.Body, maxJSON)).Decode(v)
}

// endsEarly reports an answer that was cut off, whether the connection says so or not.
func endsEarly(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || fault.KindOf(err) == fault.Unavailable
}

// shown is the call for messages, without its query.
func (c call) shown() string {
	path, _, _ := strings.Cut(c.path, "?")
	return c.method + " " + path
}
