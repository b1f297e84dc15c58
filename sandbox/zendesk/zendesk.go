// Package zendesk is a stand-in for the Support API of Zendesk: organizations and their
// fields, users, memberships, background jobs, exports, merges, tickets, SLA policies and
// webhooks. It keeps state, is as strict as the vendor's pages say, limits rates by plan, and fails
// on demand. It shares no code with the client it is there to test, so that one misreading
// cannot hide in both.
//
// The data and their rules stand in account. Here is what goes over the wire.
package zendesk

import (
	"cmp"
	"net/http"
	"sync"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// What every sandbox lets in. They are no secrets: the sandbox listens on loopback
// addresses only.
const (
	ClientID     = "sandbox_client"
	ClientSecret = "sandbox-client-secret" //nolint:gosec // it opens nothing but this stand-in
	APIToken     = "sandbox-api-token"     //nolint:gosec // nor does this
	AdminEmail   = account.Administrator
	AgentEmail   = account.AgentEmail
)

// The plans, by which calls per minute are limited (reference §4).
const (
	Team           = "team"
	Professional   = "professional"
	Enterprise     = "enterprise"
	EnterprisePlus = "enterprise_plus"
)

// Plans are all plans and their calls per minute.
func Plans() map[string]int {
	return map[string]int{Team: 200, Professional: 400, Enterprise: 700, EnterprisePlus: 2500}
}

// Options say what a Sandbox stands for. The zero Options are an Enterprise account without
// organizations.
type Options struct {
	Plan               string // Enterprise where it is empty
	PerMinute          int    // calls of the account; 0: what the plan has
	Organizations      int    // made up, with users, fields, tags and domains
	Seed               uint64
	NoFields           bool // there are no organization fields to begin with
	MultiOrganizations bool
	BulkUserImport     bool
	NoSLA              bool     // SLA policies are refused, as on plans without them
	TokensDisabled     bool     // API tokens are refused, as from 2027-04-30 on
	Strict             bool     // what the reference does not describe is refused plainly
	Scopes             []string // the most a token may get; none is all
	Now                func() time.Time
	After              func(time.Duration) <-chan time.Time // waits, for slow answers
	Kept               int                                  // requests the log remembers; 0: 5000
}

// Settings are what can be changed while it runs: the account's rules and what follows.
type Settings struct {
	account.Rules
	Plan            string  `json:"plan"`
	PerMinute       int     `json:"per_minute"`
	HighVolume      bool    `json:"high_volume"` // 30 exports a minute, not 10
	BulkUserImport  bool    `json:"bulk_user_import"`
	SLA             bool    `json:"sla"`
	TokensDisabled  bool    `json:"tokens_disabled"`
	Strict          bool    `json:"strict"`
	URLsWithJSON    bool    `json:"urls_with_json"`                 // url ends in .json, as in recordings
	OldHeaders      bool    `json:"old_rate_headers"`               // rate-limit- instead of ratelimit-
	Tombstones      bool    `json:"tombstones"`                     // exports carry what was deleted
	WholeSeconds    bool    `json:"export_pages_whole_seconds"`     // a page may exceed its size rather than cut a second in two
	EmptyKeepsTime  bool    `json:"empty_export_keeps_time"`        // end_time of an empty page is start_time, not null
	HoldBack        float64 `json:"export_hold_back_seconds"`       // how young a change exports leave out
	EchoExpiry      bool    `json:"token_reply_has_expiry"`         // expires_in is in the answer with the token
	UpsertCounts    bool    `json:"upsert_counts_per_organization"` // create_or_update is one of the five updates a minute
	MembershipScope bool    `json:"wide_scopes"`                    // organizations:write covers memberships and fields too
}

func (o Options) settings() Settings {
	s := Settings{
		Rules: account.DefaultRules(), Plan: cmp.Or(o.Plan, Enterprise), BulkUserImport: o.BulkUserImport, SLA: !o.NoSLA, TokensDisabled: o.TokensDisabled,
		Strict: o.Strict, URLsWithJSON: true, Tombstones: true, HoldBack: 60,
	}
	s.MultiOrganizations = o.MultiOrganizations && s.Plan != Team
	s.SLA = s.SLA && s.Plan != Team
	s.PerMinute = cmp.Or(o.PerMinute, Plans()[s.Plan], 700)
	return s
}

// Sandbox is one account behind its API. It is safe for concurrent use.
type Sandbox struct {
	opt Options

	mu       sync.Mutex // all below
	account  *account.Account
	settings Settings
	tokens   map[string]*token
	limits   limits
	faults   []*Fault
	log      log
	hooks    []*Webhook
	outbox   []delivery
	wake     chan struct{} // something is in the outbox
	number   int           // of the next token, fault or request
}

// New builds a Sandbox that listens nowhere and does nothing by itself: Handler and
// RoundTrip serve it in process, on whatever clock Options.Now is.
func New(opt Options) *Sandbox {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.After == nil {
		opt.After = time.After
	}
	opt.Kept = cmp.Or(opt.Kept, 5000)
	s := &Sandbox{opt: opt, wake: make(chan struct{}, 1)}
	s.reset()
	return s
}

// reset makes everything as it was in the beginning.
func (s *Sandbox) reset() {
	s.settings = s.opt.settings()
	s.account = account.New(account.Options{
		Seed: s.opt.Seed, Organizations: s.opt.Organizations, Fields: !s.opt.NoFields, Now: s.opt.Now, Rules: s.settings.Rules,
	})
	s.account.Listen(len(s.hooks) > 0)
	s.tokens, s.limits, s.faults = map[string]*token{}, limits{}, nil
	s.log, s.outbox = newLog(s.opt.Kept), nil
}

func (s *Sandbox) next() int {
	s.number++
	return s.number
}

func (s *Sandbox) apply(next Settings) {
	s.settings = next
	s.account.Rules = next.Rules
}

// Set changes settings while the sandbox serves.
func (s *Sandbox) Set(change func(*Settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.settings
	change(&next)
	s.apply(next)
}

// Look lets a test look into the account, and change it, as of now.
func (s *Sandbox) Look(look func(*account.Account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.Advance()
	look(s.account)
	s.post()
}

// Handler answers for https://{subdomain}.zendesk.com.
func (s *Sandbox) Handler() http.Handler { return http.HandlerFunc(s.serve) }
