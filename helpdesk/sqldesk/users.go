package sqldesk

import (
	"cmp"
	"context"
	"database/sql"
	"strings"
	"time"
)

// NewUser is a user to be made.
type NewUser struct {
	ID         int64 // 0: the store gives one
	ExternalID string
	Name       string
	Email      string
	Role       Role // default EndUser
	Suspended  bool
}

// Association says which organization a new user gets by the domain of the address.
type Association struct {
	Organization Named   // zero: none
	Domain       string  // the longest domain that the address ends with; empty: nobody has one
	Tied         []Named // several hold that domain, in the order of ids
}

// CreateUser makes a user, as when somebody registers: the domain of the address
// may put them into an organization. Nobody is attached by a domain that several
// organizations hold, unless the store has a rule for ties.
func (s *Store) CreateUser(ctx context.Context, n NewUser) (User, Association, error) {
	var user User
	var a Association
	err := s.write(ctx, "create user", func(t *txn) (err error) {
		if user, err = s.insertUser(t, n); err != nil {
			return err
		}
		if user.Role != EndUser {
			return nil
		}
		if a, err = s.associate(t, n.Email); err != nil || a.Organization.ID == 0 {
			return err
		}
		_, err = s.join(t, "create user", user, a.Organization.ID)
		return err
	})
	return user, a, err
}

// insertUser makes a user without looking at domains.
func (s *Store) insertUser(t *txn, n NewUser) (User, error) {
	if err := n.check(); err != nil {
		return User{}, err
	}
	if there, err := t.userByEmail(n.Email); err != nil || there.ID != 0 && n.Email != "" {
		if err == nil {
			err = invalid("create user", "user %d has the address %s already", there.ID, n.Email)
		}
		return User{}, err
	}
	if err := t.refuseTakenUser(n); err != nil {
		return User{}, err
	}
	columns, args := []string{"external_id", "name", "email", "email_fold", "role", "suspended", "created_at", "updated_at"},
		[]any{nullText(n.ExternalID), n.Name, n.Email, nullText(foldEmail(n.Email)), cmp.Or(n.Role, EndUser), n.Suspended, t.now(s), t.now(s)}
	id, err := t.insert("helpdesk_user", n.ID, columns, args)
	return User{id, n.ExternalID, n.Name, n.Email, cmp.Or(n.Role, EndUser), n.Suspended}, err
}

func (t *txn) refuseTakenUser(n NewUser) error {
	var other personRow
	held, err := t.find(&other, `SELECT `+personColumns+` FROM helpdesk_user u WHERE u.id = ? OR u.external_id = ? ORDER BY u.id`, n.ID, nullText(n.ExternalID))
	switch {
	case n.ID < 0:
		return invalid("create user", "a number is 1 or more, and not %d", n.ID)
	case err != nil || !held:
		return err
	case other.ID == n.ID:
		return invalid("create user", "the number %d is taken by %s", n.ID, cmp.Or(other.Email, other.Name))
	default:
		return invalid("create user", "the contact %s is user %d (%s) already", n.ExternalID, other.ID, cmp.Or(other.Email, other.Name))
	}
}

func (n NewUser) check() error {
	switch {
	case n.Email != "" && !goodEmail(n.Email):
		return invalid("create user", "%q is not an e-mail address", n.Email)
	case len(n.Name) > maxName || !plainText(n.Name) || len(n.ExternalID) > maxKeyText || !plainText(n.ExternalID):
		return invalid("create user", "the name or CRM id of %s is too long or no text", n.Email)
	case n.Role != "" && n.Role != EndUser && n.Role != Agent && n.Role != Admin:
		return invalid("create user", "%q is no role; write end_user, agent or admin", n.Role)
	}
	return nil
}

// insert makes a row with a given id, or with the next one. Columns are ours.
func (t *txn) insert(table string, id int64, columns []string, args []any) (int64, error) {
	if id != 0 {
		columns, args = append(columns, "id"), append(args, id)
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")
	q := `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES (` + marks + `) RETURNING id`
	given := id != 0
	if err := t.get(&id, q, args...); err != nil {
		return 0, err
	}
	t.note(table, 1)
	if given {
		return id, t.taken(table)
	}
	return id, nil
}

func nullText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

func (t *txn) now(s *Store) time.Time { return s.opt.Now().UTC().Truncate(time.Microsecond) }

// SetRole makes a user an end user, agent or administrator; only administrators do.
func (s *Store) SetRole(ctx context.Context, who Actor, user int64, role Role) error {
	if !who.Admin {
		return denied("set role", "%s is an agent; roles are given by administrators", orSomeone(who.Name))
	}
	if err := (NewUser{Role: role}).check(); err != nil || role == "" {
		return cmp.Or(err, invalid("set role", "write end_user, agent or admin"))
	}
	return s.setUser(ctx, "set role", user, "role", role)
}

// SetSuspended suspends a user or lets them back in. No sync writes a suspended user.
func (s *Store) SetSuspended(ctx context.Context, user int64, on bool) error {
	return s.setUser(ctx, "suspend", user, "suspended", on)
}

// setUser writes one column of a user; column is one of ours, never data.
func (s *Store) setUser(ctx context.Context, op string, user int64, column string, value any) error {
	return s.write(ctx, op, func(t *txn) error {
		if _, err := t.user(op, user); err != nil {
			return err
		}
		_, err := t.change("helpdesk_user", `UPDATE helpdesk_user SET `+column+` = ? WHERE id = ? AND `+column+` <> ?`, value, user, value)
		return err
	})
}
