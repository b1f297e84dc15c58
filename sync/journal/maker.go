package journal

import "context"

// ClaimUser is the claim of an account that makes a contact a user; Value and Ref are
// both the contact.
const ClaimUser ClaimKind = 6

// Makers returns which account of a pipeline makes a user of each of these contacts, as
// PutMapped was told; contacts of whom nobody makes one are missing. The index of claims
// is brought up to date first.
func (j *Journal) Makers(ctx context.Context, target string, pipe int64, contacts []string) (map[string]string, error) {
	out := map[string]string{}
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 || len(contacts) == 0 {
		return out, err
	}
	if err := j.IndexClaims(ctx, target); err != nil {
		return nil, err
	}
	hashes := make([]int64, len(contacts))
	for i, c := range contacts {
		hashes[i] = hashOf(c)
	}
	var rows []struct{ Ref, Account string }
	cond, arg := amongNumbers(j.db.Dialect, "hash", hashes)
	q := `SELECT ref, account FROM claim WHERE target = ? AND kind = ? AND pipeline = ? AND ` + cond
	if err := j.all(ctx, "journal.makers", &rows, q, id, int64(ClaimUser), pipe, arg); err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.Ref] = r.Account
	}
	return out, nil
}
