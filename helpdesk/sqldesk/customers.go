package sqldesk

import (
	"context"
	"strings"
)

// Added says what became of one address in a list.
type Added struct {
	Email   string
	User    int64
	Created bool  // the user was made
	Joined  bool  // the user was not in the organization before
	Err     error // why the address could not be added
}

// AddCustomers adds everyone in a comma-separated list of e-mail addresses to an
// organization; who does not exist is made. What is wrong with one address does not
// stop the others, and each is reported in the order of the list.
func (s *Store) AddCustomers(ctx context.Context, who Actor, organization int64, emails string) ([]Added, error) {
	return s.eachEmail(ctx, "add customers", who, organization, emails, func(t *txn, a *Added) error {
		user, err := t.userByEmail(a.Email)
		if err != nil {
			return err
		}
		if user.ID == 0 {
			if user, err = s.insertUser(t, NewUser{Email: a.Email}); err != nil {
				return err
			}
			a.Created = true
		}
		a.User = user.ID
		a.Joined, err = s.join(t, "add customers", user, organization)
		return err
	})
}

// RemoveCustomers takes everyone in a comma-separated list out of an organization.
// Nobody is deleted by it. Joined then says that the user was in it.
func (s *Store) RemoveCustomers(ctx context.Context, who Actor, organization int64, emails string) ([]Added, error) {
	return s.eachEmail(ctx, "remove customers", who, organization, emails, func(t *txn, a *Added) error {
		user, err := t.userByEmail(a.Email)
		if err == nil && user.ID == 0 {
			err = notFound("remove customers", "nobody here has the address %s", a.Email)
		}
		if err != nil {
			return err
		}
		a.User = user.ID
		n, err := t.change("membership", `DELETE FROM membership WHERE organization_id = ? AND user_id = ?`, organization, user.ID)
		a.Joined = n > 0
		return err
	})
}

// eachEmail does one thing for each address of a list. What is refused is said
// before anything is written, so the others of the list go on.
func (s *Store) eachEmail(ctx context.Context, op string, who Actor, organization int64, emails string, do func(*txn, *Added) error) ([]Added, error) {
	if err := s.may(who, op); err != nil {
		return nil, err
	}
	var out []Added
	err := s.write(ctx, op, func(t *txn) error {
		if _, err := t.organization(op, organization); err != nil {
			return err
		}
		out = out[:0]
		for _, email := range splitEmails(emails) {
			a := Added{Email: email}
			if goodEmail(email) {
				a.Err = do(t, &a)
			} else {
				a.Err = invalid(op, "%q is not an e-mail address", email)
			}
			if a.Err != nil && !isRefusal(a.Err) {
				return a.Err
			}
			out = append(out, a)
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = invalid(op, "the list names nobody; write addresses with commas between them")
	}
	return out, err
}

// splitEmails cuts a list at commas, semicolons and line ends; each address once.
func splitEmails(list string) []string {
	var out []string
	seen := map[string]bool{}
	for _, part := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' }) {
		email := strings.TrimSpace(part)
		if email != "" && !seen[foldEmail(email)] {
			seen[foldEmail(email)] = true
			out = append(out, email)
		}
	}
	return out
}

func (t *txn) userByEmail(email string) (User, error) {
	var r personRow
	_, err := t.find(&r, `SELECT `+personColumns+` FROM helpdesk_user u WHERE u.email_fold = ?`, foldEmail(email))
	return r.user(), err
}

// join puts a user into an organization, and reports whether that was new.
func (s *Store) join(t *txn, op string, user User, organization int64) (bool, error) {
	var in []namedRow
	const q = `SELECT ` + namedColumns + ` FROM membership m JOIN organization o ON o.id = m.organization_id WHERE m.user_id = ?`
	if err := t.list(&in, q, user.ID); err != nil {
		return false, err
	}
	for _, o := range in {
		if o.ID == organization {
			return false, nil
		}
	}
	if len(in) >= s.opt.MaxMemberships && s.opt.MaxMemberships == 1 {
		return false, invalid(op, "%s is in %s already, and this store keeps one organization per user: take the user out first, or switch multi-organization mode on", user.label(), in[0].named())
	}
	if len(in) >= s.opt.MaxMemberships {
		return false, invalid(op, full, user.label(), len(in))
	}
	_, err := t.change("membership", `INSERT INTO membership (user_id, organization_id) VALUES (?, ?)`, user.ID, organization)
	return err == nil, err
}
