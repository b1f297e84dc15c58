package mapping

import (
	"github.com/desksync/desksync/crm"
)

// scope says whose values a slot holds, and so when they have to be read anew.
type scope uint8

const (
	accountScope  scope = iota // the columns of a record…
	parentScope                // …
	rootScope                  // …
	contactScope               // …
	relationScope              // …
	chargeScope                // …: only as an element of subscriptions
	elementScope               // a contact as an element of contacts
	teamScope                  // a member of the account's team as an element of team
	groupScope                 // what is computed once per account: plan, sla, override, lists, today
	scopes
)

// listed reports whether records of a scope stand only in a list.
func (s scope) listed() bool { return s == chargeScope || s == elementScope || s == teamScope }

var scopeNames = [scopes]string{"account", "parent", "root", "contact", "relation", "subscriptions", "contacts", "team", ""}

var scopeRoles = [scopes]crm.Role{
	crm.Account, crm.Account, crm.Account, crm.Contact, crm.Relation, crm.Subscription, crm.Contact, crm.Team, "",
}

// slot is one value that rules read: a column of the record in scope, or
// something computed for the account.
type slot struct {
	id     int
	key    string // as rules write it, such as account.Name; the name in the environment
	scope  scope
	name   string // column name
	column int    // place in the record's Values
	typ    crm.Type
	loose  bool                // a column that the schema does not know: text, of any type to the checker
	read   func(w *Worker) any // groupScope only
}

// reads is what a compiled rule depends on.
type reads struct {
	slots    []*slot
	plan     bool    // plan or sla
	seats    bool    // sla.seats
	parent   bool    // parent or root
	today    bool    // today, other than through the functions below
	dated    bool    // before, after, daysUntil, or today: the clock may change the result
	contacts bool    // the list
	charges  bool    // the list
	money    bool    // the function
	elements []*slot // columns of elements of lists
}
