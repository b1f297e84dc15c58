package journal

import (
	"cmp"
	"context"
	"hash/fnv"
	"io"
	"slices"
)

// indexStep is how many accounts' claims go into the index at once: sorted, so
// that neighbours in the index are written together.
const indexStep = 25_000

var claimList = list{
	table: "claim", columns: "target, kind, hash, pipeline, account, ref",
	types: "bigint, bigint, bigint, bigint, text, text", tail: "ON CONFLICT DO NOTHING",
}

// claimKey is a row of the index but for its target.
type claimKey struct {
	Kind, Hash, Pipeline int64
	Account, Ref         string
}

func (a claimKey) compare(b claimKey) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.Pipeline, b.Pipeline),
		cmp.Compare(a.Account, b.Account), cmp.Compare(a.Ref, b.Ref))
}

// hashOf is the hash the index knows a value by. It is stored: never change it.
func hashOf(value string) int64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, value) // a hash never fails
	return int64(h.Sum64())         //nolint:gosec // the bits, not the number
}

func keysOf(pipe int64, account, ref string, claims []Claim) []claimKey {
	out := make([]claimKey, len(claims))
	for i, c := range claims {
		out[i] = claimKey{int64(c.Kind), hashOf(c.Value), pipe, account, cmp.Or(ref, c.Ref)}
	}
	return out
}

// IndexClaims brings the index of claims up to date with what PutMapped stored, in
// transactions of its own; Contests and Claimants call it. A crash leaves the rest
// for the next call.
func (j *Journal) IndexClaims(ctx context.Context, target string) error {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return err
	}
	for {
		n := 0
		err := j.inTx(ctx, "journal.claims", func(t *tx) (err error) {
			if err := t.soft(ctx); err != nil {
				return err
			}
			n, err = t.indexStep(ctx, id)
			return err
		}, &claimList)
		if err != nil || n < indexStep {
			return err
		}
	}
}

// todoRow is an account whose claims moved: those it has now and those the index knows.
type todoRow struct {
	Pipeline    int64
	Account     string
	Claims, Was []byte
}

func (t *tx) indexStep(ctx context.Context, target int64) (int, error) {
	const q = `
		SELECT d.pipeline, d.account, d.was, m.claims
		FROM   claim_todo d
		JOIN   pipeline p ON p.id = d.pipeline AND p.target = ?
		LEFT   JOIN mapped m ON m.pipeline = d.pipeline AND m.account = d.account
		ORDER  BY d.pipeline, d.account LIMIT ?`
	var rows []todoRow
	if err := t.all(ctx, &rows, q, target, indexStep); err != nil || len(rows) == 0 {
		return 0, err
	}
	var add, drop []claimKey
	for _, r := range rows {
		now, was, err := r.keys()
		if err != nil {
			return 0, err
		}
		add, drop = append(add, minus(now, was)...), append(drop, minus(was, now)...)
	}
	if err := t.writeClaims(ctx, target, add, drop); err != nil {
		return 0, err
	}
	return len(rows), t.deleteTodo(ctx, target, rows[len(rows)-1])
}

func (r todoRow) keys() (now, was []claimKey, err error) {
	claims, err := unpackClaims(r.Account, r.Claims)
	if err != nil {
		return nil, nil, err
	}
	old, err := unpackClaims(r.Account, r.Was)
	return keysOf(r.Pipeline, r.Account, "", claims), keysOf(r.Pipeline, r.Account, "", old), err
}

// minus returns what is in a and not in b; both are the claims of one account.
func minus(a, b []claimKey) []claimKey {
	if len(b) == 0 {
		return a
	}
	return slices.DeleteFunc(slices.Clone(a), func(k claimKey) bool { return slices.Contains(b, k) })
}

// writeClaims puts claims into the index and takes others out.
func (t *tx) writeClaims(ctx context.Context, target int64, add, drop []claimKey) error {
	const q = `DELETE FROM claim WHERE target = ? AND kind = ? AND hash = ? AND pipeline = ? AND account = ? AND ref = ?`
	slices.SortFunc(drop, claimKey.compare)
	for _, k := range drop {
		if _, err := t.exec(ctx, q, target, k.Kind, k.Hash, k.Pipeline, k.Account, k.Ref); err != nil {
			return err
		}
	}
	slices.SortFunc(add, claimKey.compare)
	add = slices.Compact(add) // two values of one hash
	args := make([]any, 0, 1000*claimList.width())
	for _, k := range add {
		if args = append(args, target, k.Kind, k.Hash, k.Pipeline, k.Account, k.Ref); len(args) == cap(args) {
			if err := t.add(ctx, &claimList, args); err != nil {
				return err
			}
			args = args[:0]
		}
	}
	return t.add(ctx, &claimList, args)
}

func (t *tx) deleteTodo(ctx context.Context, target int64, last todoRow) error {
	const q = `
		DELETE FROM claim_todo
		WHERE  (pipeline, account) <= (?, ?) AND pipeline IN (SELECT id FROM pipeline WHERE target = ?)`
	_, err := t.exec(ctx, q, last.Pipeline, last.Account, target)
	return err
}
