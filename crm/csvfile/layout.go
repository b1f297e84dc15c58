package csvfile

import (
	"strings"

	"github.com/desksync/desksync/crm"
)

// source says what a requested column is filled from.
type source uint8

const (
	fromCell    source = iota
	fromID             // the id column: always the 18-character form
	fromAccount        // the account column, likewise
	fromParent         // the parent column, likewise
	fromContact        // the contact column of relations, likewise
)

// column is one requested column.
type column struct {
	name string
	at   int
	typ  crm.Type
	from source
}

// layout says where in a file's rows the ids and the requested columns stand.
type layout struct {
	keyPositions
	columns []column
}

func (s *Source) layout(q crm.Query, h header) (layout, error) {
	keys, err := s.keys(q.Role, h)
	if err != nil {
		return layout{}, err
	}
	l := layout{keyPositions: keys}
	for _, name := range q.Columns {
		i, err := h.column(name)
		if err != nil {
			return l, err
		}
		c := column{name: name, at: i, typ: s.typeOf(q.Role, name), from: keys.source(i)}
		l.columns = append(l.columns, c)
	}
	return l, nil
}

func (k keyPositions) source(i int) source {
	switch i {
	case k.id:
		return fromID
	case k.account:
		return fromAccount
	case k.parent:
		return fromParent
	case k.contact:
		return fromContact
	default:
		return fromCell
	}
}

// isCanonical reports whether a value of type t is surely spelled canonically
// already: the common case, for which nothing is allocated.
func isCanonical(t crm.Type, v []byte) bool {
	switch {
	case t == crm.Text, len(v) == 0:
		return true
	case t == crm.Bool:
		return string(v) == "true" || string(v) == "false"
	case t == crm.Date:
		return isDay(v)
	case t == crm.Number, t == crm.Money:
		return isWhole(v)
	default:
		return !strings.ContainsAny(string(v), "; \t")
	}
}

func isWhole(v []byte) bool {
	if v[0] == '0' {
		return len(v) == 1
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// isDay accepts YYYY-MM-DD of the years 1000 to 2999 up to the 28th: every such
// day exists.
func isDay(v []byte) bool {
	if len(v) != 10 || v[4] != '-' || v[7] != '-' || v[0] != '1' && v[0] != '2' {
		return false
	}
	for _, i := range [...]int{1, 2, 3, 5, 6, 8, 9} {
		if v[i] < '0' || v[i] > '9' {
			return false
		}
	}
	month, day := int(v[5]-'0')*10+int(v[6]-'0'), int(v[8]-'0')*10+int(v[9]-'0')
	return month >= 1 && month <= 12 && day >= 1 && day <= 28
}
