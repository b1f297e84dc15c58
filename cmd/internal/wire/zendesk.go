package wire

import (
	"context"
	"errors"
	"iter"
	"os"
	"runtime/debug"
	"strings"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
)

// ZendeskDesk is a Zendesk account as a target that is opened and closed.
type ZendeskDesk struct{ *zendesk.Target }

// Close implements target: nothing is open between calls.
func (ZendeskDesk) Close() error { return nil }

// watchedDesk is an account that is only looked at: there is no flag to forget.
type watchedDesk struct{ ZendeskDesk }

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
func zendeskTarget(_ context.Context, w *Pipeline, t TargetSpec) (Target, error) {
	opt, err := w.zendeskOptions(t)
	if err != nil {
		return nil, err
	}
	if w.env.Calls != nil {
		w.env.Calls(&opt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapMost)
	}
	z, err := zendesk.New(opt)
	if err != nil {
		return nil, err
	}
	if t.readOnly {
		return watchedDesk{ZendeskDesk{z}}, nil
	}
	return ZendeskDesk{z}, nil
}

func (w *Pipeline) zendeskOptions(t TargetSpec) (zendesk.Options, error) {
	c := t.Config
	if c.Auth == nil {
		return zendesk.Options{}, mistaken("targets.%s.auth is required", t.Name)
	}
	address, err := w.Secrets.Expand(c.URL)
	if err != nil {
		return zendesk.Options{}, err
	}
	if address == "" {
		address = "https://" + c.Subdomain + ".zendesk.com"
	}
	auth, err := zendeskAuth(c.Auth, w.Secrets)
	if err != nil {
		return zendesk.Options{}, err
	}
	return zendesk.Options{
		Name: t.Name, BaseURL: address, Auth: auth, Share: float64(c.RateShare), PerMinute: c.RateLimit, Jobs: c.Jobs,
		MultiOrg: c.MultiOrganization, OwnDomains: c.OwnDomains, OnAddress: zendesk.Address(c.OnAddressChange), Audit: c.AuditEvery.AtLeast(),
		Keys: w.Keys, Reserve: w.Reserve, Log: w.note, Now: w.env.Now,
	}, nil
}

// zendeskOffers is what an account can do that has the fields of the file. What they bring as
// tags, only the account knows.
func zendeskOffers(c *config.Target) helpdesk.Capabilities {
	var custom []helpdesk.Spec
	for _, s := range sqldesk.Offers(sqldesk.Options{Fields: storeFields(c.Fields)}).Specs[helpdesk.Organization] {
		if strings.HasPrefix(s.Name, helpdesk.FieldPrefix) {
			custom = append(custom, s)
		}
	}
	return zendesk.Offers(custom, c.MultiOrganization)
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
func (w *Pipeline) note(ctx context.Context, n zendesk.Note) {
	w.env.Log.Warn().Ctx(ctx).Str("target", w.Config.To).Str("event", n.Event).Msg(n.Text)
}
