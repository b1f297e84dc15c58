// Package zendesk keeps the organizations, users and memberships of a Zendesk Support
// account: it logs in, keeps to a share of the account's limits, lists what there is and
// what changed, and writes by background jobs of a hundred. What is to be written is
// decided elsewhere.
//
// What it knows of Zendesk stands in the vendor's API reference (Support API:
// Organizations, Users, Job Statuses, Incremental Exports, Rate limits), named where a
// rule or a limit is used.
package zendesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
)

// Defaults of Options.
const (
	DefaultShare    = 0.5
	DefaultCheck    = 24 * time.Hour
	DefaultAudit    = 7 * 24 * time.Hour
	DefaultLifetime = 24 * time.Hour
)

// Limits of an account ("Rate limits", "Job Statuses", "Organization Memberships").
const (
	accountJobs  = 30  // background jobs queued or running at once
	perJob       = 100 // items of one job
	maxMembers   = 300 // organizations per user, where there may be several
	unknownLimit = 200 // calls per minute until an answer names the account's: the smallest plan's
	maxName      = 255
)

// Address says what becomes of a user's primary address when the CRM has another one.
type Address string

// The policies for addresses.
const (
	Verified Address = "verified" // the new one is added, and becomes the primary one once its owner has verified it
	Always   Address = "always"   // the new one becomes the primary one at once
	HoldMail Address = "hold"     // nothing is written; people decide
)

// Options say which account is kept, as whom, and how much of its limits may be used.
type Options struct {
	Name    string // what the configuration calls this target, for messages; default "zendesk"
	BaseURL string // https://SUBDOMAIN.zendesk.com, or a stand-in on this machine
	Auth    Auth

	Share     float64 // of the account's limits that this target may use; default DefaultShare
	PerMinute int     // the account's calls per minute; 0: as answers say
	Jobs      int     // background jobs at once; 0: Share of 30
	Window    int     // changes that Apply has in hand; 0: enough to keep the jobs busy

	MultiOrg   bool          // users may be in several organizations
	OwnDomains []string      // people with such an address are never written
	OnAddress  Address       // default Verified
	Check      time.Duration // how old what Describe found may be; default DefaultCheck
	Audit      time.Duration // how old the last full listing may be: exports need not show everything that went or changed; default DefaultAudit

	// Keys tells which account or contact the objects with these ids are tied to, as far
	// as whoever keeps the journal knows; an object that is not tied is missing. Without
	// it the target remembers what it has listed and made itself.
	Keys func(ctx context.Context, k helpdesk.Kind, ids []string) (map[string]string, error)

	// Reserve notes calls before they are made: those that ask returns, within
	// ReservedFor, once it was told what other processes reserved within the last minute;
	// none if it returns none. Without it nobody else is thought to call for desksync.
	Reserve func(ctx context.Context, ask func(others []Reserved) Reservation) error

	UserAgent string                                     // default "desksync"
	Log       func(context.Context, Note)                // what is worth a line and stops nothing; default: nobody
	Now       func() time.Time                           // default: the clock
	Sleep     func(context.Context, time.Duration) error // default: sleeps
	Base      http.RoundTripper                          // default: the network
}

// Note is something worth a line in a log.
type Note struct {
	Event string // such as "warned", "throttled", "job refused"
	Text  string
}

// Target is a Zendesk account. It is safe for concurrent use.
type Target struct {
	opt    Options
	base   *url.URL
	http   *httpx.Client
	keeper *httpx.Keeper[session]
	pace   *pace
	slots  *slots
	known  *directory
	feed   *feeds

	mu     sync.Mutex
	seen   *sight      // what the last Describe found
	rules  *rules      // the account's SLA policies; nil: not asked for
	noBulk [lanes]bool // what the account does not take in bulk
}

var (
	_ helpdesk.Target        = (*Target)(nil)
	_ helpdesk.Settler       = (*Target)(nil)
	_ helpdesk.TicketCounter = (*Target)(nil)
	_ helpdesk.Paced         = (*Target)(nil)
	_ helpdesk.Merger        = (*Target)(nil)
	_ helpdesk.PolicyKeeper  = (*Target)(nil)
	_ helpdesk.Expirer       = (*Target)(nil)
)

// New returns a target. Nothing is asked of Zendesk yet.
func New(opt Options) (*Target, error) {
	opt = opt.filled()
	base, err := address(opt.BaseURL)
	if err != nil {
		return nil, invalid("targets.%s.url %w", opt.Name, err)
	}
	if err := opt.check(); err != nil {
		return nil, invalid("targets.%s.%w", opt.Name, err)
	}
	t := &Target{opt: opt, base: base, pace: newPace(opt), slots: newSlots(opt.Jobs), known: newDirectory(), feed: newFeeds()}
	t.http = httpx.New(httpx.Options{
		Service: opt.Name, UserAgent: opt.UserAgent, Now: opt.Now, Sleep: opt.Sleep, Base: opt.Base, MaxWait: longestWait,
		Before: t.pace.before, Observe: t.observe,
	})
	t.keeper = httpx.NewKeeper(t.login, opt.Now)
	t.keeper.Over = func(s *session) bool { return !s.until.IsZero() && !opt.Now().Before(s.until) }
	return t, nil
}

// Pace implements helpdesk.Paced.
func (t *Target) Pace() helpdesk.Pace { return t.pace.status() }

// longestWait is how long a call waits that was told to; the limits are per minute.
const longestWait = 2 * time.Minute

func (o Options) filled() Options {
	o.Name = cmp.Or(o.Name, "zendesk")
	o.Share = cmp.Or(o.Share, DefaultShare)
	o.Jobs = cmp.Or(o.Jobs, max(1, int(o.Share*accountJobs)))
	o.Window = cmp.Or(o.Window, windowOf(o.Jobs))
	o.OnAddress = cmp.Or(o.OnAddress, Verified)
	o.Check = cmp.Or(o.Check, DefaultCheck)
	o.Audit = cmp.Or(o.Audit, DefaultAudit)
	o.Auth = o.Auth.filled()
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = httpx.Sleep
	}
	if o.Log == nil {
		o.Log = func(context.Context, Note) {}
	}
	return o
}

// windowOf is what all jobs work on, and about as much again that waits for a place
// or for what goes first. A user and its membership are two changes and one item.
// At most 12,500 are in hand: more take less time, and more memory (ADR 99).
func windowOf(jobs int) int { return min(8*jobs, 125) * perJob }

func (o Options) check() error {
	switch {
	case o.Share < 0 || o.Share > 1:
		return errors.New("rate_share is a part of the account's limits, above 0% and up to 100%")
	case o.Jobs < 1 || o.Jobs > accountJobs:
		return fmt.Errorf("jobs: an account runs at most %d background jobs at once; write a number from 1 to %d", accountJobs, accountJobs)
	case o.OnAddress != Verified && o.OnAddress != Always && o.OnAddress != HoldMail:
		return fmt.Errorf("on_address_change: %q is not one of verified, always, hold", o.OnAddress)
	}
	return o.Auth.check()
}

// address reads the address of the account: https, or http on this machine.
func address(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Path != "":
		return nil, fmt.Errorf("%q is not the address of an account; write https://SUBDOMAIN.zendesk.com", clip(text))
	case u.Scheme == "http" && loopback(u.Hostname()), u.Scheme == "https":
		return u, nil
	default:
		return nil, fmt.Errorf("%q is not safe: the login would be readable on its way; write https://", clip(text))
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Expires implements helpdesk.Expirer.
func (t *Target) Expires() []string {
	if !t.opt.Auth.legacy() {
		return nil
	}
	return []string{"the login is by an API token; Zendesk switches off tokens that rest for 30 days, and all of them on " + TokensEnd.String() + ": " + InsteadOfToken}
}

func invalid(format string, args ...any) error {
	return fault.New("zendesk.new", fault.Invalid, fmt.Errorf(format, args...))
}
