package main

import (
	"context"
	"errors"
	"iter"
	"os"
	"runtime/debug"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
)

// zendeskDesk is a Zendesk account as a target that is opened and closed.
type zendeskDesk struct{ *zendesk.Target }

// Close implements target: nothing is open between calls.
func (zendeskDesk) Close() error { return nil }

// watchedDesk is an account that is only looked at: there is no flag to forget.
type watchedDesk struct{ zendeskDesk }

// Apply implements helpdesk.Target.
func (watchedDesk) Apply(context.Context, iter.Seq[helpdesk.Change]) iter.Seq2[helpdesk.Outcome, error] {
	return func(yield func(helpdesk.Outcome, error) bool) {
		yield(helpdesk.Outcome{}, fault.New("zendesk.apply", fault.Unsafe, errors.New("this account was opened to look at it only")))
	}
}

// heapMost is what the heap may take before memory is saved at the expense of time, in
// bytes: a first load into an account has thousands of changes in hand, and waits for its
// limits anyhow. As much again is the program itself and the databases' caches.
const heapMost = 60 << 20

// zendeskTarget connects to a Zendesk account when it is first asked.
func zendeskTarget(_ context.Context, w *wiring, t targetSpec) (target, error) {
	opt, err := w.zendeskOptions(t)
	if err != nil {
		return nil, err
	}
	if w.calls != nil {
		w.calls(&opt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapMost)
	}
	z, err := zendesk.New(opt)
	if err != nil {
		return nil, err
	}
	if t.readOnly {
		return watchedDesk{zendeskDesk{z}}, nil
	}
	return zendeskDesk{z}, nil
}

func (w *wiring) zendeskOptions(t targetSpec) (zendesk.Options, error) {
	c := t.cfg
	if c.Auth == nil {
		return zendesk.Options{}, usage("targets.%s.auth is required", t.name)
	}
	address, err := w.secrets.Expand(c.URL)
	if err != nil {
		return zendesk.Options{}, err
	}
	if address == "" {
		address = "https://" + c.Subdomain + ".zendesk.com"
	}
	auth, err := zendeskAuth(c.Auth, w.secrets)
	if err != nil {
		return zendesk.Options{}, err
	}
	return zendesk.Options{
		Name: t.name, BaseURL: address, Auth: auth, Share: float64(c.RateShare), PerMinute: c.RateLimit, Jobs: c.Jobs,
		MultiOrg: c.MultiOrganization, OwnDomains: c.OwnDomains, OnAddress: zendesk.Address(c.OnAddressChange), Audit: c.AuditEvery.AtLeast(),
		Keys: w.keys, Reserve: w.reserve, Log: w.note, Now: w.now,
	}, nil
}

func zendeskAuth(a *config.ZendeskAuth, from secret.Source) (zendesk.Auth, error) {
	if a.Type == "api_token" {
		email, err := from.Expand(a.Email)
		return zendesk.Auth{Email: email, Token: func() (secret.Text, error) { return a.Token.Resolve(from) }}, err
	}
	client, err := from.Expand(a.ClientID)
	return zendesk.Auth{ClientID: client, Scopes: a.Scopes, Secret: func() (secret.Text, error) { return a.ClientSecret.Resolve(from) }}, err
}

// note logs what a helpdesk has to say besides its answers.
func (w *wiring) note(ctx context.Context, n zendesk.Note) {
	w.log.Warn().Ctx(ctx).Str("target", w.cfg.To).Str("event", n.Event).Msg(n.Text)
}
