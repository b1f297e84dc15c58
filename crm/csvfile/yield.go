package csvfile

import (
	"context"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/pack"
)

// yieldAll reads the sorted records back and leaves out those whose id stood
// before.
func (r *read) yieldAll(ctx context.Context, yield func(crm.Record, error) bool) error {
	rec := crm.Record{Role: r.role, Values: make([]string, 0, len(r.cols.columns))}
	firstLine, lastKey := 0, ""
	for row, err := range r.main.Sorted(ctx) {
		if err != nil {
			return err
		}
		p := pack.Read(row.Value)
		line := int(p.Uint())
		if string(row.Key) == lastKey {
			r.duplicate(line, rec.ID, twin{line: firstLine})
			continue
		}
		firstLine, lastKey = line, string(row.Key)
		if err := r.decode(&rec, lastKey, p); err != nil {
			return err
		}
		if !r.counts(line, rec.ID) {
			continue
		}
		r.rep.Rows++
		if !yield(rec, nil) {
			return nil
		}
	}
	return nil
}

// counts reports whether the row on a line is to be yielded: not cut off, and not
// the second of its id.
func (r *read) counts(line int, id string) bool {
	if first, ok := r.twin[line]; ok {
		r.duplicate(line, id, first)
		return false
	}
	return !r.dropped || line != r.loose
}

// decode fills the record, using its list of values again.
func (r *read) decode(rec *crm.Record, key string, p *pack.Reader) error {
	rec.Account, rec.ID, rec.Parent = key, key, ""
	if r.role == crm.Account {
		rec.Parent = p.String()
	} else {
		rec.Account, rec.ID, _ = strings.Cut(key, "\x00")
	}
	rec.Values = rec.Values[:0]
	for range r.cols.columns {
		rec.Values = append(rec.Values, p.String())
	}
	return p.Err()
}
