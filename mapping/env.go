package mapping

import (
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/types"

	"github.com/desksync/desksync/crm"
)

// marker is the key under which a record's type carries what it is, so that the
// checker's own type inference says of any expression whose column it reads. No
// rule can name it.
const marker = "\x00"

var (
	dateType = types.TypeOf(time.Time{})
	textList = types.Array(types.String)
)

// audience says which records stand alone in a rule.
type audience uint8

const (
	forAccount audience = iota
	forContact
	forRelation
)

// environment types the names that rules may use.
type environment struct {
	columns map[crm.Role][]column
	typed   [3]types.Map
	reveal  string // crm.Schema.Reveal
}

type column struct {
	crm.Column
	loose bool
}

func newEnvironment(columns map[crm.Role][]column) *environment {
	e := &environment{columns: columns}
	for a := range e.typed {
		e.typed[a] = e.names(audience(a)) //nolint:gosec // three of them
	}
	return e
}

// names builds the type of the environment. A role that the source does not offer
// is not there: a rule that names it is told so.
func (e *environment) names(a audience) types.Map {
	m := types.Map{
		"account": e.record(accountScope), "parent": e.record(parentScope), "root": e.record(rootScope),
		"plan": planType(), "sla": slaType(), "override": overrideType(), "today": dateType,
	}
	if e.offers(crm.Contact) {
		m["contacts"] = types.Array(e.record(elementScope))
	}
	if e.offers(crm.Subscription) {
		m["subscriptions"] = types.Array(e.record(chargeScope))
	}
	if e.offers(crm.Team) {
		m["team"] = types.Array(e.record(teamScope))
	}
	switch a {
	case forContact:
		m["contact"] = e.record(contactScope)
	case forRelation:
		if e.offers(crm.Relation) {
			m["relation"] = e.record(relationScope)
		}
	case forAccount:
	}
	return m
}

func (e *environment) offers(role crm.Role) bool { return e.columns[role] != nil }

// record is the type of one record: every column by its name, and those with a
// path also by their parts, so that account.Owner.Name and account["Owner.Name"]
// are the same.
func (e *environment) record(s scope) types.Map {
	m := types.Map{mark(s, ""): types.Any}
	for _, c := range e.columns[scopeRoles[s]] {
		m[c.Name] = c.exprType()
	}
	for _, c := range e.columns[scopeRoles[s]] {
		if strings.Contains(c.Name, ".") {
			nest(m, s, "", c.Name, c.exprType())
		}
	}
	return m
}

func nest(m types.Map, s scope, prefix, rest string, t types.Type) {
	head, tail, more := strings.Cut(rest, ".")
	if !more {
		m[rest] = t
		return
	}
	inner, ok := m[head].(types.Map)
	if !ok {
		if _, taken := m[head]; taken {
			return // a column of that name: the path reads only in brackets
		}
		inner = types.Map{mark(s, prefix+head+"."): types.Any}
		m[head] = inner
	}
	nest(inner, s, prefix+head+".", tail, t)
}

func mark(s scope, prefix string) string { return marker + string(rune('0'+s)) + prefix }

// unmark reads a marker key.
func unmark(key string) (s scope, prefix string, ok bool) {
	if !strings.HasPrefix(key, marker) {
		return 0, "", false
	}
	return scope(key[1] - '0'), key[2:], true
}

func (c column) exprType() types.Type {
	if c.loose {
		return types.Any
	}
	switch c.Type {
	case crm.Number, crm.Money:
		return types.Float64
	case crm.Bool:
		return types.Bool
	case crm.Date:
		return dateType
	case crm.Multi:
		return textList
	default:
		return types.String
	}
}

func planType() types.Map {
	return types.Map{"name": types.String, "expired": types.Bool, "rank": types.Int, "sla": types.String}
}

func slaType() types.Map {
	return types.Map{
		"tags": textList, "policy": types.String, "products": textList, "plans": textList,
		"seats": types.Float64, "expiration": dateType, "hold": types.Bool,
	}
}

func overrideType() types.Map {
	return types.Map{
		"active": types.Bool, "plan": types.String, "reason": types.String, "author": types.String,
		"source": types.String, "from": dateType, "until": dateType,
	}
}

// columnNames returns the columns of a role, for suggestions.
func (e *environment) columnNames(role crm.Role) []string {
	names := make([]string, 0, len(e.columns[role]))
	for _, c := range e.columns[role] {
		names = append(names, c.Name)
	}
	return names
}

func (e *environment) column(role crm.Role, name string) (column, bool) {
	i := slices.IndexFunc(e.columns[role], func(c column) bool { return c.Name == name })
	if i < 0 {
		return column{}, false
	}
	return e.columns[role][i], true
}
