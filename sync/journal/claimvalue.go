package journal

import (
	"context"
	"slices"

	"github.com/lib/pq"

	"github.com/desksync/desksync/internal/dbx"
)

// amongNumbers is among for numbers.
func amongNumbers(d dbx.Dialect, column string, list []int64) (cond string, arg any) {
	if d == dbx.Postgres {
		return column + " = ANY (?)", pq.Array(list)
	}
	return column + " IN (SELECT value FROM json_each(?))", jsonList(list)
}

// said is what stands behind rows of the index.
type said struct {
	values map[claimKey]string
	named  map[string][]string // accounts whose ids strangers carry, by target id
}

// valuesOf looks up the values behind rows of the index: in what their accounts
// and strangers claim.
func (j *Journal) valuesOf(ctx context.Context, target int64, rows []claimKey) (*said, error) {
	accounts, strangers := map[int64][]string{}, []string{}
	for _, r := range rows {
		if r.Pipeline == strangerPipe {
			strangers = append(strangers, r.Ref)
		} else {
			accounts[r.Pipeline] = append(accounts[r.Pipeline], r.Account)
		}
	}
	out := &said{values: make(map[claimKey]string, len(rows)), named: map[string][]string{}}
	for pipe, list := range accounts {
		if err := j.accountValues(ctx, pipe, list, out); err != nil {
			return nil, err
		}
	}
	return out, j.strangerValues(ctx, target, strangers, out)
}

func (j *Journal) accountValues(ctx context.Context, pipe int64, accounts []string, into *said) error {
	slices.Sort(accounts)
	for part := range slices.Chunk(slices.Compact(accounts), MaxPage) {
		cond, arg := among(j.db.Dialect, "account", part)
		var list []mappedRow
		err := j.all(ctx, "journal.contests", &list, `SELECT pipeline, account, next_day, claims FROM mapped WHERE pipeline = ? AND `+cond, pipe, arg)
		if err != nil {
			return err
		}
		for _, m := range list {
			if err := into.note(pipe, m.Account, "", m.Claims); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *Journal) strangerValues(ctx context.Context, target int64, ids []string, into *said) error {
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), MaxPage) {
		cond, arg := among(j.db.Dialect, "target_id", part)
		var list []strangerRow
		if err := j.all(ctx, "journal.contests", &list, selectStranger+`WHERE target = ? AND kind IN (1, 2, 3) AND `+cond, target, arg); err != nil {
			return err
		}
		for _, s := range list {
			if err := into.note(strangerPipe, "", s.TargetID, s.Claims); err != nil {
				return err
			}
		}
	}
	return nil
}

// note notes the value of each claim under its key in the index.
func (s *said) note(pipe int64, account, ref string, claims []byte) error {
	list, err := unpackClaims(account+ref, claims)
	if err != nil {
		return err
	}
	for i, k := range keysOf(pipe, account, ref, list) {
		s.values[k] = list[i].Value
	}
	if pipe == strangerPipe {
		s.named[ref] = namedBy(list)
	}
	return nil
}
