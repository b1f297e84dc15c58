// Package org is the data of a Salesforce organization that exists only in memory: objects
// with described fields, records, stamps, the recycle bin, merges, and the answers to
// queries over them. Seeded records are computed when they are looked at, so that an
// organization of any size is there at once; only what was changed is kept.
//
// It speaks no HTTP. A World serves one goroutine at a time.
package org

import (
	"strings"
	"time"
)

// Options say what a World is made of; the zero Options give a small one.
type Options struct {
	Seed     uint64
	Accounts int // and contacts, subscriptions and the rest in proportion
	Now      func() time.Time
	Off      []Feature // what this organization lacks
}

// Feature is what some organizations have and others do not.
type Feature string

// The features that objects or fields depend on.
const (
	MultiCurrency    Feature = "multi-currency"
	PersonAccounts   Feature = "person-accounts"
	AccountRelations Feature = "contacts-to-multiple-accounts"
	AccountTeams     Feature = "account-teams"
	Zuora            Feature = "zuora"
)

// Features lists all of them.
func Features() []Feature {
	return []Feature{MultiCurrency, PersonAccounts, AccountRelations, AccountTeams, Zuora}
}

// World is an organization.
type World struct {
	Clock    *Clock
	Settings Settings
	ID       string // of the organization: 00D…

	tables map[string]*table // by object name in lower case
	order  []*table
	seed   *seeder
	open   []*Tx // committed, and not yet seen by readers
	nextTx int
}

// Settings can be changed while the World is in use.
type Settings struct {
	Off        map[Feature]bool
	Hidden     map[string]bool // "Account" or "Account.Name", in lower case: no permission to see it
	LateCommit time.Duration   // how long a change stays unseen after its stamp
	Stalled    time.Time       // where getUpdated stands still; zero: it does not
	BinDays    int             // how long the recycle bin keeps records
	QuietMerge bool            // a merge moves no stamp but the losers': what it does is not documented
}

// New builds a World.
func New(opt Options) *World {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Accounts == 0 {
		opt.Accounts = 50
	}
	w := &World{Clock: &Clock{now: opt.Now}, tables: map[string]*table{}, seed: newSeeder(opt.Seed, opt.Accounts)}
	w.ID = makeID("00D", 1)
	w.Settings = Settings{Off: map[Feature]bool{}, Hidden: map[string]bool{"contact.hasoptedoutofemail": true, "contact.donotcall": true}, BinDays: 15}
	for _, f := range opt.Off {
		w.Settings.Off[f] = true
	}
	for _, o := range objects() {
		w.add(o)
	}
	w.relate()
	return w
}

func (w *World) add(o *Object) {
	t := newTable(o, o.count(w.seed))
	w.tables[strings.ToLower(o.Name)] = t
	w.order = append(w.order, t)
}

// Now is the time of the organization's clock.
func (w *World) Now() time.Time { return w.Clock.Now() }

// Clock is the organization's own; it may run ahead of the real one or behind.
type Clock struct {
	now  func() time.Time
	Skew time.Duration
}

// Now is the real time plus the skew, in UTC.
func (c *Clock) Now() time.Time { return c.now().Add(c.Skew).UTC() }
