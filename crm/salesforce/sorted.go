package salesforce

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/pack"
)

// maxMoved bounds how many records may change their account while they are read.
const maxMoved = 100_000

// settle finds records that were read twice, under two accounts: the later one counts.
// Under one account the sorted records show it.
func (g *gather) settle(ctx context.Context) error {
	var id, account []byte
	var row uint64
	for rec, err := range g.twins.Sorted(ctx) {
		if err != nil {
			return err
		}
		n, size := binary.Uvarint(rec.Value)
		if bytes.Equal(rec.Key, id) && !bytes.Equal(rec.Value[size:], account) {
			if err := g.supersede(min(n, row)); err != nil {
				return err
			}
			n = max(n, row)
		}
		id, row = append(id[:0], rec.Key...), n
		account = append(account[:0], rec.Value[size:]...)
	}
	return nil
}

func (g *gather) supersede(row uint64) error {
	if len(g.superseded) == maxMoved {
		return fault.New("salesforce.read", fault.Unavailable, errors.New("more than 100,000 records changed their account while they were read: let the mass change in Salesforce end, then try again"))
	}
	if g.superseded == nil {
		g.superseded = map[uint64]bool{}
	}
	g.superseded[row] = true
	return nil
}

// each yields the records in order, of those with one key the last, and counts them.
// It reports whether it came to the end; yield returns false to stop.
func (g *gather) each(ctx context.Context, yield func(crm.Record) bool) (whole bool, err error) {
	rec := crm.Record{Role: g.plan.role, Values: make([]string, 0, len(g.plan.out))}
	var key, value []byte
	emit := func() (bool, error) {
		if key == nil {
			return true, nil
		}
		counts, err := g.decode(&rec, string(key), value)
		if err != nil || !counts {
			return err == nil, err
		}
		g.unique++
		return yield(rec), nil
	}
	for row, err := range g.main.Sorted(ctx) {
		if err != nil {
			return false, err
		}
		if key == nil || !bytes.Equal(row.Key, key) {
			if on, err := emit(); !on || err != nil {
				return false, err
			}
		}
		key, value = append(key[:0], row.Key...), append(value[:0], row.Value...)
	}
	return emit()
}

// decode fills the record, using its list of values again; it reports false for one
// that a later row replaces.
func (g *gather) decode(rec *crm.Record, key string, value []byte) (bool, error) {
	p := pack.Read(value)
	row := p.Uint()
	rec.Account, rec.ID = key, key
	if g.plan.role != crm.Account {
		rec.Account, rec.ID = key[:idLen], key[idLen:]
	}
	g.read(p, rec)
	return !g.superseded[row], p.Err()
}

const idLen = 18
