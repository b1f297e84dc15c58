package reconcile_test

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// memory is a CRM in memory. It is complete unless told otherwise.
type memory struct {
	mu         sync.Mutex
	rows       map[crm.Role]map[string]row // by id
	identity   string
	incomplete map[crm.Role]bool
	breaks     map[crm.Role]int  // after so many records, the read fails
	hidden     map[string]bool   // columns the login does not see
	missing    map[crm.Role]bool // roles that are not offered
	tombstones []string
	merges     map[string]string // of the tombstones: the account it was merged into
	rates      []crm.Rate
	noRates    error
	asked      []crm.RateQuery
}

// row is a record by column name.
type row struct {
	account, parent string
	cells           map[string]string
}

func newMemory() *memory {
	m := &memory{
		rows: map[crm.Role]map[string]row{}, identity: "00D1", incomplete: map[crm.Role]bool{}, breaks: map[crm.Role]int{},
		hidden: map[string]bool{}, missing: map[crm.Role]bool{crm.Relation: true}, merges: map[string]string{},
	}
	for _, role := range crm.Roles {
		m.rows[role] = map[string]row{}
	}
	return m
}

// everyColumn is what a login with all permissions sees.
func everyColumn() crm.Schema {
	columns := func(names ...string) (out []crm.Column) {
		for _, n := range names {
			out = append(out, crm.Column{Name: n})
		}
		return out
	}
	return crm.Schema{Account: "00D1", Columns: map[crm.Role][]crm.Column{
		crm.Account: append(columns("Name", "Owner", "Domains", "Status", "Currency"), crm.Column{Name: "Revenue", Type: crm.Money}),
		crm.Contact: columns("Name", "Email", "Title"),
		crm.Subscription: append(columns("Id", "Product", "Status"), crm.Column{Name: "Quantity", Type: crm.Number},
			crm.Column{Name: "Start", Type: crm.Date}, crm.Column{Name: "End", Type: crm.Date}, crm.Column{Name: "ARR", Type: crm.Money}),
		crm.Team: columns("Role", "User.Name"), crm.Relation: columns("ContactId"),
	}}
}

// Describe implements crm.Source.
func (m *memory) Describe(context.Context) (crm.Schema, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := everyColumn()
	s.Account = m.identity
	for role := range s.Columns {
		s.Columns[role] = slices.DeleteFunc(s.Columns[role], func(c crm.Column) bool { return m.hidden[string(role)+"."+c.Name] })
		if m.missing[role] {
			delete(s.Columns, role)
		}
	}
	return s, nil
}

// Deleted implements crm.Tombstones.
func (m *memory) Deleted(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.tombstones), nil
}

// Merged implements crm.Merges.
func (m *memory) Merged(context.Context) ([]crm.Merge, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return crm.Winners(m.merges), nil
}

// merge merges an account into another, as the CRM does: contacts and charges are the
// winner's, and the loser is a tombstone that names it.
func (m *memory) merge(loser, winner string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, role := range []crm.Role{crm.Contact, crm.Subscription} {
		for id, r := range m.rows[role] {
			if r.account == loser {
				r.account = winner
				m.rows[role][id] = r
			}
		}
	}
	m.drop(loser)
	m.tombstones, m.merges[loser] = append(m.tombstones, loser), winner
}

// undelete takes tombstones away.
func (m *memory) undelete() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tombstones = nil
	clear(m.merges)
}

// Rates implements crm.Rates.
func (m *memory) Rates(_ context.Context, q crm.RateQuery) ([]crm.Rate, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, q)
	return slices.Clone(m.rates), m.noRates
}

// Records implements crm.Source.
func (m *memory) Records(_ context.Context, q crm.Query, rep *crm.Report) iter.Seq2[crm.Record, error] {
	return func(yield func(crm.Record, error) bool) {
		list := m.sorted(q)
		m.mu.Lock()
		limit, breaks := m.breaks[q.Role]
		rep.Complete = !m.incomplete[q.Role]
		m.mu.Unlock()
		if !rep.Complete {
			rep.Why = "the last page was not reached; read again"
		}
		for _, r := range list {
			if breaks && rep.Rows == limit {
				yield(crm.Record{}, fault.New("memory.records", fault.Unavailable, errors.New("the connection broke")))
				return
			}
			rep.Rows++
			if !yield(r, nil) {
				return
			}
		}
	}
}

// sorted returns the records of a role in the order a source gives them.
func (m *memory) sorted(q crm.Query) []crm.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []crm.Record
	for _, id := range slices.Sorted(maps.Keys(m.rows[q.Role])) {
		r := m.rows[q.Role][id]
		rec := crm.Record{Role: q.Role, ID: id, Account: r.account, Parent: r.parent, Values: make([]string, len(q.Columns))}
		for i, c := range q.Columns {
			if !m.hidden[string(q.Role)+"."+c] {
				rec.Values[i] = r.cells[c]
			}
		}
		out = append(out, rec)
	}
	slices.SortFunc(out, func(a, b crm.Record) int { return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.ID, b.ID)) })
	return out
}

// account is a customer in short. Charges are "Gold" or "Gold 2026-01-01 2026-12-31",
// separated by commas; contacts "ann ann@acme.example".
type account struct {
	id, name, owner, domains, status, parent string
	charges                                  string
	contacts                                 []string
}

// put makes a customer, or replaces all that is known of it.
func (m *memory) put(a account) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(a.id)
	m.rows[crm.Account][a.id] = row{a.id, a.parent, map[string]string{"Name": a.name, "Owner": a.owner, "Domains": a.domains, "Status": a.status}}
	for _, c := range strings.Split(a.charges, ",") {
		if w := append(strings.Fields(c), "", "", ""); w[0] != "" {
			cells := map[string]string{"Id": a.id + w[0], "Product": w[0], "Quantity": "5", "Start": cmp.Or(w[1], "2026-01-01"), "End": cmp.Or(w[2], "2027-12-31"), "Status": "Active", "ARR": "1000"}
			m.rows[crm.Subscription][a.id+w[0]] = row{a.id, "", cells}
		}
	}
	for _, c := range a.contacts {
		id, mail, _ := strings.Cut(c, " ")
		m.rows[crm.Contact][id] = row{a.id, "", map[string]string{"Name": id, "Email": mail}}
	}
}

// remove takes a customer and all its records away.
func (m *memory) remove(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(id)
}

func (m *memory) drop(id string) {
	for _, rows := range m.rows {
		maps.DeleteFunc(rows, func(_ string, r row) bool { return r.account == id })
	}
}

// empty takes everything away.
func (m *memory) empty() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, rows := range m.rows {
		clear(rows)
	}
}

// move gives a contact to another account.
func (m *memory) move(role crm.Role, id, account string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[role][id]
	r.account = account
	m.rows[role][id] = r
}

// set changes one cell.
func (m *memory) set(role crm.Role, id, column, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	cells := maps.Clone(m.rows[role][id].cells)
	cells[column] = value
	m.rows[role][id] = row{m.rows[role][id].account, m.rows[role][id].parent, cells}
}
