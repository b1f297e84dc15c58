package csvfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/pack"
)

// ids are the canonical ids of one row; the slices live as long as the read.
type ids struct {
	id, account, parent, contact []byte
}

// row takes the record that the scanner stands on, or says why not. Only an
// error of the sorters is returned.
func (r *read) row() error {
	in := r.file.in
	if blank(in) || r.inTail() {
		return nil
	}
	r.rows++
	if n := len(in.fields); n != r.width {
		r.skip(in.line, fmt.Sprintf("the row%s has %s and the header %s", r.whose(), cells(n), crm.Count(r.width)), r.shape(n))
		return nil
	}
	keys, bad := r.keys()
	if bad != nil && r.role == crm.Subscription && !bad.ignore && keys.id == nil {
		keys, bad = r.nameless(bad)
	}
	if r.buries(keys, bad) {
		return nil
	}
	if bad == nil {
		bad = r.pack(keys)
	}
	switch {
	case bad == nil:
		return r.add(keys.account, keys.id, in.line)
	case bad.ignore:
		r.rows--
	case bad.harmless:
		r.alone++
		r.aloneAt = min(r.aloneAt, in.line)
	default:
		r.skip(in.line, bad.what, bad.fix)
	}
	return nil
}

// whose names the record of a row whose cells may stand in wrong columns, where what
// stands in that of the id looks like one.
func (r *read) whose() string {
	if r.cols.id >= len(r.file.in.fields) {
		return ""
	}
	id, ok := crm.AppendID(nil, r.cell(r.cols.id))
	if !ok {
		return ""
	}
	return " of " + string(id)
}

func (r *read) shape(n int) string {
	if n < r.width {
		return "the row was cut, or a line break inside a value is not quoted; export it again"
	}
	return "most likely a value with a comma is not quoted; export it again"
}

func cells(n int) string {
	if n == 1 {
		return "1 cell"
	}
	return crm.Count(n) + " cells"
}

// blank reports whether all cells are empty, as in rows that spreadsheets add.
func blank(in *scanner) bool {
	for _, f := range in.fields {
		if f.to > f.from {
			return false
		}
	}
	return !in.cut
}

// rowFault is what is wrong with a row.
type rowFault struct {
	what, fix string
	ignore    bool // a summary line of a report: no row of data at all
	harmless  bool // a record that belongs to no account
}

// keys reads the ids of a row.
func (r *read) keys() (ids, *rowFault) {
	var k ids
	var bad *rowFault
	if k.id, bad = r.keyAt(r.cols.id, 0); bad != nil {
		return k, r.summary(bad)
	}
	if k.account = k.id; r.role != crm.Account {
		if k.account, bad = r.keyAt(r.cols.account, 1); bad != nil {
			bad.harmless = r.empty(r.cols.account)
			return k, bad
		}
	}
	if r.cols.parent >= 0 && !r.empty(r.cols.parent) {
		k.parent, bad = r.keyAt(r.cols.parent, 2)
	}
	if r.cols.contact >= 0 {
		k.contact, bad = r.keyAt(r.cols.contact, 3)
	}
	return k, bad
}

// nameless takes a charge that has no id of its own, or a bad one, under what its row says:
// nothing asks for a charge by its id, and without it the account would have less than it
// pays for. No is what is wrong with the id.
func (r *read) nameless(no *rowFault) (ids, *rowFault) {
	account, bad := r.keyAt(r.cols.account, 1)
	if bad != nil {
		return ids{}, no
	}
	sum := fnv.New64a()
	for _, f := range r.file.in.fields {
		_, _ = sum.Write(r.file.in.value(f)) // a hash takes everything
		_, _ = sum.Write([]byte{0})
	}
	r.name(r.file.in.line, no.what, no.fix)
	r.foldable = false
	r.ids[0] = fmt.Appendf(r.ids[0][:0], "row-%016x", sum.Sum64())
	return ids{id: r.ids[0], account: account}, nil
}

func (r *read) empty(column int) bool { return len(r.cell(column)) == 0 }

// cell returns the text of an id cell, without spaces around it.
func (r *read) cell(column int) []byte {
	return bytes.TrimSpace(r.file.in.value(r.file.in.fields[column]))
}

// keyAt reads one id into its own buffer.
func (r *read) keyAt(column, slot int) ([]byte, *rowFault) {
	v := r.cell(column)
	if len(v) == 0 {
		return nil, &rowFault{what: "the column " + quoteName(r.file.header.names[column]) + " is empty", fix: "every row needs it; export it again"}
	}
	if slot == 0 {
		r.foldable = r.src.opt.IDs == TextIDs || len(v) == 15
	}
	if r.src.opt.IDs == TextIDs {
		r.ids[slot] = append(r.ids[slot][:0], v...)
		return r.ids[slot], badText(v)
	}
	if slot == 0 {
		r.cases.see(v)
	}
	id, ok := crm.AppendID(r.ids[slot][:0], v)
	if !ok {
		return restored(string(v))
	}
	r.ids[slot] = id
	return id, nil
}

// badText refuses what cannot be a key even where any text can.
func badText(v []byte) *rowFault {
	const longest = 255
	switch {
	case len(v) > longest:
		return &rowFault{what: fmt.Sprintf("the id %q has more than %d characters", fault.Clip(string(v)), longest), fix: "name the column that holds the id under columns"}
	case bytes.IndexByte(v, '/') >= 0:
		return &rowFault{what: fmt.Sprintf("the id %q has a slash, which stands between the two ids of a membership", v), fix: "export ids without slashes"}
	default:
		return nil
	}
}

// restored reads an id that lost its letter case, or says what is wrong with it.
func restored(v string) ([]byte, *rowFault) {
	_, err := crm.ParseID(v)
	if err == nil {
		return []byte(v), nil
	}
	if id, ok := crm.RestoreCase(v); ok {
		return []byte(id), nil
	}
	fix := "correct it in the CRM's export; ids are case-sensitive, and spreadsheets change them"
	if strings.ContainsAny(v, "+.") || len(v) != 15 && len(v) != 18 {
		fix = "export the column that holds the CRM's own id, or set ids: text if these ids are not Salesforce's"
	}
	return nil, &rowFault{what: err.Error(), fix: fix}
}

// pack writes the requested columns into r.value, behind the line and the parent. What a
// charge says and cannot mean stays as it is: without the charge its account would have
// less than it pays for, and the rules know what is in doubt then.
func (r *read) pack(k ids) *rowFault {
	b := binary.AppendUvarint(r.value[:0], uint64(r.file.in.line))
	if r.role == crm.Account {
		b = pack.Bytes(b, k.parent)
	}
	for i := range r.cols.columns {
		v, bad := r.valueOf(&r.cols.columns[i], k)
		switch {
		case bad != nil && r.role == crm.Subscription:
			r.name(r.file.in.line, bad.what, bad.fix)
		case bad != nil:
			return bad
		}
		b = pack.Bytes(b, v)
	}
	r.value = b
	return nil
}

func (r *read) valueOf(c *column, k ids) ([]byte, *rowFault) {
	switch c.from {
	case fromID:
		return k.id, nil
	case fromAccount:
		return k.account, nil
	case fromParent:
		return k.parent, nil
	case fromContact:
		return k.contact, nil
	}
	v := r.file.in.value(r.file.in.fields[c.at])
	if isCanonical(c.typ, v) {
		return v, nil
	}
	text, err := r.src.canonical(c.typ, string(v))
	if err != nil {
		return v, &rowFault{what: quoteName(c.name) + ": " + err.Error(), fix: "correct the value, or the type of the column under columns." + section[r.role] + ".types"}
	}
	return []byte(text), nil
}
