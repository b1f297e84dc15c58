package salesforce

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// send writes a reply, or as much of it as a fault lets through.
func (s *Server) send(w http.ResponseWriter, r *http.Request, a reply, f *Fault) {
	body := a.body
	if f != nil && f.Kind == faultShort {
		body = body[:min(len(body), f.Bytes)]
	}
	h := w.Header()
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	for k, v := range a.header {
		h[k] = []string{v} // as written: Salesforce's names are not canonical everywhere
	}
	// only this exact value is understood (Bulk API guide, Compression)
	if r.Header.Get("Accept-Encoding") == "gzip" && len(body) > 0 {
		body = squeeze(body)
		h.Set("Content-Encoding", "gzip")
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	whole := f == nil || f.Header == ""
	if !whole {
		leaveOut(h, f.Header)
	}
	switch {
	case f != nil && f.Kind == faultReset:
		s.cutOff(w, a.status, body[:min(len(body), f.Bytes)])
		return
	case f != nil && f.Kind == faultCut:
		body = body[:min(len(body), f.Bytes)] // fewer than announced: the connection is closed
	}
	w.WriteHeader(a.status)
	if !whole {
		_ = http.NewResponseController(w).Flush() // before the body is known: its length is not added
	}
	_, _ = w.Write(body) // the client has gone: nobody is left to tell
}

// leaveOut takes a header away, whatever its letter case, and keeps net/http from adding
// it by itself (package http, ResponseWriter: a nil value suppresses an automatic header).
func leaveOut(h http.Header, name string) {
	for key := range h {
		if strings.EqualFold(key, name) {
			delete(h, key)
		}
	}
	h[http.CanonicalHeaderKey(name)] = nil
}

func squeeze(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // to memory
	_ = z.Close()
	return b.Bytes()
}

// cutOff sends the beginning of a reply and closes the connection. Where nothing is to
// come through it is reset; after data that would lose what is still on its way.
func (s *Server) cutOff(w http.ResponseWriter, status int, body []byte) {
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok && len(body) == 0 {
		_ = tcp.SetLinger(0)
		_ = conn.Close()
		return
	}
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	for k, v := range w.Header() {
		if len(v) == 0 {
			continue
		}
		head += k + ": " + v[0] + "\r\n"
	}
	_, _ = buf.WriteString(head + "\r\n")
	_, _ = buf.Write(body)
	_ = buf.Flush()
	_ = conn.Close()
}
