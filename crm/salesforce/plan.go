package salesforce

import (
	"context"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// plan is what will be asked for a query, and where in a row its parts stand.
type plan struct {
	role      crm.Role
	statement statement
	resource  string // "query", or "queryAll" with what was deleted
	id        int    // positions in statement.columns
	account   int
	parent    int // -1: none
	out       []int
	types     []crm.Type // of out

	organization string // that will be asked
	stamps       stamps
}

// plan resolves the columns of a query before anything is read, with a describe of no
// greater age. It returns nil for a role that is not offered.
func (s *Source) plan(ctx context.Context, q crm.Query, oldest time.Duration) (*plan, error) {
	seen, err := s.look(ctx, oldest)
	if err != nil {
		return nil, err
	}
	v := seen.views[q.Role]
	if v == nil {
		return nil, nil //nolint:nilnil // not offered
	}
	p, err := v.plan(q)
	if err != nil {
		return nil, fault.New("salesforce.read", fault.Invalid, err)
	}
	p.organization, p.stamps = seen.organization, v.stamps
	return p, nil
}

// plan writes the statement: the columns that are asked for, the ids, and nothing else.
func (v *view) plan(q crm.Query) (*plan, error) {
	p := &plan{role: q.Role, resource: "query", parent: -1}
	var list selection
	p.id = list.add("Id")
	p.account = list.add(v.object.Account)
	if v.object.Parent != "" {
		p.parent = list.add(v.object.Parent)
	}
	for _, name := range q.Columns {
		c, ok := v.column(name)
		if !ok {
			return nil, &unknownColumn{v.unseen(name)}
		}
		p.out = append(p.out, list.add(c.Name))
		p.types = append(p.types, c.Type)
	}
	p.statement = write(v.object.Name, list, v.object.Where)
	if v.object.SOQL != "" {
		p.adopt(v.object.own)
	}
	if len(p.statement.text) > maxStatement {
		return nil, &unknownColumn{"the statement for " + v.object.Name + " has " + crm.Count(len(p.statement.text)) + " characters and Salesforce takes " + crm.Count(maxStatement) + ": let rules name fewer columns, or shorten where"}
	}
	return p, nil
}

// unknownColumn is a query that cannot be asked.
type unknownColumn struct{ text string }

func (e *unknownColumn) Error() string { return e.text }

// adopt puts the user's own statement in place of ours. Its columns are a superset.
func (p *plan) adopt(st statement) {
	place := func(i int) int {
		if i < 0 {
			return -1
		}
		return indexFold(st.columns, p.statement.columns[i])
	}
	p.id, p.account, p.parent = place(p.id), place(p.account), place(p.parent)
	for i := range p.out {
		p.out[i] = place(p.out[i])
	}
	p.statement = st
}

// selection is a SELECT list without repetition.
type selection []string

func (l *selection) add(name string) int {
	if at := indexFold(*l, name); at >= 0 {
		return at
	}
	*l = append(*l, name)
	return len(*l) - 1
}
