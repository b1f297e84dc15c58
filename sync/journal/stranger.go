package journal

import (
	"bytes"
	"context"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
)

var strangerList = list{
	table: "stranger", columns: "target, kind, target_id, fields, claims",
	types: "bigint, bigint, text, bytea, bytea",
	tail:  `ON CONFLICT (target, kind, target_id) DO UPDATE SET fields = excluded.fields, claims = excluded.claims`,
}

// strangerRow is a Stranger as selected.
type strangerRow struct {
	Kind           int64
	TargetID       string `db:"target_id"`
	Fields, Claims []byte
}

const selectStranger = `SELECT kind, target_id, fields, claims FROM stranger `

func (r strangerRow) stranger() (Stranger, error) {
	claims, err := unpackClaims(r.TargetID, r.Claims)
	if err != nil {
		return Stranger{}, err
	}
	fields, err := unpackFields("stranger", r.TargetID, r.Fields)
	return Stranger{Kind: nameOf(kindNames, r.Kind), TargetID: r.TargetID, Fields: fields, Claims: claims}, err
}

// unpackFields reads stored fields; nothing is none.
func unpackFields(table, key string, b []byte) (helpdesk.Fields, error) {
	if len(b) == 0 {
		return nil, nil
	}
	r := pack.Read(b)
	f := helpdesk.UnpackFields(r)
	if r.Err() != nil || !r.Done() {
		return nil, damaged(table, key)
	}
	return f, nil
}

// Strangers returns the strangers of these target ids. At most MaxPage ids.
func (j *Journal) Strangers(ctx context.Context, target string, kind helpdesk.Kind, ids []string) ([]Stranger, error) {
	if len(ids) > MaxPage {
		return nil, tooMany("journal.strangers", len(ids))
	}
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return nil, err
	}
	cond, arg := among(j.db.Dialect, "target_id", ids)
	return j.strangers(ctx, `WHERE target = ? AND kind = ? AND `+cond+` ORDER BY target_id`, id, kindCode(kind), arg)
}

// StrangersAfter pages through all strangers of a kind in byte order of target id.
func (j *Journal) StrangersAfter(ctx context.Context, target string, kind helpdesk.Kind, after string, limit int) ([]Stranger, error) {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return nil, err
	}
	return j.strangers(ctx, `WHERE target = ? AND kind = ? AND target_id > ? ORDER BY target_id LIMIT ?`, id, kindCode(kind), after, min(limit, MaxPage))
}

func (j *Journal) strangers(ctx context.Context, cond string, args ...any) ([]Stranger, error) {
	var rows []strangerRow
	if err := j.all(ctx, "journal.strangers", &rows, selectStranger+cond, args...); err != nil {
		return nil, err
	}
	out := make([]Stranger, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.stranger(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// putStrangers stores strangers of one kind and their claims. It returns the accounts
// whose ids those carry, or carried, that differ from what was known.
func (t *tx) putStrangers(ctx context.Context, target, kind int64, list []Stranger) (named []string, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].TargetID
	}
	known, err := t.knownStrangers(ctx, target, kind, ids)
	if err != nil {
		return nil, err
	}
	var add []claimKey
	args := make([]any, 0, len(list)*strangerList.width())
	for _, s := range list {
		fields, claims := s.Fields.Pack(nil), packClaims(s.Claims)
		if was := known.rows[s.TargetID]; !bytes.Equal(was.Fields, fields) || !bytes.Equal(was.Claims, claims) {
			named = append(named, namedBy(slices.Concat(s.Claims, known.claims[s.TargetID]))...)
		}
		args = append(args, target, kind, s.TargetID, fields, claims)
		add = append(add, keysOf(strangerPipe, "", s.TargetID, s.Claims)...)
	}
	if err := t.put(ctx, &strangerList, args); err != nil {
		return nil, err
	}
	return named, t.writeClaims(ctx, target, add, known.keys())
}

// knownStrangers are strangers as stored, by target id.
type knownStrangers struct {
	rows   map[string]strangerRow
	claims map[string][]Claim
}

func (t *tx) knownStrangers(ctx context.Context, target, kind int64, ids []string) (*knownStrangers, error) {
	cond, arg := among(t.Dialect, "target_id", ids)
	var rows []strangerRow
	if err := t.all(ctx, &rows, selectStranger+`WHERE target = ? AND kind = ? AND `+cond, target, kind, arg); err != nil {
		return nil, err
	}
	out := &knownStrangers{rows: make(map[string]strangerRow, len(rows)), claims: make(map[string][]Claim, len(rows))}
	for _, r := range rows {
		claims, err := unpackClaims(r.TargetID, r.Claims)
		if err != nil {
			return nil, err
		}
		out.rows[r.TargetID], out.claims[r.TargetID] = r, claims
	}
	return out, nil
}

// keys are the rows in the index of what the strangers claim.
func (k *knownStrangers) keys() (out []claimKey) {
	for id, claims := range k.claims {
		out = append(out, keysOf(strangerPipe, "", id, claims)...)
	}
	return out
}

// named are the accounts whose ids the strangers carry.
func (k *knownStrangers) named() (out []string) {
	for _, claims := range k.claims {
		out = append(out, namedBy(claims)...)
	}
	return out
}

// dropStrangers forgets strangers: they are gone, or ours now. It returns the accounts
// whose ids they carried.
func (t *tx) dropStrangers(ctx context.Context, target, kind int64, ids []string) (named []string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var some bool
	if err := t.get(ctx, &some, `SELECT EXISTS (SELECT 1 FROM stranger WHERE target = ? AND kind = ?)`, target, kind); err != nil || !some {
		return nil, err
	}
	known, err := t.knownStrangers(ctx, target, kind, ids)
	if err != nil {
		return nil, err
	}
	if err := t.writeClaims(ctx, target, nil, known.keys()); err != nil {
		return nil, err
	}
	cond, arg := among(t.Dialect, "target_id", ids)
	_, err = t.exec(ctx, `DELETE FROM stranger WHERE target = ? AND kind = ? AND `+cond, target, kind, arg)
	return known.named(), err
}

// PutStrangers stores objects of the target that carry no CRM key; PutHave does the
// same for a page of the target's feed.
func (j *Journal) PutStrangers(ctx context.Context, target string, list []Stranger) error {
	id, err := j.ensurePeer(ctx, peer{TargetSide, target})
	if err != nil {
		return err
	}
	byKind := map[int64][]Stranger{}
	for _, s := range list {
		byKind[kindCode(s.Kind)] = append(byKind[kindCode(s.Kind)], s)
	}
	return j.inTx(ctx, "journal.strangers", func(t *tx) error {
		for kind, part := range byKind {
			if _, err := t.putStrangers(ctx, id, kind, part); err != nil {
				return err
			}
		}
		return nil
	}, &strangerList, &claimList)
}
