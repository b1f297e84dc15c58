package zendesk

import (
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody is how large a request may be.
const maxBody = 8 << 20

// prefix is where the API stands.
const prefix = "/api/v2/"

// serve reads the request, answers under the lock, and writes without it.
func (s *Sandbox) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	c := newCall(r, body)
	a := s.answer(c)
	if !s.linger(r, c.fault) {
		return
	}
	if c.fault.cuts() {
		s.cut(w)
		return
	}
	a.send(w)
}

// linger waits as long as a fault says; false where the client went meanwhile.
func (s *Sandbox) linger(r *http.Request, f *Fault) bool {
	if f == nil || f.Seconds <= 0 {
		return true
	}
	select {
	case <-s.opt.After(time.Duration(f.Seconds * float64(time.Second))):
		return true
	case <-r.Context().Done():
		return false
	}
}

func (a reply) send(w http.ResponseWriter) {
	h := w.Header()
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	for _, kv := range a.header {
		h.Set(kv[0], kv[1])
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client has gone: nobody is left to tell
}

// answer makes the reply and notes the call.
func (s *Sandbox) answer(c *call) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.Advance()
	c.fault = s.strike(c)
	a := s.reply(c)
	s.note(c, a)
	s.post()
	return a
}

func (s *Sandbox) reply(c *call) reply {
	if a, early := s.faulty(c); early {
		return a
	}
	if c.path == "/oauth/tokens" {
		return s.finish(c, s.oauth(c))
	}
	if !strings.HasPrefix(c.path, prefix) {
		return s.finish(c, noEndpoint())
	}
	a := s.api(c)
	return s.finish(c, a)
}

// api goes through the gates in the vendor's order: the account's limit, who it is, what
// there is, what they may, and the limits of the endpoint.
func (s *Sandbox) api(c *call) reply {
	c.route = find(c) // first of all for the log, which counts refused calls too
	if a, over := s.accountLimit(c); over {
		return a
	}
	a, in := s.authenticate(c)
	if !in {
		return a
	}
	if c.route == nil {
		return noEndpoint()
	}
	if c.who == nil && !c.route.anonymous {
		return unauthorized()
	}
	for _, gate := range []func(*call) (reply, bool){s.checkQuery, s.checkScope, s.checkRole, s.checkStrict, s.endpointLimits} {
		if a, stop := gate(c); stop {
			return a
		}
	}
	return c.route.do(s, c)
}

// finish adds the headers that every answer has (recordings).
func (s *Sandbox) finish(c *call, a reply) reply {
	a = a.with("X-Request-Id", fmt.Sprintf("%08x-sandbox", s.number+1)).with("X-Zendesk-Api-Version", "v2")
	for _, l := range c.limits {
		a = l.headers(a, s.settings.OldHeaders)
	}
	if len(c.dropped) > 0 {
		a = a.with("X-Zendesk-Api-Warn", `unpermitted_keys: ["`+strings.Join(c.dropped, `", "`)+`"]`)
	}
	if a.status < 300 && len(a.body) > 0 {
		h := fnv.New64a()
		_, _ = h.Write(a.body) // to memory
		a = a.with("Etag", fmt.Sprintf(`W/"%016x"`, h.Sum64()))
	}
	return a
}
