// Package crm is the vocabulary of sources: records of accounts, contacts,
// subscriptions, relations and account teams, and the Source that reads them. How a particular
// CRM is read stands in the packages below this one.
package crm

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/desksync/desksync/internal/day"
)

// Role is what a record is to desksync, whatever the CRM calls its object.
type Role string

// The roles, in the order in which they are read.
const (
	Account      Role = "account"
	Contact      Role = "contact"
	Subscription Role = "subscription" // one charge: product, quantity, start, end, status
	Relation     Role = "relation"     // a contact's further account
	Team         Role = "team member"  // one of our own people, and what they are to the account
)

// Roles lists all roles in reading order.
var Roles = []Role{Account, Contact, Subscription, Relation, Team}

// Type is the type of a column.
type Type uint8

// The types. Whatever the type, a Record carries values as canonical text:
// numbers without exponent, days as YYYY-MM-DD, true and false, several choices
// separated by ";", and nothing for null.
const (
	Text Type = iota
	Number
	Money // a number in the record's currency
	Bool
	Date
	Multi // several choices
)

// Column is one column of an object.
type Column struct {
	Name string // as the CRM spells it, with parent paths such as Owner.Name
	Type Type
}

// Schema says what the login can see.
type Schema struct {
	Account string            // identity of the CRM organization; empty where there is none
	Columns map[Role][]Column // visible columns by role; a missing role is not offered
	Reveal  string            // what makes the login see a column that it does not: "give the user …"; empty where none is hidden
	Places  map[Role]string   // where columns stand, for messages: the file; a missing one has no name
}

// Column finds a column by its exact name.
func (s Schema) Column(role Role, name string) (Column, bool) {
	for _, c := range s.Columns[role] {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Query asks for one object.
type Query struct {
	Role    Role
	Columns []string   // which columns; the record's Values stand in this order
	Tell    func(Plan) // told how a full read goes about it, before it is begun; nil: nobody is
}

// Plan is how an object is about to be read, and what that costs.
type Plan struct {
	Way   string // the API, such as REST or Bulk
	Rows  int    // counted before; -1 if that cannot be told
	Calls int    // at least, beside what counting cost
	Why   string // why not another way, where Rows does not say it: "REST took too long"
}

// Record is one row of the CRM.
type Record struct {
	Role    Role
	ID      string   // 18 characters; of a charge whose own id cannot be read, "row-" and what stands for it
	Account string   // the account it belongs to; for an account its own id
	Parent  string   // accounts: the parent account, if any
	Values  []string // by Query.Columns; valid until the next record is asked for
}

// Bad is a record that was skipped, and why: one clear sentence with file and line.
type Bad struct {
	Where string // "crm/accounts.csv:118"
	What  string
	Fix   string
}

// Report is what a read says of itself once it has ended.
type Report struct {
	Rows     int    // records yielded
	Way      string // by which of several APIs; empty where there is one way only
	Skipped  []Bad  // at most MaxBad of them; and charges that were taken, with a value that cannot be read
	BadRows  int    // records skipped
	Noted    []Bad  // read all the same, but worth a look; at most MaxBad of them
	Complete bool   // proved: all there was to read was read
	Why      string // not complete: why, and what to do
	Cut      bool   // not complete because it ends before its end: what it says of an account may be half
	Next     string // where a delta read goes on from here; empty where the source has none
	Exported day.Day
}

// Alone notes records that belong to no account, such as Salesforce's private contacts:
// all of a read in one note. where is the file or object, or the first of them.
func Alone(where string, role Role, n int) Bad {
	what := Count(n) + " " + string(role) + "s belong to no account and were left out"
	if n == 1 {
		what = "1 " + string(role) + " belongs to no account and was left out"
	}
	return Bad{Where: where, What: what, Fix: "nothing, if that is meant"}
}

// MaxBad bounds how many skipped records a Report names.
const MaxBad = 100

// Usage is what calls of a source cost.
type Usage struct {
	Calls int // made by this source since it was built
	Used  int // by everybody, in the last 24 hours, as last heard
	Max   int // that may be made in 24 hours; 0 if not heard
}

// Metered is a Source whose calls are counted and limited.
type Metered interface {
	Usage() Usage

	// Recall adds calls that another process made at a time, as far as they still count,
	// and how many may be made in 24 hours, as it heard last; 0 if it did not.
	Recall(at time.Time, calls, most int)

	// Meter has every further call noted before it is made, with how many may be made in
	// 24 hours as last heard. One that cannot be noted is not made.
	Meter(note func(ctx context.Context, most int) error)
}

// Sighted is a Source that goes on from what the login saw before, which Describe then
// tells: a poll of what changed costs less than to ask what can be seen.
type Sighted interface {
	// Look is Describe of what the login sees now, for a full read.
	Look(ctx context.Context) (Schema, error)

	// Sight packs what was seen, for Recognize of another process with the same
	// configuration; empty where that is to ask by itself, because nothing was seen or
	// an answer shows that it changed.
	Sight() string

	// Recognize goes on from a Sight, if it may. It is said before the first call.
	Recognize(sight string)
}

// Tombstones is a Source that knows which accounts the CRM deleted or merged away.
// That is proof by itself, whatever a read shows.
type Tombstones interface {
	// Deleted returns the ids of such accounts, also long forgotten ones.
	Deleted(ctx context.Context) ([]string, error)
}

// Rate says what one unit of a currency is worth in another one.
type Rate struct {
	Currency string  `json:"currency"`
	Value    float64 `json:"value"`
	Origin   string  `json:"origin"` // who says so, in one clause: "CurrencyType: 1 USD is 0.92 EUR"
}

// RateQuery asks what currencies are worth.
type RateQuery struct {
	Base  string  // in this currency
	Day   day.Day // on this day
	Dated bool    // by the rates of days; else by those of every day
}

// Rates is a Source that knows what currencies are worth.
type Rates interface {
	// Rates returns each currency once, in order of its code, Base left out. A rate that
	// is not known is not there; a Base that is not known is an error.
	Rates(ctx context.Context, q RateQuery) ([]Rate, error)
}

// Source reads a CRM.
type Source interface {
	// Describe says what can be read.
	Describe(ctx context.Context) (Schema, error)

	// Records yields all records of one role, in ascending byte order of
	// (Account, ID), each pair once, and fills in rep before it ends. A read that
	// ends without an error and without rep.Complete may have missed records: nothing
	// may be taken for lost. After an error is yielded, nothing more is.
	Records(ctx context.Context, q Query, rep *Report) iter.Seq2[Record, error]
}

// Gone says that a record is not there any more.
type Gone uint8

// What became of a record.
const (
	Here    Gone = iota
	Deleted      // in the CRM; for an account also: merged into another one
	Left         // there, and no longer among those that are read: the condition does not hold, or it belongs to no account
)

// Change is what a delta read shows of a record. Of one that is gone, Values are
// missing, and so is Account where the source does not say where it was.
type Change struct {
	Record
	Gone Gone
	Into string // accounts: merged into this one
	Made bool   // made since: it stood under no other account before
}

// Delta asks for what changed of one role.
type Delta struct {
	Query
	Since string // Next of an earlier Report on the same query
}

// ErrReadFull is a delta that cannot be told: too long ago, or another query. The
// error that wraps it says why.
var ErrReadFull = errors.New("read in full")

// Deltas is a Source that can tell what changed since an earlier read. It never shows
// all that may have changed: derived fields, names of parents, what was purged. A full
// read from time to time does.
type Deltas interface {
	// Changes yields what changed of each role, in the order of deltas; nothing is
	// yielded before all of it was read. Of one record only its latest state comes. It
	// may show records that did not change. reps has a Report for each delta, filled
	// in before the end; Complete says that all changes since then were shown.
	Changes(ctx context.Context, deltas []Delta, reps []Report) iter.Seq2[Change, error]
}
