package salesforce

import (
	"io"
	"net/http"
	"strconv"
)

// maxBody is how large a request may be.
const maxBody = 8 << 20

// maxURI is how long address and headers may be together (Salesforce Help, 000386264).
const maxURI = 16_384

// host answers on one of the two hosts: reads the request, lets a fault have its way,
// answers under the lock, and writes without it.
func (s *Server) host(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
			return
		}
		q := &request{host: name, method: r.Method, path: r.URL.Path, query: r.URL.Query(), header: r.Header, body: body}
		a, f := s.answer(q, r)
		if f != nil && f.wait() > 0 {
			select {
			case <-s.opt.After(f.wait()):
			case <-r.Context().Done():
				return
			}
		}
		s.send(w, r, a, f)
	})
}

// answer makes the reply and notes the call.
func (s *Server) answer(q *request, r *http.Request) (reply, *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, f := reply{}, s.strike(q)
	switch {
	case len(r.RequestURI) > maxURI:
		a = reply{status: http.StatusRequestURITooLong, kind: "text/html", body: []byte("<html><body><h1>414 URI Too Long</h1></body></html>")}
	case len(r.RequestURI)+headerSize(r.Header) > maxURI:
		a = reply{status: http.StatusRequestHeaderFieldsTooLarge, kind: "text/html", body: []byte("<html><body><h1>431</h1></body></html>")}
	default:
		a = s.route(q, f)
	}
	now := s.world.Now()
	a = a.with("Date", now.Format(http.TimeFormat))
	if q.host == "instance" && underData(q.path) {
		a = a.with("Sforce-Limit-Info", "api-usage="+strconv.Itoa(s.calls.used(now))+"/"+strconv.Itoa(s.settings.APILimit))
	}
	s.note(q, a, f)
	return a, f
}

func headerSize(h http.Header) int {
	n := 0
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(v) + 4
		}
	}
	return n
}

// route goes to the part that serves a path.
func (s *Server) route(q *request, f *Fault) reply {
	if f != nil {
		if a, ok := s.faulty(q, f); ok {
			return a
		}
	}
	switch {
	case q.path == "/services/oauth2/token":
		return s.token(q)
	case q.path == "/services/oauth2/revoke":
		return s.revoke(q)
	case q.path == "/services/oauth2/userinfo", len(q.path) > 4 && q.path[:4] == "/id/":
		return s.identity(q)
	case q.host == "login":
		return notFound()
	case q.path == "/services/data" || q.path == "/services/data/":
		return s.versions(q)
	}
	return s.data(q)
}
