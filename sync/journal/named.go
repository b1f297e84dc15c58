package journal

import (
	"context"
	"slices"

	"github.com/desksync/desksync/helpdesk"
)

// ClaimID is the claim of an organization without a CRM id that carries the id of an
// account in a field all the same; Value is the account.
const ClaimID ClaimKind = 7

// ClaimContact is the claim of a user whom no sync may write and who carries the id of a
// contact all the same; Value is the contact.
const ClaimContact ClaimKind = 8

// namedBy returns the accounts whose ids somebody carries.
func namedBy(claims []Claim) (out []string) {
	for _, c := range claims {
		if c.Kind == ClaimID && !slices.Contains(out, c.Value) {
			out = append(out, c.Value)
		}
	}
	return out
}

// Carriers returns the organizations without a CRM id that carry those of some accounts,
// in byte order of target id; accounts that none carries are missing. At most MaxPage
// accounts.
func (j *Journal) Carriers(ctx context.Context, target string, accounts []string) (map[string][]Stranger, error) {
	return j.carriers(ctx, target, helpdesk.Organization, ClaimID, accounts)
}

// SparedAs is Carriers for contacts, and the users whom no sync may write.
func (j *Journal) SparedAs(ctx context.Context, target string, contacts []string) (map[string][]Stranger, error) {
	return j.carriers(ctx, target, helpdesk.User, ClaimContact, contacts)
}

// HasSpared reports whether SparedAs finds anybody for any contact at all.
func (j *Journal) HasSpared(ctx context.Context, target string) (some bool, err error) {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return false, err
	}
	const q = `SELECT EXISTS (SELECT 1 FROM claim WHERE target = ? AND kind = ? AND pipeline = ?)`
	_, err = j.get(ctx, "journal.carriers", &some, q, id, int64(ClaimContact), strangerPipe)
	return some, err
}

func (j *Journal) carriers(ctx context.Context, target string, kind helpdesk.Kind, claim ClaimKind, keys []string) (map[string][]Stranger, error) {
	if len(keys) > MaxPage {
		return nil, tooMany("journal.carriers", len(keys))
	}
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return nil, err
	}
	hashes := make([]int64, len(keys))
	for i, a := range keys {
		hashes[i] = hashOf(a)
	}
	cond, arg := amongNumbers(j.db.Dialect, "hash", hashes)
	var ids []string
	const q = `SELECT ref FROM claim WHERE target = ? AND kind = ? AND pipeline = ? AND account = '' AND `
	if err := j.all(ctx, "journal.carriers", &ids, q+cond+` ORDER BY ref`, id, int64(claim), strangerPipe, arg); err != nil {
		return nil, err
	}
	out := map[string][]Stranger{}
	for part := range slices.Chunk(slices.Compact(ids), MaxPage) {
		list, err := j.Strangers(ctx, target, kind, part)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			for _, c := range s.Claims {
				if c.Kind == claim && slices.Contains(keys, c.Value) { // another one may have the hash
					out[c.Value] = append(out[c.Value], s)
				}
			}
		}
	}
	return out, nil
}
