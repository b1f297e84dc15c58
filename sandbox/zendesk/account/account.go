// Package account holds what a Zendesk account holds, and its rules: organizations and
// their fields, users, memberships, tickets, SLA policies, background jobs and merges. It
// knows no HTTP; rules follow the vendor's pages, and where those are silent a setting decides.
//
// Nothing here waits or runs by itself: Advance does what is due by then. Methods are not
// safe for concurrent use; the server in front holds a lock.
package account

import (
	"strings"
	"time"
)

// The first ids of each kind. All are above 2^40, as those of accounts of today are.
const (
	firstOrganization = 7_000_000_000_101
	firstUser         = 8_000_000_000_201
	firstMembership   = 9_000_000_000_301
	firstIdentity     = 9_500_000_000_401
	firstField        = 7_100_000_000_501
	firstOption       = 7_200_000_000_601
	firstPolicy       = 7_300_000_000_701
)

// Options say what an Account begins with.
type Options struct {
	Seed          uint64
	Organizations int // made up, with users, fields, tags and domains
	Fields        bool
	Now           func() time.Time
	Rules         Rules
}

// Rules are what differs from account to account, or what nobody has published.
type Rules struct {
	MultiOrganizations bool    `json:"multi_organizations"`        // users may have 300 organizations, not one
	JoinAll            bool    `json:"join_all_matching"`          // a new user joins all organizations with their domain, not the first by name
	LeaveWithDomain    bool    `json:"leave_with_domain"`          // who came by a domain goes with it
	DomainsTouch       bool    `json:"domains_move_updated_at"`    // a change of domains moves updated_at
	RaceSeconds        float64 `json:"name_race_seconds"`          // names this young are not yet seen by other creates
	RejectOptions      bool    `json:"reject_unknown_options"`     // a dropdown value nobody defined is refused, not dropped
	IndexLag           float64 `json:"index_lag_seconds"`          // how late autocomplete and search see a write
	QueueSeconds       float64 `json:"job_queue_seconds"`          // before a job begins
	CreateSeconds      float64 `json:"job_create_seconds"`         // per item
	UpdateSeconds      float64 `json:"job_update_seconds"`         // per item
	DeleteSeconds      float64 `json:"job_delete_seconds"`         // per item
	MergeSeconds       float64 `json:"merge_seconds"`              // from new to complete
	MaxJobs            int     `json:"max_jobs"`                   // queued and running at once
	MaxNameLength      int     `json:"max_name_length"`            // of an organization, in characters
	MaxMemberships     int     `json:"max_memberships"`            // of a user, where there may be several
	MergeRefusesEdits  bool    `json:"merge_refuses_loser_writes"` // while a merge is under way
}

// DefaultRules are those of a small account in 2026: 100 creates take 3 s, 100 updates 6 s,
// 30 deletes 2 s (reference §7, recordings).
func DefaultRules() Rules {
	return Rules{
		LeaveWithDomain: true, DomainsTouch: true, RejectOptions: true, IndexLag: 120,
		QueueSeconds: 0.5, CreateSeconds: 0.025, UpdateSeconds: 0.055, DeleteSeconds: 0.05, MergeSeconds: 3,
		MaxJobs: 30, MaxNameLength: 255, MaxMemberships: 300, MergeRefusesEdits: true,
	}
}

// Account is one account with all it holds.
type Account struct {
	Rules Rules
	now   func() time.Time
	at    time.Time // of what is being done
	begun time.Time

	orgs        table[Organization]
	orgNames    lookup[Organization]
	orgExternal lookup[Organization]
	orgDomains  map[string][]*Organization
	orgFeed     feed
	orgLive     int
	byName      []*Organization // nil: to be sorted anew

	fields []*Field

	users        table[User]
	userEmails   lookup[User]
	userExternal lookup[User]
	userDomains  map[string][]*User // nil until somebody asks
	userFeed     feed
	identities   int64
	memberships  table[Membership]
	memberLive   int

	tickets  table[Ticket]
	policies []*Policy

	jobs    map[string]*Job
	jobList []*Job
	merges  []*Merge
	tasks   []task

	listening bool
	events    []Event
	number    int64 // of options, policies, jobs, merges and events
}

// New builds an account.
func New(opt Options) *Account {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	users := 2 + opt.Organizations*12/5
	a := &Account{
		Rules: opt.Rules, now: opt.Now, jobs: map[string]*Job{}, orgDomains: map[string][]*Organization{},
		orgNames:     newLookup(opt.Organizations, func(o *Organization, name string) bool { return fold(o.Name) == name }),
		orgExternal:  newLookup(opt.Organizations, func(o *Organization, id string) bool { return strings.ToLower(o.ExternalID) == id }),
		userEmails:   newLookup(users, (*User).has),
		userExternal: newLookup(users, func(u *User, id string) bool { return strings.ToLower(u.ExternalID) == id }),
	}
	a.orgs.first, a.users.first, a.memberships.first, a.tickets.first = firstOrganization, firstUser, firstMembership, 1
	a.identities = firstIdentity
	a.at = a.now().UTC()
	a.begun = a.at
	a.seed(opt)
	return a
}

// At is the time up to which everything was done.
func (a *Account) At() time.Time { return a.at }

// Listen says whether events are kept for deliveries.
func (a *Account) Listen(on bool) { a.listening = on }

func (a *Account) second() int64 { return a.at.Unix() }

func (a *Account) next() int64 {
	a.number++
	return a.number
}

// Counts are how many of each kind there are.
type Counts struct {
	Organizations int `json:"organizations"`
	Users         int `json:"users"`
	Memberships   int `json:"memberships"`
	Tickets       int `json:"tickets"`
	Fields        int `json:"organization_fields"`
	Policies      int `json:"sla_policies"`
	Jobs          int `json:"jobs"`
	JobsInFlight  int `json:"jobs_in_flight"`
}

// Counts counts what there is.
func (a *Account) Counts() Counts {
	return Counts{
		Organizations: a.orgLive, Users: len(a.users.rows), Memberships: a.memberLive, Tickets: len(a.tickets.rows), Fields: len(a.fields),
		Policies: len(a.policies), Jobs: len(a.jobList), JobsInFlight: len(a.InFlight()),
	}
}
