package journal

import (
	"context"
	"slices"

	"github.com/desksync/desksync/helpdesk"
)

// ClaimOverride is the claim of an account on which an override acts, so that the
// account is found again when the override goes.
const ClaimOverride ClaimKind = 4

// ClaimHeld is the claim of an account that is wanted no more, or cannot be read: what
// it claims besides is what its organization still holds, and says nothing of
// wanting it.
const ClaimHeld ClaimKind = 5

// MarkClaimed marks the accounts that hold claims of a kind.
func (j *Journal) MarkClaimed(ctx context.Context, pipe int64, kind ClaimKind) error {
	var target string
	const name = `SELECT t.name FROM pipeline p JOIN peer t ON t.id = p.target WHERE p.id = ?`
	if ok, err := j.get(ctx, "journal.dirty", &target, name, pipe); err != nil || !ok {
		return err
	}
	if err := j.IndexClaims(ctx, target); err != nil {
		return err
	}
	return j.markSet(ctx, `
		SELECT DISTINCT p.id, c.account, p.gen
		FROM   pipeline p JOIN claim c ON c.target = p.target AND c.kind = ? AND c.pipeline = p.id
		WHERE  p.id = ?`, int64(kind), pipe)
}

// WantedElsewhere returns, of these accounts, those that another pipeline on the
// target claims anything for, with that pipeline's name. At most MaxPage accounts.
func (j *Journal) WantedElsewhere(ctx context.Context, target string, pipe int64, accounts []string) (map[string]string, error) {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 || len(accounts) == 0 {
		return nil, err
	}
	var rows []struct {
		Account, Name string
		Claims        []byte
	}
	cond, arg := among(j.db.Dialect, "m.account", accounts)
	q := `
		SELECT m.account, m.claims, p.name
		FROM   pipeline p JOIN mapped m ON m.pipeline = p.id
		WHERE  p.target = ? AND p.id <> ? AND ` + cond + ` ORDER BY p.id DESC`
	if err := j.all(ctx, "journal.wanted", &rows, q, id, pipe, arg); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, r := range rows {
		claims, err := unpackClaims(r.Account, r.Claims)
		if err != nil {
			return nil, err
		}
		held := slices.ContainsFunc(claims, func(c Claim) bool { return c.Kind == ClaimHeld })
		if !held && slices.ContainsFunc(claims, func(c Claim) bool { return c.Kind != ClaimOverride }) {
			out[r.Account] = r.Name
		}
	}
	return out, nil
}

// CountObjects counts the objects of a kind that a pipeline wrote last.
func (j *Journal) CountObjects(ctx context.Context, target string, pipe int64, kind helpdesk.Kind) (int, error) {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return 0, err
	}
	var n int
	_, err = j.get(ctx, "journal.objects", &n, `SELECT count(*) FROM object WHERE target = ? AND kind = ? AND pipeline = ?`, id, kindCode(kind), pipe)
	return n, err
}
