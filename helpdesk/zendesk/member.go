package zendesk

import (
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// membership is a membership as Zendesk shows it.
type membership struct {
	ID           int64 `json:"id"`
	User         int64 `json:"user_id"`
	Organization int64 `json:"organization_id"`
	Default      *bool `json:"default"` // null or false: it is not the default one
}

// memberID is what we call a membership: the one of this user in this organization. The
// number that Zendesk gives it is not told when it comes with a new user.
func memberID(user, organization int64) string { return idText(user) + "-" + idText(organization) }

// splitID returns user and organization of a membership's id; zeros if it is none.
func splitID(id string) (user, organization int64) {
	u, o, _ := strings.Cut(id, "-")
	return idOf(u), idOf(o)
}

// isDefault reports whether it is the user's default one.
func (m *membership) isDefault() bool { return m.Default != nil && *m.Default }

func (m *membership) object(key string) helpdesk.Object {
	o := helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: key}, ID: memberID(m.User, m.Organization)}
	if m.isDefault() {
		o.Fields = helpdesk.Fields{{Name: helpdesk.Default, Value: helpdesk.BoolOf(true)}}
	}
	return o
}

// allMembers lists all memberships. One of a user or an organization that is not tied
// is a stranger.
func (t *Target) allMembers(ctx context.Context, yield func(helpdesk.Page, error) bool) error {
	page, begun := helpdesk.Page{}, false
	for rows, err := range cursorPages[membership](ctx, t, "organization_memberships", "organization_memberships") {
		if err != nil {
			return err
		}
		if begun && !yield(page, nil) {
			return nil
		}
		objects, err := t.members(ctx, rows)
		if err != nil {
			return err
		}
		page, begun = helpdesk.Page{Objects: objects}, true
	}
	page.Complete = true
	yield(page, nil)
	return nil
}

// members gives memberships their keys.
func (t *Target) members(ctx context.Context, rows []membership) ([]helpdesk.Object, error) {
	var users, orgs []int64
	for i := range rows {
		users, orgs = append(users, rows[i].User), append(orgs, rows[i].Organization)
	}
	contacts, err := t.keysOf(ctx, helpdesk.User, users)
	if err != nil {
		return nil, err
	}
	accounts, err := t.keysOf(ctx, helpdesk.Organization, orgs)
	if err != nil {
		return nil, err
	}
	out := make([]helpdesk.Object, len(rows))
	for i := range rows {
		key, account, contact := "", accounts[rows[i].Organization], contacts[rows[i].User]
		if account != "" && contact != "" {
			key = helpdesk.MemberKey(account, contact)
		}
		out[i] = rows[i].object(key)
	}
	return out, nil
}

// keysOf returns what objects are tied to. Those that nobody remembers are read.
func (t *Target) keysOf(ctx context.Context, k helpdesk.Kind, ids []int64) (map[int64]string, error) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if t.opt.Keys != nil {
		return t.tied(ctx, k, ids)
	}
	out := make(map[int64]string, len(ids))
	var unknown []int64
	for _, id := range ids {
		key, ok := t.known.get(k, id)
		if out[id] = key; !ok {
			unknown = append(unknown, id)
		}
	}
	for part := range slices.Chunk(unknown, perJob) {
		if err := t.learn(ctx, k, part); err != nil {
			return nil, err
		}
		for _, id := range part {
			out[id], _ = t.known.get(k, id)
		}
	}
	return out, nil
}

// learn reads whose objects are, and remembers it.
func (t *Target) learn(ctx context.Context, k helpdesk.Kind, ids []int64) error {
	if k == helpdesk.User {
		rows, err := t.usersBy(ctx, byID, texts(ids))
		for i := range rows {
			t.showUser(&rows[i])
		}
		return err
	}
	rows, err := t.orgsBy(ctx, byID, texts(ids))
	for i := range rows {
		t.note(k, rows[i].ID, rows[i].key())
	}
	return err
}

func texts(ids []int64) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = idText(id)
	}
	return out
}
