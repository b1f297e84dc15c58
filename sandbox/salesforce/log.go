package salesforce

import (
	"slices"
	"time"
)

// keptRequests is how many calls the log remembers.
const keptRequests = 2000

// Request is one call in the log. It never holds a token.
type Request struct {
	Number int       `json:"number"`
	At     time.Time `json:"at"`
	Host   string    `json:"host"` // login or instance
	Method string    `json:"method"`
	Path   string    `json:"path"`
	SOQL   string    `json:"soql,omitempty"`
	Status int       `json:"status"`
	In     int       `json:"bytes_in"`
	Out    int       `json:"bytes_out"` // before compression
	Fault  string    `json:"fault,omitempty"`
	Client string    `json:"client,omitempty"` // what Sforce-Call-Options names
}

func (s *Server) note(q *request, a reply, f *Fault) {
	r := Request{
		Number: s.next(), At: s.world.Now(), Host: q.host, Method: q.method, Path: q.path, SOQL: q.query.Get("q"),
		Status: a.status, In: len(q.body), Out: len(a.body), Client: q.header.Get("Sforce-Call-Options"),
	}
	if f != nil {
		r.Fault = f.Kind
	}
	s.log = append(s.log, r)
	if len(s.log) > keptRequests {
		s.log = slices.Clone(s.log[len(s.log)-keptRequests:])
	}
}

// Requests are the calls so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}
