package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Addresses are where the three hosts listen; 127.0.0.1:0 takes any free port.
type Addresses struct{ Login, Instance, Admin string }

// Sandbox is a Server that listens.
type Sandbox struct {
	*Server
	LoginURL, InstanceURL, AdminURL string

	servers []*http.Server
	failed  chan error
}

// Start listens on the addresses, which are loopback ones, and serves until Close.
func Start(ctx context.Context, at Addresses, opt Options) (*Sandbox, error) {
	var listeners []net.Listener
	for _, a := range []string{at.Login, at.Instance, at.Admin} {
		l, err := listen(ctx, a)
		if err != nil {
			for _, open := range listeners {
				_ = open.Close() // the other failure is told
			}
			return nil, err
		}
		listeners = append(listeners, l)
	}
	url := func(i int) string { return "http://" + listeners[i].Addr().String() }
	b := &Sandbox{Server: New(url(0), url(1), opt), LoginURL: url(0), InstanceURL: url(1), AdminURL: url(2), failed: make(chan error, len(listeners))}
	for i, h := range []http.Handler{b.LoginHost(), b.InstanceHost(), b.AdminHost()} {
		server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
		b.servers = append(b.servers, server)
		go func() { b.failed <- server.Serve(listeners[i]) }()
	}
	return b, nil
}

// listen refuses addresses that other machines can reach: the sandbox has no secrets.
func listen(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s is not a loopback address: the sandbox listens on this machine only", address)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// Wait returns when the context ends or a host stops listening.
func (b *Sandbox) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-b.failed:
		return err
	}
}

// Close stops listening and cuts what is under way.
func (b *Sandbox) Close() error {
	var errs []error
	for _, s := range b.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
