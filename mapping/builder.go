package mapping

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/day"
)

const (
	planName  = "plan.name"
	workerKey = "\x00worker"
)

// recordNames are the names of records in rules.
var recordNames = map[string]bool{
	"account": true, "parent": true, "root": true, "contact": true, "relation": true,
	"plan": true, "sla": true, "override": true,
}

// computedSlot is something computed once per account.
type computedSlot struct {
	plan  bool // what charges and the catalogue give
	today bool
	read  func(w *Worker) any
}

var computedSlots = map[string]computedSlot{
	planName:       {plan: true, read: func(w *Worker) any { return textOrNil(w.sla.Plan) }},
	"plan.expired": {plan: true, read: func(w *Worker) any { return w.sla.Expired }},
	"plan.rank":    {plan: true, read: func(w *Worker) any { return rankOrNil(w.sla.Rank) }},
	"plan.sla":     {plan: true, read: func(w *Worker) any { return textOrNil(w.planSLA()) }},

	"sla.tags":       {plan: true, read: func(w *Worker) any { return w.sla.Tags }},
	"sla.policy":     {plan: true, read: func(w *Worker) any { return textOrNil(w.sla.Policy) }},
	"sla.products":   {plan: true, read: func(w *Worker) any { return w.sla.Products }},
	"sla.plans":      {plan: true, read: func(w *Worker) any { return w.sla.Plans }},
	"sla.seats":      {plan: true, read: func(w *Worker) any { return w.seatsOrNil() }},
	"sla.expiration": {plan: true, read: func(w *Worker) any { return dateOrNil(w.sla.Expiration) }},
	"sla.hold":       {plan: true, read: func(w *Worker) any { return w.onHold() }},

	"override.active": {read: func(w *Worker) any { return w.sla.Override != nil }},
	"override.plan":   {read: func(w *Worker) any { return textOrNil(w.override().Value) }},
	"override.reason": {read: func(w *Worker) any { return textOrNil(w.override().Reason) }},
	"override.author": {read: func(w *Worker) any { return textOrNil(w.override().Author) }},
	"override.source": {read: func(w *Worker) any { return textOrNil(w.override().Source) }},
	"override.from":   {read: func(w *Worker) any { return dateOrNil(w.override().From) }},
	"override.until":  {read: func(w *Worker) any { return dateOrNil(w.override().Until) }},

	"today":         {today: true, read: func(w *Worker) any { w.boundary(w.today + 1); return w.today.Time() }},
	"parent":        {read: func(w *Worker) any { return w.parentOrNil() }},
	"contacts":      {read: func(w *Worker) any { return w.contacts() }},
	"subscriptions": {read: func(w *Worker) any { return w.charges() }},
	"team":          {read: func(w *Worker) any { return w.listOf(teamScope, w.g.Team) }},
	workerKey:       {read: func(w *Worker) any { return w }},
}

// slot returns the slot of a column, made on first sight.
func (b *builder) slot(s scope, c column) *slot {
	key := scopeNames[s] + "." + c.Name
	if found, ok := b.slots[key]; ok {
		return found
	}
	return b.add(&slot{key: key, scope: s, name: c.Name, typ: c.Type, loose: c.loose})
}

func (b *builder) computed(key string, c computedSlot) *slot {
	if found, ok := b.slots[key]; ok {
		return found
	}
	return b.add(&slot{key: key, scope: groupScope, name: key, read: c.read})
}

func (b *builder) add(s *slot) *slot {
	s.id = len(b.list)
	b.list = append(b.list, s)
	b.slots[s.key] = s
	return s
}

// fieldsOf lists what a computed record such as sla holds.
func fieldsOf(record string) []string {
	var out []string
	for key := range computedSlots {
		if name, ok := strings.CutPrefix(key, record+"."); ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func textOrNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func dateOrNil(d day.Day) any {
	if d == 0 {
		return nil
	}
	return d.Time()
}

func rankOrNil(n int) any {
	if n == 0 {
		return nil
	}
	return n
}
