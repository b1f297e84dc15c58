// Package salesforce is a stand-in for the APIs of Salesforce: OAuth, REST queries,
// describe, composite, Bulk 2.0 query jobs, replication and records. It keeps state, is as
// strict as the vendor's pages say, and fails on demand. It shares no code with the client
// it is there to test, so that one misreading cannot hide in both.
//
// The data stand in org, the query language in soql.
package salesforce

import (
	"net/http"
	"sync"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// The connected app every sandbox has. They are no secrets: the sandbox listens on
// loopback addresses only.
const (
	ConsumerKey    = "3MVG9sandboxConsumerKey"
	ConsumerSecret = "sandbox-consumer-secret" //nolint:gosec // it opens nothing but this stand-in
)

// Options say what a Server stands for; the zero Options are safe.
type Options struct {
	Seed     uint64
	Accounts int
	Off      []org.Feature // what the organization lacks
	Test     bool          // it is a sandbox organization: the audience is test.salesforce.com
	Now      func() time.Time
	After    func(time.Duration) <-chan time.Time // waits, for slow answers
}

// Server is one organization behind its APIs. It is safe for concurrent use.
type Server struct {
	opt      Options
	login    string // URLs of the two hosts
	instance string
	key      keyPair

	mu       sync.Mutex // all below
	world    *org.World
	settings Settings
	app      app
	sessions map[string]*session
	refresh  map[string]string // refresh token to user id
	calls    counter
	jobsMade counter
	cursors  map[string]*cursor
	jobs     []*job
	faults   []*Fault
	log      []Request
	number   int // of the next cursor, job, fault or request
}

// New builds a Server that answers for the two hosts with these URLs.
func New(login, instance string, opt Options) *Server {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.After == nil {
		opt.After = time.After
	}
	s := &Server{opt: opt, login: login, instance: instance}
	s.reset()
	return s
}

// reset makes everything as it was in the beginning.
func (s *Server) reset() {
	s.world = org.New(org.Options{Seed: s.opt.Seed, Accounts: s.opt.Accounts, Now: s.opt.Now, Off: s.opt.Off})
	s.settings = defaults()
	for _, f := range s.opt.Off {
		s.settings.Off = append(s.settings.Off, string(f))
	}
	s.app = newApp()
	s.sessions, s.refresh, s.cursors = map[string]*session{}, map[string]string{}, map[string]*cursor{}
	s.calls, s.jobsMade = counter{}, counter{}
	s.jobs, s.faults, s.log = nil, nil, nil
}

// next numbers cursors, jobs, faults and requests.
func (s *Server) next() int {
	s.number++
	return s.number
}

// LoginHost answers for login.salesforce.com.
func (s *Server) LoginHost() http.Handler { return s.host("login") }

// InstanceHost answers for the organization's own domain.
func (s *Server) InstanceHost() http.Handler { return s.host("instance") }

// Settings are the knobs that are no faults.
type Settings struct {
	SessionSeconds int      `json:"session_seconds"`
	RotateRefresh  bool     `json:"rotate_refresh_tokens"`
	APILimit       int      `json:"api_limit"`
	BulkLimit      int      `json:"bulk_job_limit"`
	PageSizes      []int    `json:"page_sizes"`   // of successive pages of a cursor, instead of full ones
	BulkQueued     int      `json:"bulk_queued"`  // polls that find a job UploadComplete
	BulkRunning    int      `json:"bulk_running"` // polls that find it InProgress
	BulkPage       int      `json:"bulk_page"`    // rows of a page where the client names no number
	PagesAsInTable bool     `json:"result_pages_as_in_table"`
	EmptyBody      bool     `json:"bulk_empty_body"` // a job without rows has no header row either
	ClockSkew      float64  `json:"clock_skew_seconds"`
	LateCommit     float64  `json:"late_commit_seconds"`
	Stalled        string   `json:"replication_stalled_at"` // RFC 3339
	BinDays        int      `json:"bin_days"`
	QuietMerge     bool     `json:"quiet_merge"` // a merge moves no stamp but the losers'
	Hidden         []string `json:"hidden"`      // objects and fields without permission: "Account.Industry"
	Off            []string `json:"off"`         // features the organization lacks
}

func defaults() Settings {
	return Settings{
		SessionSeconds: 7200, APILimit: 100_000, BulkLimit: 10_000, BulkQueued: 1, BulkRunning: 1, BulkPage: 10_000, BinDays: 15,
		Hidden: []string{"Contact.HasOptedOutOfEmail", "Contact.DoNotCall"},
	}
}
