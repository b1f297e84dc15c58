package sqldesk

import (
	"errors"

	"github.com/desksync/desksync/internal/fault"
)

// Role is what a user may do in the helpdesk.
type Role string

// The roles.
const (
	EndUser Role = "end_user"
	Agent   Role = "agent"
	Admin   Role = "admin"
)

// sparedError says why a user is left alone by every sync.
type sparedError struct{ why string }

func (e sparedError) Error() string { return e.why + "; a sync never writes such a user" }

// spared reports why a user is never written by Apply, if that is so: the helpdesk's
// own people, and whoever someone suspended.
func (s *Store) spared(u *contactRow) error {
	switch {
	case u.Role == Agent || u.Role == Admin:
		return spare("user " + u.label() + " is an " + string(u.Role))
	case u.Suspended:
		return spare("user " + u.label() + " is suspended")
	case s.own[domainOf(u.Email)]:
		return spare("the address " + u.Email + " is of the helpdesk's own domain " + domainOf(u.Email))
	}
	return nil
}

// label names a user for people.
func (u *contactRow) label() string {
	if u.Email != "" {
		return u.Email
	}
	return idText(u.ID)
}

func spare(why string) error {
	return &fault.Error{Op: "sqldesk.apply", Kind: fault.Unsupported, Err: sparedError{why}}
}

func isSpared(err error) bool {
	_, ok := errors.AsType[sparedError](err)
	return ok
}
