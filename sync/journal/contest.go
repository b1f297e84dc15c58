package journal

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
)

// contestPage is how many contested values are looked up at once.
const contestPage = 200

// Contests yields what more than one claims, in a stable order. The index of claims
// is brought up to date first. After an error is yielded, nothing more is.
func (j *Journal) Contests(ctx context.Context, target string) iter.Seq2[Contest, error] {
	return func(yield func(Contest, error) bool) {
		if err := j.contests(ctx, target, func(c Contest) bool { return yield(c, nil) }); err != nil {
			yield(Contest{}, err)
		}
	}
}

func (j *Journal) contests(ctx context.Context, target string, yield func(Contest) bool) error {
	if err := j.IndexClaims(ctx, target); err != nil {
		return err
	}
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return err
	}
	for after := (hashKey{}); ; {
		keys, err := j.contested(ctx, id, after)
		if err != nil || len(keys) == 0 {
			return err
		}
		list, err := j.holders(ctx, id, keys)
		if err != nil {
			return err
		}
		for _, c := range list {
			if c.Contested() && !yield(c) {
				return nil
			}
		}
		after = keys[len(keys)-1]
	}
}

// hashKey is a place in the index of claims.
type hashKey struct{ Kind, Hash int64 }

// contested returns the next places in the index that more than one hold. Whoever
// a claim stands for, an account or a contact, holds it once, in however many
// pipelines.
func (j *Journal) contested(ctx context.Context, target int64, after hashKey) ([]hashKey, error) {
	const q = `
		SELECT kind, hash FROM claim
		WHERE  target = ? AND (kind, hash) > (?, ?)
		GROUP  BY kind, hash
		HAVING count(*) > 1 AND min(CASE WHEN ref = '' THEN account ELSE ref END) <> max(CASE WHEN ref = '' THEN account ELSE ref END)
		ORDER  BY kind, hash LIMIT ?`
	var out []hashKey
	err := j.all(ctx, "journal.contests", &out, q, target, after.Kind, after.Hash, contestPage)
	return out, err
}

// holders returns who holds the values of some places, by place and value.
func (j *Journal) holders(ctx context.Context, target int64, keys []hashKey) ([]Contest, error) {
	hashes, wanted := make([]int64, len(keys)), make(map[hashKey]bool, len(keys))
	for i, k := range keys {
		hashes[i], wanted[k] = k.Hash, true
	}
	var rows []claimKey
	cond, arg := amongNumbers(j.db.Dialect, "hash", hashes)
	const q = `SELECT kind, hash, pipeline, account, ref FROM claim WHERE target = ? AND kind IN (1, 2, 3, 9) AND `
	if err := j.all(ctx, "journal.contests", &rows, q+cond, target, arg); err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(k claimKey) bool { return !wanted[hashKey{k.Kind, k.Hash}] })
	found, err := j.valuesOf(ctx, target, rows)
	if err != nil {
		return nil, err
	}
	out := gather(rows, found.values)
	for _, c := range out {
		for i := range c.Holders {
			c.Holders[i].Carries = strings.Join(found.named[c.Holders[i].TargetID], "") // one at most
		}
	}
	return out, nil
}

// gather turns rows of the index into contests, by hash, then value.
func gather(rows []claimKey, values map[claimKey]string) []Contest {
	slices.SortFunc(rows, func(a, b claimKey) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Hash, b.Hash), strings.Compare(values[a], values[b]), a.compare(b))
	})
	var out []Contest
	for _, r := range rows {
		value, ok := values[r]
		if !ok {
			continue
		}
		if n := len(out); n == 0 || out[n-1].Kind != ClaimKind(r.Kind) || out[n-1].Value != value { //nolint:gosec // 1 to 9
			out = append(out, Contest{Kind: ClaimKind(r.Kind), Value: value}) //nolint:gosec // 1 to 9
		}
		last := &out[len(out)-1]
		last.Holders = append(last.Holders, r.holder())
	}
	return out
}

func (a claimKey) holder() Holder {
	if a.Pipeline == strangerPipe {
		return Holder{TargetID: a.Ref}
	}
	return Holder{Pipeline: a.Pipeline, Account: a.Account, Ref: a.Ref}
}

// Contested reports whether more than one stands behind the holders: two values of
// one hash do not make a contest.
func (c Contest) Contested() bool {
	first := c.Holders[0].self()
	return slices.ContainsFunc(c.Holders[1:], func(h Holder) bool { return h.self() != first })
}

// self is who the holder is, whatever the pipeline.
func (h Holder) self() string { return cmp.Or(h.TargetID, h.Ref, h.Account) }

// Claimants returns who claims a value on a target; nobody is no holders.
func (j *Journal) Claimants(ctx context.Context, target string, kind ClaimKind, value string) ([]Holder, error) {
	if err := j.IndexClaims(ctx, target); err != nil {
		return nil, err
	}
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return nil, err
	}
	list, err := j.holders(ctx, id, []hashKey{{int64(kind), hashOf(value)}})
	for _, c := range list {
		if c.Value == value {
			return c.Holders, err
		}
	}
	return nil, err
}
