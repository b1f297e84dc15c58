package zendesk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
)

// call is one request below /api/v2.
type call struct {
	method string
	path   string // such as organizations/show_many
	query  url.Values
	body   any       // sent as JSON; nil: none
	once   bool      // never repeated by itself: who sends it finds out what became of it
	about  []subject // what it changes, for limits per object
}

// maxThrottled is how often a call is sent again that was refused for its rate, and so
// never carried out.
const maxThrottled = 5

// maxCollided is how often a call is sent that met another one, and collided how long
// is waited, longer each time.
const (
	maxCollided = 4
	collided    = time.Second
)

// do sends a call and reads a JSON answer into v, which may be nil. A token that ended
// is renewed once. What was refused for its rate was not carried out and is sent again,
// whatever it is, except a job that is one too many.
func (t *Target) do(ctx context.Context, c call, v any) error {
	var stale *session
	for try := 1; ; try++ {
		current, err := t.keeper.Session(ctx, stale)
		if err != nil {
			return err
		}
		f, err := t.attempt(ctx, current, c, v)
		if err != nil || f == nil {
			return err
		}
		switch {
		case f.endedToken() && stale == nil && !t.opt.Auth.legacy():
			stale = current
		case f.status == http.StatusTooManyRequests && f.code != tooManyJobs && try < maxThrottled && f.wait <= longestWait:
			if err := t.opt.Sleep(ctx, max(f.wait, time.Second)); err != nil {
				return err
			}
		case f.status == http.StatusConflict && try < maxCollided: // somebody wrote at the same moment; nothing was carried out
			if err := t.opt.Sleep(ctx, time.Duration(try)*collided); err != nil {
				return err
			}
		default:
			return t.explain(c, f)
		}
	}
}

// attempt sends a call once more and reads its answer, or says how it was refused.
func (t *Target) attempt(ctx context.Context, on *session, c call, v any) (*failure, error) {
	req, err := t.request(ctx, c)
	if err != nil {
		return nil, fault.New("zendesk.call", fault.Invalid, fmt.Errorf("a call cannot be written: %w", err))
	}
	req.Header.Set("Authorization", on.header)
	resp, err := t.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < http.StatusMultipleChoices {
		return nil, t.decode(ctx, c, resp, v)
	}
	return read(resp, httpx.ErrorBody(resp), t.opt.Now()), nil
}

func (t *Target) request(ctx context.Context, c call) (*http.Request, error) {
	var body []byte
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			return nil, err
		}
	}
	if c.once {
		ctx = httpx.Once(ctx)
	}
	address := t.base.String() + "/api/v2/" + c.path
	if len(c.query) > 0 {
		address += "?" + c.query.Encode()
	}
	req, err := http.NewRequestWithContext(withSubjects(ctx, c.about), c.method, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("its address cannot be read")
	}
	req.Header.Set("Accept", "application/json")
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// maxJSON bounds an answer; a page of a thousand organizations has a few MiB.
const maxJSON = 256 << 20

func (t *Target) decode(ctx context.Context, c call, resp *http.Response, v any) error {
	if resp.StatusCode == http.StatusNoContent || v == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, httpx.MaxErrorBody)) // so that the connection is used again
		return nil
	}
	d := json.NewDecoder(io.LimitReader(resp.Body, maxJSON))
	d.UseNumber()
	err := d.Decode(v)
	if _, ours := errors.AsType[*fault.Error](err); ours || err == nil || ctx.Err() != nil {
		return err
	}
	return fault.New("zendesk.call", fault.Unavailable, fmt.Errorf("the answer to %s is not what Zendesk documents (%w); a proxy may stand between, try again", c.shown(), err))
}

// get reads one JSON answer.
func (t *Target) get(ctx context.Context, path string, query url.Values, v any) error {
	return t.do(ctx, call{method: http.MethodGet, path: path, query: query}, v)
}

// shown is the call for messages, without its query.
func (c call) shown() string { return c.method + " /api/v2/" + c.path }

// observe takes from an answer what it says beside its body.
func (t *Target) observe(resp *http.Response) {
	t.pace.observe(resp)
	t.feed.hear(resp, t.opt.Now())
	if warn := strings.Join(resp.Header.Values("X-Zendesk-Api-Warn"), "; "); warn != "" {
		t.opt.Log(resp.Request.Context(), Note{"warned", resp.Request.Method + " " + resp.Request.URL.Path + ": " + clip(warn)})
	}
}

// wrap gives an error its kind, if it has none.
func wrap(ctx context.Context, op string, err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok || ctx.Err() != nil {
		return err
	}
	return fault.New(op, fault.Unavailable, err)
}

// wasLost reports a failure behind which the call may have been carried out all the same.
func wasLost(err error) bool { return fault.KindOf(err) == fault.Unavailable }

// clip makes one short line of foreign text.
func clip(s string) string {
	const most = 300
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
