package journal

import (
	"context"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
)

// Objects is what ObjectsOf found, each list in key order.
type Objects struct {
	Organizations []Object
	Members       []Object
	Users         []Object
}

// ObjectsOf returns the organizations and memberships of accounts and the users of
// contacts. At most MaxPage accounts; contacts are looked up in pages.
func (j *Journal) ObjectsOf(ctx context.Context, target string, accounts, contacts []string) (Objects, error) {
	var out Objects
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return out, err
	}
	if len(accounts) > MaxPage {
		return out, tooMany("journal.objects", len(accounts))
	}
	if out.Organizations, err = j.byKeys(ctx, id, kindOrg, accounts); err != nil {
		return out, err
	}
	if out.Members, err = j.membersOf(ctx, id, accounts); err != nil {
		return out, err
	}
	for part := range slices.Chunk(contacts, MaxPage) {
		users, err := j.byKeys(ctx, id, kindUser, part)
		if err != nil {
			return out, err
		}
		out.Users = append(out.Users, users...)
	}
	slices.SortFunc(out.Users, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// OrganizationsOf is ObjectsOf for organizations alone.
func (j *Journal) OrganizationsOf(ctx context.Context, target string, accounts []string) (out Objects, err error) {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return out, err
	}
	for part := range slices.Chunk(accounts, MaxPage) {
		list, err := j.byKeys(ctx, id, kindOrg, part)
		if err != nil {
			return out, err
		}
		out.Organizations = append(out.Organizations, list...)
	}
	slices.SortFunc(out.Organizations, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

func (j *Journal) byKeys(ctx context.Context, target, kind int64, keys []string) ([]Object, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	cond, arg := among(j.db.Dialect, "o.key", keys)
	return j.objects(ctx, selectObject+`WHERE o.target = ? AND o.kind = ? AND `+cond+` ORDER BY o.key`, target, kind, arg)
}

// membersOf reads the memberships of accounts: the keys that begin with the
// account and a slash ("0" is the character after it).
func (j *Journal) membersOf(ctx context.Context, target int64, accounts []string) ([]Object, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	arg := any(jsonList(accounts))
	if j.db.Dialect == dbx.Postgres {
		arg = pq.Array(accounts)
	}
	q := memberQuery(j.db.Dialect)
	return j.objects(ctx, q, arg, target)
}

const (
	// each account's objects by their keys; without the words CROSS JOIN and OFFSET
	// either database may read all memberships once per call
	membersSQLite = `
	FROM   (SELECT value AS account FROM json_each(?)) a
	CROSS  JOIN object o ON o.target = ? AND o.kind = 3 AND o.key >= a.account || '/' AND o.key < a.account || '0'`
	membersPostgres = `
	FROM   (SELECT value COLLATE "C" AS account FROM unnest(CAST(? AS text[])) AS u (value)) a
	CROSS  JOIN LATERAL (SELECT * FROM object
	       WHERE target = ? AND kind = 3 AND key >= a.account || '/' AND key < a.account || '0' OFFSET 0) o`
)

func memberQuery(d dbx.Dialect) string {
	from := membersSQLite
	if d == dbx.Postgres {
		from = membersPostgres
	}
	return strings.TrimSuffix(strings.TrimSpace(selectObject), "FROM   object o") + from + ` ORDER BY o.key`
}

func (j *Journal) objects(ctx context.Context, q string, args ...any) ([]Object, error) {
	var rows []objectRow
	if err := j.all(ctx, "journal.objects", &rows, q, args...); err != nil {
		return nil, err
	}
	out := make([]Object, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].object(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ObjectByTarget returns the object of a target id, and whether there is one.
func (j *Journal) ObjectByTarget(ctx context.Context, target string, kind helpdesk.Kind, id string) (Object, bool, error) {
	t, err := j.targetID(ctx, target)
	if err != nil || t == 0 {
		return Object{}, false, err
	}
	list, err := j.objects(ctx, selectObject+`WHERE `+byTargetID(kind)+` AND o.target_id = ? ORDER BY o.key`, t, kindCode(kind), id)
	if err != nil || len(list) == 0 {
		return Object{}, false, err
	}
	return list[0], true, nil
}

// KeysOf returns the keys of organizations or users by their target ids; of an object
// that is not recorded, or not tied, nothing.
func (j *Journal) KeysOf(ctx context.Context, target string, kind helpdesk.Kind, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	t, err := j.targetID(ctx, target)
	if err != nil || t == 0 {
		return out, err
	}
	for page := range slices.Chunk(ids, MaxPage) {
		q, arg := keysQuery(j.db.Dialect, kind, page)
		var rows []struct {
			ID  string `db:"target_id"`
			Key string
		}
		if err := j.all(ctx, "journal.keys", &rows, q, t, kindCode(kind), arg); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID] = r.Key
		}
	}
	return out, nil
}

// keysQuery finds the keys of objects by their target ids.
func keysQuery(d dbx.Dialect, kind helpdesk.Kind, ids []string) (q string, arg any) {
	cond, arg := among(d, "o.target_id", ids)
	return `SELECT o.target_id, o.key FROM object o WHERE ` + byTargetID(kind) + ` AND ` + cond, arg
}

// byTargetID is the condition on target and kind where objects are looked for by target
// id. It names the condition of the index, and keeps target and kind from leading to
// another: there they would be all objects of a kind.
func byTargetID(kind helpdesk.Kind) string {
	if kind == helpdesk.Membership {
		return "o.target = ? AND o.kind = ?"
	}
	return "+o.target = ? AND +o.kind = ? AND o.kind <> 3"
}

// ObjectsAfter pages through all objects of a kind in key order.
func (j *Journal) ObjectsAfter(ctx context.Context, target string, kind helpdesk.Kind, after string, limit int) ([]Object, error) {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return nil, err
	}
	return j.objects(ctx, selectObject+`WHERE o.target = ? AND o.kind = ? AND o.key > ? ORDER BY o.key LIMIT ?`, id, kindCode(kind), after, min(limit, MaxPage))
}

// Organization returns the organization of an account, or nil.
func (o *Objects) Organization(account string) *Object { return find(o.Organizations, account) }

// User returns the user of a contact, or nil.
func (o *Objects) User(contact string) *Object { return find(o.Users, contact) }

// MembersOf returns the memberships of an account.
func (o *Objects) MembersOf(account string) []Object {
	prefix := helpdesk.MemberKey(account, "")
	from, _ := position(o.Members, prefix)
	to := from
	for to < len(o.Members) && strings.HasPrefix(o.Members[to].Key, prefix) {
		to++
	}
	return o.Members[from:to]
}

func find(list []Object, key string) *Object {
	i, ok := position(list, key)
	if !ok {
		return nil
	}
	return &list[i]
}

func position(list []Object, key string) (int, bool) {
	return slices.BinarySearchFunc(list, key, func(o Object, k string) int { return strings.Compare(o.Key, k) })
}
