// Package loopback lets sandboxes listen on this machine, and on this machine only.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Servers are the hosts of one sandbox, listening.
type Servers struct {
	URLs    []string // one for each address, in their order
	running []*http.Server
	open    []net.Listener
	failed  chan error
}

// Listen takes the addresses, which are loopback ones; an empty one is any free port. None
// is served before Serve.
func Listen(ctx context.Context, addresses ...string) (*Servers, error) {
	s := &Servers{failed: make(chan error, len(addresses))}
	for _, a := range addresses {
		l, err := listen(ctx, a)
		if err != nil {
			for _, open := range s.open {
				_ = open.Close() // the other failure is told
			}
			return nil, err
		}
		s.open = append(s.open, l)
		s.URLs = append(s.URLs, "http://"+l.Addr().String())
	}
	return s, nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !Local(host) {
		return nil, fmt.Errorf("%s is not a loopback address: the sandbox listens on this machine only", address)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// Local says whether a host is this machine.
func Local(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Serve answers at the addresses with the handlers, in their order, until Close.
func (s *Servers) Serve(handlers ...http.Handler) {
	for i, h := range handlers {
		server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
		s.running = append(s.running, server)
		go func() { s.failed <- server.Serve(s.open[i]) }()
	}
}

// Wait returns when the context ends or a host stops listening.
func (s *Servers) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// Close stops listening and cuts what is under way.
func (s *Servers) Close() error {
	var errs []error
	for _, r := range s.running {
		errs = append(errs, r.Close())
	}
	return errors.Join(errs...)
}

// Only refuses a Host that is not a loopback address, as a page of another site may name
// after it made its own name point here.
func Only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !Local(host) {
			http.Error(w, "this page is for this machine only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
