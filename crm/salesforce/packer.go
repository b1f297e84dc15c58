package salesforce

import (
	"fmt"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/pack"
)

// packer turns the cells of a row, in the order of the plan's statement, into what the
// sorters hold, and reports rows that cannot be used.
type packer struct {
	plan *plan
	opt  *Options
	rep  *crm.Report

	text []byte // buffers, used again for every row
	ids  [3][]byte
}

// id reads an id into a buffer of its own; what is wrong with it is returned as a
// sentence.
func (k *packer) id(text string, slot int) (id []byte, what string) {
	k.text = append(k.text[:0], text...)
	id, ok := crm.AppendID(k.ids[slot][:0], k.text)
	if k.ids[slot] = id; ok {
		return id, ""
	}
	_, err := crm.ParseID(clip(text))
	return nil, fmt.Sprint(err)
}

// append writes parent and values behind b; what is wrong with them is returned as a
// sentence.
func (k *packer) append(b []byte, cells []string) (packed []byte, what string) {
	if k.plan.role == crm.Account {
		parent, what := k.parent(cells)
		if what != "" {
			return b, what
		}
		b = pack.Bytes(b, parent)
	}
	for i, at := range k.plan.out {
		text, err := canonical(k.plan.types[i], cells[at], k.opt)
		if err != nil {
			return b, k.plan.statement.columns[at] + ": " + err.Error()
		}
		b = pack.String(b, text)
	}
	return b, ""
}

func (k *packer) parent(cells []string) ([]byte, string) {
	if k.plan.parent < 0 || cells[k.plan.parent] == "" {
		return nil, ""
	}
	return k.id(cells[k.plan.parent], 2)
}

// read fills parent and values of a record, using its list of values again.
func (k *packer) read(p *pack.Reader, rec *crm.Record) {
	if rec.Parent = ""; k.plan.role == crm.Account {
		rec.Parent = p.String()
	}
	rec.Values = rec.Values[:0]
	for range k.plan.out {
		rec.Values = append(rec.Values, p.String())
	}
}

// skip reports a row that cannot be used.
func (k *packer) skip(id, what string) {
	k.rep.BadRows++
	if len(k.rep.Skipped) < crm.MaxBad {
		k.rep.Skipped = append(k.rep.Skipped, crm.Bad{Where: k.opt.Name + " " + k.plan.statement.object + " " + clip(id), What: what, Fix: "correct the record in Salesforce"})
	}
}

// mark lets what was reported since be taken back.
func (k *packer) mark() func() {
	bad, named := k.rep.BadRows, len(k.rep.Skipped)
	return func() { k.rep.BadRows, k.rep.Skipped = bad, k.rep.Skipped[:named] }
}
