package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
)

// person is a contact that the rules want as a member.
type person struct {
	record *crm.Record
	email  string
	folded string // the address as it is compared
	order  any
}

// people are the compiled rules of members.
type people struct {
	who, email, order *program
	user              []*field // sorted by name, without the e-mail
	emailAt           int      // where the e-mail stands among them
	emailRule         *helpdesk.Rule
	member            []*field // sorted by name, without the default
	defaultRule       *helpdesk.Rule
	limit             int
}

// choose fills w.people with the contacts that become members: wanted, with an
// address of their own, in order, and no more than there is room for.
func (w *Worker) choose() {
	w.people, w.over, w.mailless = w.people[:0], nil, w.mailless[:0]
	p := w.m.people
	if p == nil {
		return
	}
	for i := range w.g.Contacts {
		w.enter(contactScope, &w.g.Contacts[i])
		w.consider(p, &w.g.Contacts[i])
	}
	if p.order != nil {
		slices.SortStableFunc(w.people, func(a, b person) int {
			return cmp.Or(compareOrder(a.order, b.order), strings.Compare(a.record.ID, b.record.ID))
		})
	}
	w.dropDuplicates()
	w.limit(p.limit)
	w.unreachable()
}

// unreachable tells of contacts who are wanted and cannot be users.
func (w *Worker) unreachable() {
	if n := len(w.mailless); n > 0 {
		has := "has"
		if n > 1 {
			has = "have"
		}
		w.find("no_email", w.g.Account.ID, fmt.Sprintf("%s %s no e-mail address, without which nobody can be a user: add one in the CRM, or leave such contacts out by members.who", shortList(w.mailless), has))
	}
}

func (w *Worker) consider(p *people, r *crm.Record) {
	wanted, err := w.truth(p.who)
	if err != nil {
		w.withholdContact(r.ID, "rule_failed", err)
		return
	}
	if !wanted {
		return
	}
	email, err := w.email(p)
	if err != nil {
		w.withholdContact(r.ID, "bad_email", err)
		return
	}
	if email == "" {
		w.mailless = append(w.mailless, r.ID)
		return
	}
	x := person{record: r, email: email, folded: strings.ToLower(email)}
	if p.order != nil {
		if x.order, err = w.run(p.order); err != nil {
			w.find("rule_failed", r.ID, fmt.Sprintf("contact %s: %s: %v; it comes last", r.ID, p.order.Path, err))
		}
	}
	w.people = append(w.people, x)
}

func (w *Worker) email(p *people) (string, error) {
	if p.email.form == plainColumn && p.email.slot.typ == crm.Text {
		return cleanEmail(w.text(p.email.slot))
	}
	v, err := w.run(p.email)
	if err != nil || v == nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s is not an e-mail address", show(v))
	}
	return cleanEmail(s)
}

// withholdContact leaves a contact's user and membership as they are.
func (w *Worker) withholdContact(contact, code string, err error) {
	w.find(code, contact, fmt.Sprintf("contact %s: %v; it is left out, and what exists for it stays as it is", contact, err))
	w.withholdPerson(contact)
}

func (w *Worker) withholdPerson(contact string) {
	w.withheld = append(w.withheld,
		helpdesk.Ref{Kind: helpdesk.User, Key: contact}.String(),
		helpdesk.Ref{Kind: helpdesk.Membership, Key: helpdesk.MemberKey(w.g.Account.ID, contact)}.String())
}

// dropDuplicates keeps the first of those with one address.
func (w *Worker) dropDuplicates() {
	kept := w.people[:0]
	for _, x := range w.people {
		if i := slices.IndexFunc(kept, func(k person) bool { return k.folded == x.folded }); i >= 0 {
			w.find("duplicate_email", x.record.ID, fmt.Sprintf("contacts %s and %s have the same e-mail %s; the user is made from the first", kept[i].record.ID, x.record.ID, x.email))
			w.withholdPerson(x.record.ID)
			continue
		}
		kept = append(kept, x)
	}
	w.people = kept
}

// limit refuses those beyond the limit, and says who is in and who is not.
func (w *Worker) limit(places int) {
	if places == 0 || len(w.people) <= places {
		return
	}
	in, out := w.people[:places], w.people[places:]
	w.find("over_cap", w.g.Account.ID, fmt.Sprintf("%d contacts for %d places: refused %s; members are %s", len(w.people), places, roster(out), roster(in)))
	for _, x := range out {
		w.over = append(w.over, x.record.ID)
		w.withholdPerson(x.record.ID)
	}
	w.people = in
}

func roster(list []person) string {
	names := make([]string, len(list))
	for i, x := range list {
		names[i] = x.email + " (" + x.record.ID + ")"
	}
	return join(names)
}

// appendPeople maps the chosen contacts and the relations.
func (w *Worker) appendPeople(res *Result) {
	p := w.m.people
	if p == nil {
		return
	}
	n := len(w.people)
	res.Users = make([]helpdesk.Object, 0, n)
	res.Members = make([]helpdesk.Object, 0, n+len(w.g.Relations))
	room := make(helpdesk.Fields, 0, n*(len(p.user)+1+len(p.member)+1))
	for i := range w.people {
		x := &w.people[i]
		w.enter(contactScope, x.record)
		from := len(room)
		room = w.appendUser(room, p, x)
		res.Users = append(res.Users, helpdesk.Object{
			Ref: helpdesk.Ref{Kind: helpdesk.User, Key: x.record.ID}, Fields: room[from:len(room):len(room)],
		})
		from = len(room)
		room = w.appendMember(room, p.member, p.defaultRule, true)
		res.Members = append(res.Members, w.membership(x.record.ID, room[from:len(room):len(room)]))
	}
	w.appendRelations(res)
	if p.order != nil || len(res.Members) > n {
		slices.SortFunc(res.Users, byKey)
		slices.SortFunc(res.Members, byKey)
	}
}

func (w *Worker) appendUser(room helpdesk.Fields, p *people, x *person) helpdesk.Fields {
	for i, f := range p.user {
		if i == p.emailAt {
			room = append(room, helpdesk.Field{Name: helpdesk.Email, Value: helpdesk.TextOf(x.email), Rule: p.emailRule})
		}
		room = w.appendOf(room, f, x.record.ID)
	}
	if p.emailAt == len(p.user) {
		room = append(room, helpdesk.Field{Name: helpdesk.Email, Value: helpdesk.TextOf(x.email), Rule: p.emailRule})
	}
	return room
}

// appendMember adds the fields of a membership; default sorts before the others.
func (w *Worker) appendMember(room helpdesk.Fields, fields []*field, def *helpdesk.Rule, isDefault bool) helpdesk.Fields {
	if def != nil {
		room = append(room, helpdesk.Field{Name: helpdesk.Default, Value: helpdesk.BoolOf(isDefault), Rule: def})
	}
	for _, f := range fields {
		room = w.appendOf(room, f, w.records[contactScope].ID)
	}
	return room
}

// appendOf adds a field of a person; one whose rule fails has no opinion.
func (w *Worker) appendOf(room helpdesk.Fields, f *field, contact string) helpdesk.Fields {
	v, err := w.value(f)
	if w.doubt && f.rule.Plan {
		return room
	}
	if err != nil {
		w.find("rule_failed", contact, fmt.Sprintf("contact %s: %s: %v; the field stays as it is", contact, f.name, err))
		return room
	}
	return append(room, helpdesk.Field{Name: f.name, Value: v, Rule: f.rule})
}

func (w *Worker) membership(contact string, fields helpdesk.Fields) helpdesk.Object {
	return helpdesk.Object{
		Ref:    helpdesk.Ref{Kind: helpdesk.Membership, Key: helpdesk.MemberKey(w.g.Account.ID, contact)},
		Fields: fields,
	}
}

func byKey(a, b helpdesk.Object) int { return strings.Compare(a.Ref.Key, b.Ref.Key) }

// compareOrder orders what an order rule yields; nothing comes last.
func compareOrder(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(rankOfNil(a), rankOfNil(b))
	}
	switch x := a.(type) {
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y)
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	}
	x, okX := numberOf(a)
	y, okY := numberOf(b)
	if okX && okY {
		return cmp.Compare(x, y)
	}
	return strings.Compare(show(a), show(b))
}

func rankOfNil(v any) int {
	if v == nil {
		return 1
	}
	return 0
}
