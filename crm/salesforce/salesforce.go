// Package salesforce reads accounts, contacts, subscriptions, relations and account
// teams from a Salesforce organization: it logs in, asks what the login can see, writes the SOQL,
// reads by REST or by Bulk 2.0, sorts on disk, and proves that a read was complete.
// It reads in full, or what changed since an earlier read, and never writes. What the
// records mean is left to the mapping.
//
// What it knows of Salesforce stands in the vendor's guides, named where a rule or a
// limit is used: REST API, Bulk API 2.0, SOQL and SOSL, Salesforce App Limits.
package salesforce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/extsort"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
)

// Defaults of Options.
const (
	DefaultLogin    = "https://login.salesforce.com"
	DefaultVersion  = "v62.0"
	DefaultShare    = 0.2
	DefaultBulkRows = 10_000
	DefaultOverlap  = 10 * time.Minute
)

// maxOverlap leaves deltas of two weeks a day and a half before the recycle bin is
// emptied.
const maxOverlap = 12 * time.Hour

// Options say which organization is read, as whom, and what of it.
type Options struct {
	Name     string        // what the configuration calls this source, for messages; default "crm"
	LoginURL string        // default DefaultLogin; client credentials need the My Domain
	Auth     Auth          // who logs in
	Version  string        // of the API; default DefaultVersion, and never found out at run time
	Share    float64       // of the organization's daily calls that this source may make; default DefaultShare
	BulkRows int           // from how many rows on Bulk is used; default DefaultBulkRows; below 0: always Bulk
	Overlap  time.Duration // how far deltas look back behind the read before, for what is committed late; default DefaultOverlap, at most 12 h

	Objects map[crm.Role]Object   // what is read for a role; what is left out has its default
	Names   map[crm.Role][]string // columns that rules name: parents on their paths are described too; nil: not known

	Location  *time.Location // whose calendar days times become; default UTC
	Memory    int            // bytes for sorting; default extsort.DefaultMemory
	TempDir   string         // where sorting spills; default the system's
	UserAgent string         // default "desksync"

	Now   func() time.Time                           // default: the clock
	Sleep func(context.Context, time.Duration) error // between polls and attempts; default: sleeps
	Base  http.RoundTripper                          // default: the network
}

// Source is a Salesforce organization. It is safe for concurrent use.
type Source struct {
	opt      Options
	loginURL *url.URL
	http     *httpx.Client
	keeper   *httpx.Keeper[session]
	budget   *budget

	mu   sync.Mutex
	seen *sight  // what the last describe showed
	dead *graves // what Deleted found, until Merged is asked
}

var (
	_ crm.Source  = (*Source)(nil)
	_ crm.Metered = (*Source)(nil)
)

var versionForm = regexp.MustCompile(`^v[0-9]{2,3}\.0$`)

// oldest API version with everything that is used here: Bulk 2.0 queries keep the
// order of columns from v50 on, and query cursors outlive a slow reader from v56 on.
const oldest = "v56.0"

// New returns a source. Nothing is asked of Salesforce yet.
func New(opt Options) (*Source, error) {
	opt = opt.filled()
	login, err := address(opt.LoginURL)
	if err != nil {
		return nil, invalid("sources.%s.login_url %w", opt.Name, err)
	}
	if err := opt.check(login); err != nil {
		return nil, invalid("sources.%s.%w", opt.Name, err)
	}
	s := &Source{opt: opt, loginURL: login, budget: &budget{name: opt.Name, share: opt.Share, now: opt.Now}}
	s.http = httpx.New(httpx.Options{
		Service: opt.Name, UserAgent: opt.UserAgent, Now: opt.Now, Sleep: opt.Sleep, Base: opt.Base,
		Retry: retried, Before: s.before, Observe: s.observe,
	})
	s.keeper = httpx.NewKeeper(s.login, opt.Now)
	return s, nil
}

func (o Options) filled() Options {
	o.Name = cmp.Or(o.Name, "crm")
	o.LoginURL = cmp.Or(o.LoginURL, DefaultLogin)
	o.Auth.Type = cmp.Or(o.Auth.Type, JWT)
	o.Version = cmp.Or(o.Version, DefaultVersion)
	o.Share = cmp.Or(o.Share, DefaultShare)
	o.BulkRows = cmp.Or(o.BulkRows, DefaultBulkRows)
	o.Overlap = cmp.Or(o.Overlap, DefaultOverlap)
	o.Memory = cmp.Or(o.Memory, extsort.DefaultMemory)
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = httpx.Sleep
	}
	o.Objects = objects(o.Objects)
	return o
}

func (o Options) check(login *url.URL) error {
	switch {
	case !versionForm.MatchString(o.Version):
		return fmt.Errorf("api_version: %q is not a version such as %s", o.Version, DefaultVersion)
	case len(o.Version) == len(oldest) && o.Version < oldest:
		return fmt.Errorf("api_version: %s is too old; write %s or later", o.Version, oldest)
	case o.Overlap < 0 || o.Overlap > maxOverlap:
		return fmt.Errorf("overlap: %s is not between 0 and 12 hours", o.Overlap)
	case o.Share <= 0 || o.Share > 1:
		return errors.New("daily_share is a part of the organization's daily calls, above 0% and up to 100%")
	}
	if err := o.Auth.check(login); err != nil {
		return err
	}
	for _, role := range crm.Roles {
		if err := o.Objects[role].check(role); err != nil {
			return fmt.Errorf("objects.%s.%w", sections[role], err)
		}
	}
	return nil
}

// retried are statuses that Salesforce's edge gives when it is busy, often with an
// empty body, beside the usual ones.
func retried(status int) bool { return status == http.StatusNotAcceptable || status == 420 }

// before counts every attempt that costs a call, and stops those beyond the share. It
// notes when the attempt is made.
func (s *Source) before(req *http.Request) error {
	if !isData(req) {
		return nil // a login costs none
	}
	clockOf(req.Context()).send(s.opt.Now())
	return s.budget.take(req.Context())
}

// Usage implements crm.Metered.
func (s *Source) Usage() crm.Usage { return s.budget.usage() }

// Recall implements crm.Metered.
func (s *Source) Recall(at time.Time, calls, most int) { s.budget.recall(at, calls, most) }

// Meter implements crm.Metered. It is to be said before the first call.
func (s *Source) Meter(note func(ctx context.Context, most int) error) { s.budget.note = note }

// Describe says what the login can see of each object, or could within the last day,
// with the columns of parents that rules name. What the configuration needs and the login
// cannot see is an error that names the nearest it can.
func (s *Source) Describe(ctx context.Context) (crm.Schema, error) {
	seen, err := s.look(ctx, usedAgain)
	if err != nil {
		return crm.Schema{}, err
	}
	return seen.schema(), nil
}

// Records counts the rows, reads them by REST or Bulk, sorts them on disk, counts again
// and yields them. Nothing is yielded of a read that did not reach its end.
func (s *Source) Records(ctx context.Context, q crm.Query, rep *crm.Report) iter.Seq2[crm.Record, error] {
	return func(yield func(crm.Record, error) bool) {
		*rep = crm.Report{}
		if err := s.records(ctx, q, rep, yield); err != nil {
			rep.Complete, rep.Why = false, fault.Sentence(err)
			yield(crm.Record{}, wrap(ctx, err))
		}
	}
}

func invalid(format string, args ...any) error {
	return fault.New("salesforce.new", fault.Invalid, fmt.Errorf(format, args...))
}

// wrap gives an error its kind, if it has none.
func wrap(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok || ctx.Err() != nil {
		return err
	}
	return fault.New("salesforce.read", fault.Unavailable, err)
}
