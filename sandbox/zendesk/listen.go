package zendesk

import (
	"context"
	"net/http"
	"time"

	"github.com/desksync/desksync/sandbox/internal/loopback"
)

// Addresses are where the API and the page with the admin API listen; 127.0.0.1:0 takes any
// free port.
type Addresses struct{ API, Admin string }

// DefaultAddresses are those of the command.
func DefaultAddresses() Addresses {
	return Addresses{API: "127.0.0.1:8470", Admin: "127.0.0.1:8471"}
}

// Listening is a Sandbox that listens.
type Listening struct {
	*Sandbox
	URL, AdminURL string

	servers *loopback.Servers
	stop    context.CancelFunc
}

// Start listens on the addresses, which are loopback ones, serves until Close, and sends
// webhooks as things happen.
func Start(ctx context.Context, at Addresses, opt Options) (*Listening, error) {
	servers, err := loopback.Listen(ctx, at.API, at.Admin)
	if err != nil {
		return nil, err
	}
	sending, stop := context.WithCancel(ctx)
	b := &Listening{Sandbox: New(opt), URL: servers.URLs[0], AdminURL: servers.URLs[1], servers: servers, stop: stop}
	servers.Serve(b.Handler(), b.AdminHandler())
	go b.sendAll(sending)
	return b, nil
}

// sendAll sends webhooks whenever there are some.
func (b *Listening) sendAll(ctx context.Context) {
	client := &http.Client{Timeout: 5 * time.Second}
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
			_, _ = b.Deliver(ctx, client) // the context ended: nobody is left to tell
		}
	}
}

// Wait returns when the context ends or a host stops listening.
func (b *Listening) Wait(ctx context.Context) error { return b.servers.Wait(ctx) }

// Close stops listening and cuts what is under way.
func (b *Listening) Close() error {
	b.stop()
	return b.servers.Close()
}
