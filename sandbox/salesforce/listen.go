package salesforce

import (
	"context"

	"github.com/desksync/desksync/sandbox/internal/loopback"
)

// Addresses are where the three hosts listen; 127.0.0.1:0 takes any free port.
type Addresses struct{ Login, Instance, Admin string }

// Sandbox is a Server that listens.
type Sandbox struct {
	*Server
	LoginURL, InstanceURL, AdminURL string

	servers *loopback.Servers
}

// Start listens on the addresses, which are loopback ones, and serves until Close.
func Start(ctx context.Context, at Addresses, opt Options) (*Sandbox, error) {
	servers, err := loopback.Listen(ctx, at.Login, at.Instance, at.Admin)
	if err != nil {
		return nil, err
	}
	login, instance := servers.URLs[0], servers.URLs[1]
	b := &Sandbox{Server: New(login, instance, opt), LoginURL: login, InstanceURL: instance, AdminURL: servers.URLs[2], servers: servers}
	servers.Serve(b.LoginHost(), b.InstanceHost(), b.AdminHost())
	return b, nil
}

// Wait returns when the context ends or a host stops listening.
func (b *Sandbox) Wait(ctx context.Context) error { return b.servers.Wait(ctx) }

// Close stops listening and cuts what is under way.
func (b *Sandbox) Close() error { return b.servers.Close() }
