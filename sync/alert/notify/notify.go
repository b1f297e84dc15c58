// Package notify sends alerts to Slack, Teams, e-mail, PagerDuty and webhooks. What is
// told when is decided in sync/alert; here a message only takes the form of its channel.
// Addresses of channels are secrets, and stand in no error.
package notify

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/alert"
)

// Channel is what the configuration says of a channel; what its type does not need is
// left empty.
type Channel struct {
	Type     string      // slack, teams, email, pagerduty, webhook
	URL      secret.Text // slack, teams, webhook: where to send
	Secret   secret.Text // webhook: signs; pagerduty: the integration key
	Host     string      // email: the server; pagerduty: the host of the account's region
	Port     int         // email: default 587
	TLS      string      // email: starttls (default), implicit, none
	User     string      // email
	Password secret.Text // email
	From     string      // email
	To       []string    // email
}

// Options tune notifiers; the zero Options are safe.
type Options struct {
	Now  func() time.Time  // for timestamps of signatures; nil: the system's
	Base http.RoundTripper // for what goes over our own client and to PagerDuty; nil: the network
}

// Apart reports whether a type of channel wants each condition in a message of its own:
// PagerDuty makes and resolves one incident for each.
func Apart(kind string) bool { return kind == "pagerduty" }

// New returns the notifier of a channel. It asks nobody.
func New(c Channel, opt Options) (alert.Notifier, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	switch c.Type {
	case "slack":
		return newSlack(c, opt)
	case "teams":
		return newTeams(c, opt)
	case "email":
		return newMail(c)
	case "pagerduty":
		return newPager(c, opt)
	case "webhook":
		return newWebhook(c, opt)
	default:
		return nil, invalid("there is no type of channel %q", c.Type)
	}
}

// client sends once: the outbox knows when to try again.
func client(service string, opt Options) *httpx.Client {
	return httpx.New(httpx.Options{Service: service, Header: 15 * time.Second, Idle: 10 * time.Second, Tries: 1, Now: opt.Now, Base: opt.Base})
}

func invalid(format string, args ...any) error {
	return fault.New("notify.new", fault.Invalid, fmt.Errorf(format, args...))
}

// failed is the error of a channel, with nothing secret in it, neither in its text nor
// behind it.
func failed(kind fault.Kind, err error, secrets ...secret.Text) error {
	out := fault.New("notify.send", kind, errors.New(redact(err.Error(), secrets...)))
	if e, ok := errors.AsType[*fault.Error](err); ok {
		out.RetryAfter = e.RetryAfter
		out.Kind = cmp.Or(kind, e.Kind)
		out.Err = errors.New(redact(fault.Plain(err), secrets...))
	}
	return out
}
