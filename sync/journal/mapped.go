package journal

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/pack"
)

var (
	mappedList = list{
		table: "mapped", columns: "pipeline, account, next_day, claims",
		types: "bigint, text, text, bytea",
		tail:  `ON CONFLICT (pipeline, account) DO UPDATE SET next_day = excluded.next_day, claims = excluded.claims`,
	}
	todoList = list{table: "claim_todo", columns: "pipeline, account, was", types: "bigint, text, bytea", tail: "ON CONFLICT DO NOTHING"}
)

// mappedRow is a row of mapped as selected.
type mappedRow struct {
	Pipeline int64
	Account  string
	NextDay  string `db:"next_day"`
	Claims   []byte
}

// PutMapped stores what mapping told where it differs from what is stored, and
// reports whether any claim changed. Each account comes once. Contests brings the
// index of claims up to date by itself. The claims count for the pipeline's target,
// whatever name is given.
func (j *Journal) PutMapped(ctx context.Context, pipe int64, _ string, rows []Mapped) (bool, error) {
	changed := false
	err := j.inTx(ctx, "journal.mapped", func(t *tx) error {
		if err := t.soft(ctx); err != nil {
			return err
		}
		old, err := t.mapped(ctx, pipe, rows)
		if err != nil {
			return err
		}
		put, todo := differences(pipe, rows, old)
		changed = len(todo) > 0
		if err := t.put(ctx, &mappedList, put); err != nil {
			return err
		}
		return t.put(ctx, &todoList, todo)
	}, &mappedList, &todoList)
	return changed && err == nil, err
}

// mapped reads the stored rows of accounts.
func (t *tx) mapped(ctx context.Context, pipe int64, rows []Mapped) (map[string]mappedRow, error) {
	accounts := make([]string, len(rows))
	for i := range rows {
		accounts[i] = rows[i].Account
	}
	const q = `SELECT pipeline, account, next_day, claims FROM mapped WHERE pipeline = ? AND `
	list, err := perAccount(ctx, t, mappedRow.account, accounts, q, pipe)
	out := make(map[string]mappedRow, len(list))
	for _, r := range list {
		out[r.Account] = r
	}
	return out, err
}

func (r mappedRow) account() string { return r.Account }

// differences returns the rows to store and the accounts whose claims moved, with
// the claims they had.
func differences(pipe int64, rows []Mapped, old map[string]mappedRow) (put, todo []any) {
	for _, m := range rows {
		was, known := old[m.Account]
		claims := packClaims(m.Claims)
		same := bytes.Equal(claims, was.Claims) || !known && len(m.Claims) == 0
		next := m.Next.String()
		if known && same && was.NextDay == next {
			continue
		}
		put = append(put, pipe, m.Account, next, claims)
		if !same {
			todo = append(todo, pipe, m.Account, emptyIfNil(was.Claims))
		}
	}
	return put, todo
}

// emptyIfNil keeps a column that must not be null.
func emptyIfNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// packClaims renders claims in one order, each once: count, then kind, value, ref.
func packClaims(claims []Claim) []byte {
	claims = slices.Clone(claims)
	slices.SortFunc(claims, func(x, y Claim) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), strings.Compare(x.Value, y.Value), strings.Compare(x.Ref, y.Ref))
	})
	claims = slices.Compact(claims)
	b := pack.Uint(nil, uint64(len(claims)))
	for _, c := range claims {
		b = pack.String(pack.String(pack.Uint(b, uint64(c.Kind)), c.Value), c.Ref)
	}
	return b
}

// unpackClaims reads what packClaims wrote; nothing is no claims.
func unpackClaims(key string, b []byte) ([]Claim, error) {
	if len(b) == 0 {
		return nil, nil
	}
	r := pack.Read(b)
	n := r.Uint()
	out := make([]Claim, 0, min(n, 256))
	for range n {
		c := Claim{Kind: ClaimKind(r.Uint()), Value: r.String(), Ref: r.String()} //nolint:gosec // a damaged row gives a strange kind
		if r.Err() != nil {
			break
		}
		out = append(out, c)
	}
	if r.Err() != nil || !r.Done() {
		return nil, damaged("claims", key)
	}
	return out, nil
}
