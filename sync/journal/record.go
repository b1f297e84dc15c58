package journal

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/pack"
)

// hashLen is the length of a record's hash.
const hashLen = 16

// packRows renders the records of one account and role: count, then per record id,
// parent, hash, run, whether it is lost (1) or deleted (2), columns. The id of an account is its row's and left out.
func packRows(b []byte, rows []Row) []byte {
	b = pack.Uint(b, uint64(len(rows)))
	for i := range rows {
		r := &rows[i]
		id := r.ID
		if r.Role == crm.Account && id == r.Account {
			id = ""
		}
		b = pack.String(pack.String(b, id), r.Parent)
		b = pack.String(b, string(r.Hash[:]))
		b = pack.Uint(b, uint64(r.ReadRun)) //nolint:gosec // run ids are positive
		b = pack.Uint(b, flag(r.Lost)+flag(r.Lost && r.Deleted))
		b = pack.Uint(b, uint64(len(r.Cols)))
		b = append(b, r.Cols...)
	}
	return b
}

func flag(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}

// eachRecord reads what packRows wrote and yields each record; Cols is a string
// that shares the body's copy.
func eachRecord(account string, role crm.Role, body []byte, yield func(r Row, cols string)) error {
	rd := pack.Read(body)
	n := rd.Uint()
	for range n {
		r := Row{Role: role, Account: account, ID: rd.String(), Parent: rd.String()}
		hash := rd.String()
		r.ReadRun = int64(rd.Uint()) //nolint:gosec // written from an int64
		absence := rd.Uint()
		r.Lost, r.Deleted = absence > 0, absence > 1
		cols := rd.String()
		if rd.Err() != nil || len(hash) != hashLen {
			return damaged("stage", account)
		}
		copy(r.Hash[:], hash)
		if r.ID == "" && role == crm.Account {
			r.ID = account
		}
		yield(r, cols)
	}
	if rd.Err() != nil || !rd.Done() {
		return damaged("stage", account)
	}
	return nil
}

// unpackRows reads what packRows wrote.
func unpackRows(account string, role crm.Role, body []byte) ([]Row, error) {
	var out []Row
	err := eachRecord(account, role, body, func(r Row, cols string) {
		r.Cols = []byte(cols)
		out = append(out, r)
	})
	return out, err
}

// damaged says that a stored row cannot be read.
func damaged(table, key string) error {
	return &fault.Error{Op: "journal.read", Kind: fault.Invalid, Ref: table + "/" + key, Err: pack.ErrShort}
}

// mergeRows puts rows over those of one account; both sides in id order on return.
func mergeRows(old, put []Row) []Row {
	out := append(slices.Clone(put), old...)
	slices.SortStableFunc(out, func(a, b Row) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(out, func(a, b Row) bool { return a.ID == b.ID }) // the first of equals: the one put
}

// present counts the records that are not lost.
func present(rows []Row) int {
	n := 0
	for i := range rows {
		if !rows[i].Lost {
			n++
		}
	}
	return n
}
