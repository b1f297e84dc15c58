package salesforce

import (
	"bytes"
	"context"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/pack"
)

// settle finds the last row of each record, and sorts by (account, id).
func (n *news) settle(ctx context.Context) error {
	var id, value []byte
	for row, err := range n.byID.Sorted(ctx) {
		if err != nil {
			return err
		}
		if id != nil && !bytes.Equal(row.Key, id) {
			if err := n.keep(id, value); err != nil {
				return err
			}
		}
		id, value = append(id[:0], row.Key...), append(value[:0], row.Value...)
	}
	if id == nil {
		return nil
	}
	return n.keep(id, value)
}

// keep sorts what became of a record. Records without an account stand first.
func (n *news) keep(id, value []byte) error {
	p := pack.Read(value)
	how, account := fate(p.Uint()), p.String() //nolint:gosec // as packed
	if how == unusable || p.Err() != nil {
		return p.Err()
	}
	var key [2 * idLen]byte
	copy(key[idLen:], id)
	if copy(key[:], account); n.plan.role == crm.Account {
		copy(key[:], id)
	}
	return n.byKey.Add(key[:], value)
}

// each yields the changes in order. It reports whether it came to the end; yield returns
// false to stop.
func (n *news) each(ctx context.Context, yield func(crm.Change) bool) (whole bool, err error) {
	c := crm.Change{Record: crm.Record{Role: n.plan.role}}
	list := make([]string, 0, len(n.plan.out))
	for row, err := range n.byKey.Sorted(ctx) {
		if err != nil {
			return false, err
		}
		c.ID, c.Values = string(row.Key[idLen:]), list
		p := pack.Read(row.Value)
		if n.decode(p, &c); p.Err() != nil {
			return false, p.Err()
		}
		n.rep.Rows++
		if !yield(c) {
			return false, nil
		}
	}
	return true, nil
}

func (n *news) decode(p *pack.Reader, c *crm.Change) {
	c.Gone, c.Account, c.Into, c.Made = fate(p.Uint()), p.String(), p.String(), false //nolint:gosec // as packed
	if n.plan.role == crm.Account {
		c.Account = c.ID
	}
	if c.Gone != crm.Here {
		c.Parent, c.Values = "", nil
		return
	}
	c.Made = p.Uint() == 1
	n.read(p, &c.Record)
}
