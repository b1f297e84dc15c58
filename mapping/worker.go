package mapping

import (
	"fmt"

	"github.com/expr-lang/expr/vm"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sla"
)

// memoryBudget bounds what one evaluation may build, in elements.
const memoryBudget = 100_000

// Worker maps accounts, one at a time; it owns the buffers that make it cheap.
type Worker struct {
	m   *Mapper
	vm  vm.VM
	env map[string]any

	g       *Group
	today   day.Day
	next    day.Day
	records [scopes]*crm.Record
	age     [scopes]uint32 // changes with the record in scope
	filled  []uint32       // by slot: the age at which it was filled

	sla      sla.Result
	chargeOf []sla.Charge
	fields   []sla.Override // of this account, those that act today on a field
	texts    []string       // the elements of the family at hand
	names    map[nameKey]string
	people   []person
	over     []string
	mailless []string // contacts that are wanted and have no address
	broken   []brokenColumn
	near     map[string]string // suggestions for products
	worth    map[string]worth  // currencies met so far, on the day at hand
	found    []Finding
	withheld []string
	doubt    bool // a charge cannot be read: what depends on the plan has no opinion
	noSeats  bool // a quantity cannot be read: what depends on the seats has no opinion
}

// NewWorker returns a worker, for one goroutine.
func (m *Mapper) NewWorker() *Worker {
	w := &Worker{m: m, env: make(map[string]any, len(m.slots)), filled: make([]uint32, len(m.slots)), names: map[nameKey]string{}, near: map[string]string{}, worth: map[string]worth{}}
	w.vm.MemoryBudget = memoryBudget
	return w
}

// begin puts an account in scope.
func (w *Worker) begin(g *Group, on day.Day) error {
	if err := w.m.fits(g); err != nil {
		return err
	}
	if w.today != on {
		clear(w.worth)
	}
	w.g, w.today, w.next = g, on, 0
	w.found, w.withheld, w.doubt, w.noSeats, w.broken = nil, nil, false, false, nil
	w.enter(accountScope, &g.Account)
	w.enter(parentScope, g.Parent)
	w.enter(rootScope, g.Root)
	if g.Root == nil {
		w.enter(rootScope, &g.Account)
	}
	w.enter(groupScope, nil)
	w.entitle()
	return nil
}

func (w *Worker) enter(s scope, r *crm.Record) {
	w.records[s] = r
	w.age[s]++
	if w.age[s] == 0 { // came round: nothing may look as if it were fresh
		clear(w.filled)
		w.age[s] = 1
	}
}

// fits reports records whose values are not those that the rules read.
func (m *Mapper) fits(g *Group) error {
	for _, r := range [...]*crm.Record{&g.Account, g.Parent, g.Root} {
		if r != nil && len(r.Values) != len(m.columns[crm.Account]) {
			return m.misfit(crm.Account, r)
		}
	}
	if err := m.fitAll(crm.Contact, g.Contacts); err != nil {
		return err
	}
	if err := m.fitAll(crm.Subscription, g.Subscriptions); err != nil {
		return err
	}
	if err := m.fitAll(crm.Relation, g.Relations); err != nil {
		return err
	}
	return m.fitAll(crm.Team, g.Team)
}

func (m *Mapper) fitAll(role crm.Role, records []crm.Record) error {
	columns, read := m.columns[role]
	for i := range records {
		if read && len(records[i].Values) != len(columns) {
			return m.misfit(role, &records[i])
		}
	}
	return nil
}

func (m *Mapper) misfit(role crm.Role, r *crm.Record) error {
	return fmt.Errorf("mapping: the %s %s has %d values, the rules read %d columns; read the source again", role, r.ID, len(r.Values), len(m.columns[role]))
}

// text returns the text of a column of the record in scope; "" without a record.
func (w *Worker) text(s *slot) string {
	r := w.records[s.scope]
	if r == nil {
		return ""
	}
	return r.Values[s.column]
}

// run evaluates a rule. An error is about the rule and the record, in one clause.
func (w *Worker) run(p *program) (any, error) {
	switch p.form {
	case constant:
		return p.value, nil
	case plainColumn:
		return w.valueOf(p.slot, w.records[p.slot.scope])
	case computed:
		return p.slot.read(w), nil
	case truthful:
		return p.yes(w)
	case textual:
		if s, ok, err := p.text(w); ok || err != nil {
			return s, err
		}
		return nil, nil
	default:
		return w.compute(p)
	}
}

func (w *Worker) compute(p *program) (any, error) {
	for _, s := range p.slots {
		if err := w.fill(s); err != nil {
			return nil, err
		}
	}
	if err := w.elements(p); err != nil {
		return nil, err
	}
	v, err := w.vm.Run(p.code, w.env)
	if err != nil {
		return nil, w.blame(p, err)
	}
	return v, nil
}

func (w *Worker) fill(s *slot) error {
	if w.filled[s.id] == w.age[s.scope] {
		return nil
	}
	v, err := w.read(s)
	if err != nil {
		return err
	}
	w.env[s.key] = v
	w.filled[s.id] = w.age[s.scope]
	return nil
}

func (w *Worker) read(s *slot) (any, error) {
	if s.scope == groupScope {
		return s.read(w), nil
	}
	return w.valueOf(s, w.records[s.scope])
}

// blame says which column was empty where the rule needed a value; failing that,
// what the machine said.
func (w *Worker) blame(p *program, err error) error {
	var empty []*slot
	for _, s := range p.slots {
		if s.key != workerKey && w.env[s.key] == nil {
			empty = append(empty, s)
		}
	}
	switch len(empty) {
	case 0:
		return fmt.Errorf("the rule fails: %s", sentence(err))
	case 1:
		return fmt.Errorf("%s is empty; write (%s ?? %s), or what shall stand for nothing", empty[0].key, empty[0].key, empty[0].standIn())
	}
	keys := make([]string, len(empty))
	for i, s := range empty {
		keys[i] = s.key
	}
	return fmt.Errorf("%s are empty; write what shall stand for nothing, such as (%s ?? %s)", join(keys), keys[0], empty[0].standIn())
}

// standIn is what people mostly mean by nothing, as a rule writes it.
func (s *slot) standIn() string {
	switch {
	case s.typ == crm.Multi:
		return "[]"
	case s.typ == crm.Number || s.typ == crm.Money:
		return "0"
	case s.typ == crm.Bool:
		return "false"
	case s.typ == crm.Date:
		return "today"
	}
	return `""`
}
