package reconcile

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/pack"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/journal"
)

// layout identifies the columns that a staged row holds, in their order. It stands
// in front of every row, so that a row staged under other rules is never read as
// if it were of these.
type layout []byte

func layouts(columns map[crm.Role][]string) map[crm.Role]layout {
	out := map[crm.Role]layout{}
	for role, names := range columns {
		sum := digest([]byte(strings.Join(names, "\x00")))
		out[role] = sum[:4]
	}
	return out
}

func (l layout) pack(values []string) []byte {
	return pack.Strings(slices.Clone([]byte(l)), values)
}

func (l layout) unpack(row *journal.Row) ([]string, error) {
	if len(row.Cols) < len(l) || string(row.Cols[:len(l)]) != string(l) {
		return nil, fmt.Errorf("the staged %s %s was read under other rules", row.Role, row.ID)
	}
	r := pack.Read(row.Cols[len(l):])
	values := r.Strings(nil)
	return values, r.Err()
}

// groupOf turns staged rows into what the rules work on.
func (p *pass) groupOf(g *journal.Group) (mapping.Group, error) {
	var out mapping.Group
	var err error
	if out.Account, err = p.record(g.Account); err != nil {
		return out, err
	}
	for _, list := range []struct {
		rows []journal.Row
		into *[]crm.Record
	}{{g.Contacts, &out.Contacts}, {g.Subscriptions, &out.Subscriptions}, {g.Relations, &out.Relations}, {g.Team, &out.Team}} {
		for i := range list.rows {
			if p.layouts[list.rows[i].Role] == nil {
				break // staged under rules that read this role
			}
			rec, err := p.record(&list.rows[i])
			if err != nil {
				return out, err
			}
			*list.into = append(*list.into, rec)
		}
	}
	out.Overrides = p.overrides[g.ID]
	return out, p.addKin(&out, g.Account)
}

func (p *pass) record(row *journal.Row) (crm.Record, error) {
	values, err := p.layouts[row.Role].unpack(row)
	return crm.Record{Role: row.Role, ID: row.ID, Account: row.Account, Parent: row.Parent, Values: values}, err
}

// basis identifies what an account's objects were made of: 32 hex digits over its
// source rows, and 32 over the rules (first half) and its overrides (second half).
type basis struct{ source, rules string }

func (p *pass) basisOf(g *journal.Group) basis {
	var b []byte
	for _, rows := range [][]journal.Row{g.Contacts, g.Subscriptions, g.Relations} {
		for i := range rows {
			b = append(b, rows[i].Hash[:]...)
		}
		b = append(b, '|')
	}
	for i := range g.Team { // without one, the basis is what it was before there were teams
		b = append(b, g.Team[i].Hash[:]...)
	}
	list := p.lineage(g.Account)
	for _, row := range list {
		b = append(b, row.Hash[:]...)
	}
	source := digest(b)
	rules, overrides := digest([]byte(p.Mapper.Digest())), digest(packOverrides(p.overrides[g.ID]))
	return basis{hex.EncodeToString(source[:]), hex.EncodeToString(rules[:8]) + hex.EncodeToString(overrides[:8])}
}

func packOverrides(list []sla.Override) []byte {
	var b []byte
	for _, o := range list {
		b = pack.String(pack.String(b, o.Field), o.Value)
		b = pack.Uint(pack.Uint(b, uint64(o.From)), uint64(o.Until)) //nolint:gosec // days are positive
	}
	return b
}
