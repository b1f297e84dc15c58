package zendesk

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
)

// RoundTrip serves a request in process, without a connection: a Sandbox can be the
// Transport of an http.Client. A connection that a fault cuts is io.ErrUnexpectedEOF.
func (s *Sandbox) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		_ = r.Body.Close() // it was read to its end
		if err != nil {
			return nil, err
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	c := newCall(in, body)
	a := s.answer(c)
	if !s.linger(r, c.fault) {
		return nil, r.Context().Err()
	}
	if c.fault.cuts() {
		return nil, io.ErrUnexpectedEOF
	}
	return a.response(r), nil
}

func (a reply) response(r *http.Request) *http.Response {
	h := http.Header{}
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	for _, kv := range a.header {
		h.Set(kv[0], kv[1])
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r,
	}
}

// cut ends the connection without an answer.
func (s *Sandbox) cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "the sandbox cannot cut this connection: "+err.Error(), http.StatusInternalServerError)
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // reset, as a load balancer does
	}
	_ = conn.Close()
}
