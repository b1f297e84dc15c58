package mapping

import (
	"fmt"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
)

// related are the compiled rules of relations.
type related struct {
	contactAt   int // column with the contact's id; -1: the relation's own id
	who         *program
	member      []*field // sorted by name, without the default
	defaultRule *helpdesk.Rule
}

// appendRelations adds the memberships of contacts that belong to other accounts
// and are related to this one, as far as there is room beside its own.
func (w *Worker) appendRelations(res *Result) {
	p := w.m.related
	if p == nil {
		return
	}
	for i := range w.g.Relations {
		r := &w.g.Relations[i]
		w.enter(relationScope, r)
		contact, ok := w.relatedContact(p, r)
		if !ok || w.isMember(res, contact) {
			continue
		}
		if limit := w.m.people.limit; limit > 0 && len(res.Members) >= limit {
			w.over = append(w.over, contact)
			w.withholdPerson(contact)
			w.find("over_cap", contact, fmt.Sprintf("the related contact %s is refused: all %d places are taken", contact, limit))
			continue
		}
		res.Members = append(res.Members, w.membership(contact, w.relatedFields(p, contact)))
	}
}

func (w *Worker) relatedFields(p *related, contact string) helpdesk.Fields {
	fields := make(helpdesk.Fields, 0, len(p.member)+1)
	if p.defaultRule != nil {
		fields = append(fields, helpdesk.Field{Name: helpdesk.Default, Value: helpdesk.BoolOf(false), Rule: p.defaultRule})
	}
	for _, f := range p.member {
		fields = w.appendOf(fields, f, contact)
	}
	return fields
}

// relatedContact returns the contact of a relation, if the rules want it.
func (w *Worker) relatedContact(p *related, r *crm.Record) (string, bool) {
	text := r.ID
	if p.contactAt >= 0 {
		text = r.Values[p.contactAt]
	}
	contact, err := crm.ParseID(text)
	if err != nil {
		w.find("bad_relation", r.ID, fmt.Sprintf("relation %s: %v; it makes no membership", r.ID, err))
		return "", false
	}
	wanted, err := w.truth(p.who)
	if err != nil {
		w.find("rule_failed", r.ID, fmt.Sprintf("relation %s: %v; its membership stays as it is", r.ID, err))
		w.withheld = append(w.withheld, w.membership(contact, nil).Ref.String())
		return "", false
	}
	return contact, wanted
}

// isMember reports whether a contact is a member already, or one of the
// account's own: those have had their chance.
func (w *Worker) isMember(res *Result, contact string) bool {
	own := slices.ContainsFunc(w.g.Contacts, func(r crm.Record) bool { return r.ID == contact })
	key := helpdesk.MemberKey(w.g.Account.ID, contact)
	return own || slices.ContainsFunc(res.Members, func(o helpdesk.Object) bool { return o.Ref.Key == key })
}
