package sqldesk

import (
	"context"

	"github.com/desksync/desksync/helpdesk"
)

// Join puts a user into an organization by hand; being in it already is no fault.
func (s *Store) Join(ctx context.Context, who Actor, organization, user int64) error {
	if err := s.may(who, "join"); err != nil {
		return err
	}
	return s.write(ctx, "join", func(t *txn) error {
		if _, err := t.organization("join", organization); err != nil {
			return err
		}
		u, err := t.user("join", user)
		if err == nil {
			_, err = s.join(t, "join", u, organization)
		}
		return err
	})
}

// SetPosition writes the free text that says what a member does there.
func (s *Store) SetPosition(ctx context.Context, organization, user int64, position string) error {
	if _, err := textOf(helpdesk.Position, helpdesk.TextOf(position), maxName); err != nil {
		return err
	}
	return s.setMember(ctx, "set position", organization, user, "position", position)
}

// SetManager makes a member see all tickets of the organization, or no longer. An
// organization may have several managers.
func (s *Store) SetManager(ctx context.Context, organization, user int64, on bool) error {
	return s.setMember(ctx, "set manager", organization, user, "manager", on)
}

// SetCopyOnNew lets a manager be copied on new tickets of the organization, or no
// longer. No sync touches the choice. It rests while the user is no manager.
func (s *Store) SetCopyOnNew(ctx context.Context, organization, user int64, on bool) error {
	return s.write(ctx, "set copy", func(t *txn) error {
		if err := t.isMember("set copy", organization, user); err != nil {
			return err
		}
		n, err := t.change("membership", `UPDATE membership SET copy_on_new = ? WHERE user_id = ? AND organization_id = ? AND (manager OR copy_on_new) AND copy_on_new <> ?`, on, user, organization, on)
		if err != nil || n > 0 || !on {
			return err
		}
		return t.isManager("set copy", organization, user)
	})
}

// isManager refuses what only managers may choose.
func (t *txn) isManager(op string, organization, user int64) error {
	var manager bool
	if err := t.get(&manager, `SELECT manager OR copy_on_new FROM membership WHERE user_id = ? AND organization_id = ?`, user, organization); err != nil || manager {
		return err
	}
	return invalid(op, "only a manager is copied on the new tickets of an organization; make this member one first")
}

// SetRoles writes a member's further roles, free text.
func (s *Store) SetRoles(ctx context.Context, organization, user int64, roles string) error {
	if _, err := textOf("roles", helpdesk.TextOf(roles), maxText); err != nil {
		return err
	}
	return s.setMember(ctx, "set roles", organization, user, "roles", roles)
}

// SetDefault makes an organization the one of the user's new tickets.
func (s *Store) SetDefault(ctx context.Context, organization, user int64) error {
	return s.write(ctx, "set default", func(t *txn) error {
		if err := t.isMember("set default", organization, user); err != nil {
			return err
		}
		if _, err := t.change("membership", `UPDATE membership SET is_default = false WHERE user_id = ? AND is_default AND organization_id <> ?`, user, organization); err != nil {
			return err
		}
		_, err := t.change("membership", `UPDATE membership SET is_default = true WHERE user_id = ? AND organization_id = ? AND NOT is_default`, user, organization)
		return err
	})
}

// setMember writes one column of a membership; column is one of ours, never data.
func (s *Store) setMember(ctx context.Context, op string, organization, user int64, column string, value any) error {
	return s.write(ctx, op, func(t *txn) error {
		if err := t.isMember(op, organization, user); err != nil {
			return err
		}
		_, err := t.change("membership", `UPDATE membership SET `+column+` = ? WHERE user_id = ? AND organization_id = ? AND `+column+` <> ?`, value, user, organization, value)
		return err
	})
}

func (t *txn) isMember(op string, organization, user int64) error {
	o, err := t.organization(op, organization)
	if err != nil {
		return err
	}
	u, err := t.user(op, user)
	if err != nil {
		return err
	}
	var n int
	if err := t.get(&n, `SELECT count(*) FROM membership WHERE user_id = ? AND organization_id = ?`, user, organization); err != nil {
		return err
	}
	if n == 0 {
		return notFound(op, "%s is not in %s", u.label(), o)
	}
	return nil
}
