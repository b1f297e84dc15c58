package journal

import (
	"context"
	"slices"
)

// ClaimBears is the claim of an account whose organization goes by another name than the
// account wants for it; Value is that name, folded. It may be out of date: the name may
// have been written since.
const ClaimBears ClaimKind = 9

// Bearers yields the names that the organizations of some accounts go by and other accounts
// want: who goes by each, and who wants it.
func (j *Journal) Bearers(ctx context.Context, target string) (bear, want map[string][]Holder, err error) {
	if err := j.IndexClaims(ctx, target); err != nil {
		return nil, nil, err
	}
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return nil, nil, err
	}
	const q = `
		SELECT DISTINCT b.hash FROM claim b
		JOIN   claim n ON n.target = b.target AND n.kind = 1 AND n.hash = b.hash AND n.account <> '' AND n.account <> b.account
		WHERE  b.target = ? AND b.kind = 9 ORDER BY b.hash`
	var hashes []int64
	if err := j.all(ctx, "journal.bearers", &hashes, q, id); err != nil {
		return nil, nil, err
	}
	bear, want = map[string][]Holder{}, map[string][]Holder{}
	for part := range slices.Chunk(hashes, contestPage) {
		list, err := j.holders(ctx, id, bearerKeys(part))
		if err != nil {
			return nil, nil, err
		}
		for _, c := range list {
			if c.Kind == ClaimBears {
				bear[c.Value] = c.Holders
			} else {
				want[c.Value] = slices.DeleteFunc(c.Holders, Holder.Stranger)
			}
		}
	}
	return bear, want, nil
}

// bearerKeys are the places in the index of who goes by names and who wants them.
func bearerKeys(hashes []int64) []hashKey {
	out := make([]hashKey, 0, 2*len(hashes))
	for _, h := range hashes {
		out = append(out, hashKey{int64(ClaimName), h}, hashKey{int64(ClaimBears), h})
	}
	return out
}
