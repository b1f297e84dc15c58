package zendesk

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/desksync/desksync/helpdesk"
)

// subject is an object that a call changes and whose changes are counted.
type subject struct {
	user bool
	id   int64
}

type subjectsKey struct{}

func withSubjects(ctx context.Context, about []subject) context.Context {
	if len(about) == 0 {
		return ctx
	}
	return context.WithValue(ctx, subjectsKey{}, about)
}

// Limits beside the account's calls per minute ("Rate limits").
const (
	exportsPerMinute = 10 // incremental exports, all together
	perObject        = 5  // updates of one organization or one user a minute
)

// pace holds back calls so that in no minute more are made than our share allows. It
// is fed by what every answer says of the limits. It is safe for concurrent use: who
// waits does so in turn.
type pace struct {
	share float64
	fixed int
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	turn  chan struct{} // holds a token while nobody waits

	mu      sync.Mutex
	made    int                  // calls in all
	limit   int                  // the account's calls per minute; 0: not known yet
	budget  budget               // what is reserved, and what other processes may call meanwhile
	left    int                  // of them, as the last answer said that did
	heard   time.Time            // when that was
	calls   window               // all
	exports window               // incremental exports
	users   window               // single writes of users, one a second
	objects map[subject]*updates // of one object
	blocked map[string]time.Time // by method and path: when they may be called again; "" is all
}

func newPace(o Options) *pace {
	p := &pace{
		share: o.Share, fixed: o.PerMinute, now: o.Now, sleep: o.Sleep, turn: make(chan struct{}, 1),
		budget: budget{reserve: o.Reserve, counted: map[mark]time.Time{}},
		calls:  window{span: time.Minute}, exports: window{span: time.Minute}, users: window{most: 1, span: time.Second},
		objects: map[subject]*updates{}, blocked: map[string]time.Time{},
	}
	p.exports.most = part(o.Share, exportsPerMinute)
	p.turn <- struct{}{}
	p.setLimit(o.PerMinute)
	return p
}

// part is our share of a limit, at least one.
func part(share float64, limit int) int { return max(1, int(math.Floor(share*float64(limit)+1e-9))) }

func (p *pace) setLimit(limit int) {
	p.limit = limit
	if limit == 0 {
		limit = unknownLimit
	}
	p.calls.most = part(p.share, limit)
}

// perMinute is how many calls a minute may be made.
func (p *pace) perMinute() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls.most
}

// status is what is known of the account's limit.
func (p *pace) status() helpdesk.Pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := helpdesk.Pace{Calls: p.made, Limit: p.limit, Allowed: p.calls.most, Left: -1}
	if !p.heard.IsZero() && p.now().Sub(p.heard) < time.Minute {
		s.Left = p.left
	}
	return s
}

// before is asked before every attempt: it waits until the call may be made.
func (p *pace) before(req *http.Request) error {
	if req.URL.Path == tokenPath {
		return nil // logins are not among the counted calls
	}
	ctx := req.Context()
	select {
	case <-p.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { p.turn <- struct{}{} }()
	about, _ := ctx.Value(subjectsKey{}).([]subject)
	c := paced{req, about}
	for {
		wait, lacks := p.take(c)
		var err error
		switch {
		case lacks:
			err = p.ensure(ctx, c)
		case wait > 0:
			err = p.sleep(ctx, wait)
		default:
			return ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// paced is a call that is to be made, and the objects that it updates.
type paced struct {
	req   *http.Request
	about []subject
}

// take counts a call that may be made now, or says how long it has to wait, or that it
// lacks a reservation.
func (p *pace) take(c paced) (wait time.Duration, lacks bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	wait, missing := p.waits(c, now)
	if wait > 0 || missing != nil {
		return wait, wait <= 0
	}
	p.budget.spend(p.needs(c, now))
	for _, w := range p.windows(c.req) {
		w.add(now)
	}
	for _, s := range c.about {
		p.objects[s].update(now)
	}
	p.made++
	p.sweep(now)
	return 0, false
}

// waits says how long a call has to wait, and what it lacks if it need not.
func (p *pace) waits(c paced, now time.Time) (wait time.Duration, lacks *Reservation) {
	wait = max(p.blocked[""].Sub(now), p.blocked[placeOf(c.req)].Sub(now))
	for _, w := range p.windows(c.req) {
		wait = max(wait, w.wait(now))
	}
	for _, s := range c.about {
		if p.objects[s] == nil {
			p.objects[s] = &updates{window: window{most: perObject, span: time.Minute}}
		}
		wait = max(wait, p.waitFor(s, now))
	}
	if wait > 0 {
		return wait, nil
	}
	return 0, p.budget.lacks(p.needs(c, now), portion(p.calls.most), now)
}

// windows are the limits that a call counts against, beside those of what it updates.
func (p *pace) windows(req *http.Request) []*window {
	out := []*window{&p.calls}
	if isExport(req) {
		out = append(out, &p.exports)
	}
	if req.Method == http.MethodPut && isUser(req.URL.Path) {
		out = append(out, &p.users)
	}
	return out
}

// sweep forgets objects that were not changed within a minute, now and then.
func (p *pace) sweep(now time.Time) {
	const many = 20_000
	if len(p.objects) < many {
		return
	}
	for s, w := range p.objects {
		if w.idle(now) {
			delete(p.objects, s)
		}
	}
}

func isExport(req *http.Request) bool { return strings.HasPrefix(req.URL.Path, "/api/v2/incremental/") }

// isUser recognises the address of one user, and of nothing below it.
func isUser(path string) bool {
	id, ok := strings.CutPrefix(path, "/api/v2/users/")
	_, err := strconv.ParseInt(id, 10, 64)
	return ok && err == nil
}

// placeOf names what an endpoint's own limit is about.
func placeOf(req *http.Request) string { return req.Method + " " + req.URL.Path }

// window counts what happened within the last span and allows at most so much.
type window struct {
	most int
	span time.Duration
	at   []time.Time // in order; what is older than span is dropped
}

// wait says how long until one more is allowed.
func (w *window) wait(now time.Time) time.Duration {
	w.drop(now)
	if len(w.at) < w.most {
		return 0
	}
	return w.at[len(w.at)-w.most].Add(w.span).Sub(now)
}

// updates are those of one object.
type updates struct {
	window
	unnamed time.Time // the last one that others were not told by name
}

// update counts one; it is told by name unless it is the only one within the span.
func (u *updates) update(now time.Time) {
	if u.idle(now) {
		u.unnamed = now
	}
	u.add(now)
}

func (w *window) add(now time.Time) { w.at = append(w.at, now) }

func (w *window) idle(now time.Time) bool {
	w.drop(now)
	return len(w.at) == 0
}

func (w *window) drop(now time.Time) {
	n := 0
	for n < len(w.at) && !w.at[n].Add(w.span).After(now) {
		n++
	}
	if n > 0 && n*2 >= len(w.at) {
		w.at = append(w.at[:0:0], w.at[n:]...)
	} else {
		w.at = w.at[n:]
	}
}
