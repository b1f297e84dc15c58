package sqldesk

import (
	"context"
	"strings"
)

// GroupMember is a user in a usergroup, and how they came into it.
type GroupMember struct {
	User
	ByHand bool // added one by one: stays when a link goes
	ByLink bool // a member of an organization that is linked to the group
}

// LinkGroup puts all members of an organization, now and later, into a usergroup.
// A group that does not exist is made.
func (s *Store) LinkGroup(ctx context.Context, organization int64, group string) error {
	return s.write(ctx, "link group", func(t *txn) error {
		if _, err := t.organization("link group", organization); err != nil {
			return err
		}
		id, err := t.group(group)
		if err != nil {
			return err
		}
		_, err = t.change("organization_group", `INSERT INTO organization_group (organization_id, group_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, organization, id)
		return err
	})
}

// UnlinkGroup takes those out of a group who are in it only by this organization.
func (s *Store) UnlinkGroup(ctx context.Context, organization int64, group string) error {
	return s.write(ctx, "unlink group", func(t *txn) error {
		o, err := t.organization("unlink group", organization)
		if err != nil {
			return err
		}
		n, err := t.change("organization_group", `DELETE FROM organization_group WHERE organization_id = ? AND group_id IN (SELECT id FROM usergroup WHERE name = ?)`, organization, group)
		if err == nil && n == 0 {
			err = notFound("unlink group", "%s is not linked to the group %q", o, group)
		}
		return err
	})
}

// AddToGroup puts one user into a group by hand; the group is made if need be.
func (s *Store) AddToGroup(ctx context.Context, user int64, group string) error {
	return s.write(ctx, "add to group", func(t *txn) error {
		if _, err := t.user("add to group", user); err != nil {
			return err
		}
		id, err := t.group(group)
		if err != nil {
			return err
		}
		_, err = t.change("user_group", `INSERT INTO user_group (user_id, group_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, user, id)
		return err
	})
}

// RemoveFromGroup takes a user out by hand. Who is in the group by an organization
// stays in it, and the error names the organization.
func (s *Store) RemoveFromGroup(ctx context.Context, user int64, group string) error {
	return s.write(ctx, "remove from group", func(t *txn) error {
		u, err := t.user("remove from group", user)
		if err != nil {
			return err
		}
		var links []namedRow
		const q = `
			SELECT ` + namedColumns + `
			FROM   membership m
			JOIN   organization_group l ON l.organization_id = m.organization_id
			JOIN   usergroup g ON g.id = l.group_id
			JOIN   organization o ON o.id = m.organization_id
			WHERE  m.user_id = ? AND g.name = ?
			ORDER  BY o.id`
		if err := t.list(&links, q, user, group); err != nil {
			return err
		}
		if len(links) > 0 {
			return invalid("remove from group", "%s is in the group %q as a member of %s, which is linked to it; unlink the organization, or take the user out of it", u.label(), group, links[0].named())
		}
		n, err := t.change("user_group", `DELETE FROM user_group WHERE user_id = ? AND group_id IN (SELECT id FROM usergroup WHERE name = ?)`, user, group)
		if err == nil && n == 0 {
			err = notFound("remove from group", "%s is not in the group %q", u.label(), group)
		}
		return err
	})
}

// GroupMembers returns who is in a group, by e-mail.
func (s *Store) GroupMembers(ctx context.Context, group string) ([]GroupMember, error) {
	var rows []struct {
		personRow
		ByHand int `db:"by_hand"`
		ByLink int `db:"by_link"`
	}
	const q = `
		SELECT ` + personColumns + `, v.by_hand, v.by_link
		FROM   usergroup_member v
		JOIN   usergroup g ON g.id = v.group_id
		JOIN   helpdesk_user u ON u.id = v.user_id
		WHERE  g.name = ?
		ORDER  BY u.email_fold, u.id`
	if err := s.read(ctx, "group members", &rows, q, group); err != nil {
		return nil, err
	}
	out := make([]GroupMember, len(rows))
	for i, r := range rows {
		out[i] = GroupMember{r.user(), r.ByHand == 1, r.ByLink == 1}
	}
	return out, nil
}

// group returns the id of a usergroup, made if it does not exist.
func (t *txn) group(name string) (int64, error) {
	if strings.TrimSpace(name) == "" || len(name) > maxName || !plainText(name) {
		return 0, invalid("group", "%q cannot be the name of a group", name)
	}
	var id int64
	ok, err := t.find(&id, `SELECT id FROM usergroup WHERE name = ?`, name)
	if err != nil || ok {
		return id, err
	}
	if _, err := t.change("usergroup", `INSERT INTO usergroup (name) VALUES (?)`, name); err != nil {
		return 0, err
	}
	return id, t.get(&id, `SELECT id FROM usergroup WHERE name = ?`, name)
}
