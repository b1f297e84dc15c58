package zendesk

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// Act is one thing a person does in the helpdesk.
type Act struct {
	Do     string        `json:"do"` // create, update, delete, add_tags, remove_tags, touch
	ID     int64         `json:"id,omitempty"`
	Kind   string        `json:"kind,omitempty"` // organization, user, membership
	Fields account.Patch `json:"fields,omitempty"`
	Tags   []string      `json:"tags,omitempty"`
	Count  int           `json:"count,omitempty"` // touch: so many organizations at once, from ID on
}

func (s *Sandbox) adminDo(r *http.Request) (any, error) {
	var a Act
	if err := readJSON(r, &a); err != nil {
		return nil, err
	}
	id, err := s.act(a)
	return map[string]int64{"id": id}, err
}

// act does it outside all limits and the log, as a person in the browser would.
func (s *Sandbox) act(a Act) (int64, error) {
	switch a.Kind + " " + a.Do {
	case " create", "organization create":
		o, _, err := s.account.CreateOrganization(a.Fields)
		return idOf(o, err)
	case "user create":
		u, _, err := s.account.CreateUser(a.Fields)
		if err != nil {
			return 0, err
		}
		return u.ID, nil
	case "user update":
		return s.actOnUser(a)
	case "membership create":
		m, err := s.account.CreateMembership(a.Fields)
		if err != nil {
			return 0, err
		}
		return m.ID, nil
	case "membership delete":
		m := s.account.Membership(a.ID)
		if m == nil {
			return 0, errors.New("there is no such membership")
		}
		s.account.DeleteMembership(m)
		return a.ID, nil
	}
	return s.actOnOrganization(a)
}

func idOf(o *account.Organization, err *account.Problem) (int64, error) {
	if err != nil {
		return 0, err
	}
	return o.ID, nil
}

func (s *Sandbox) actOnUser(a Act) (int64, error) {
	u := s.account.User(a.ID)
	if u == nil {
		return 0, errors.New("there is no such user")
	}
	if _, err := s.account.UpdateUser(u, a.Fields); err != nil {
		return 0, err
	}
	return a.ID, nil
}

func (s *Sandbox) actOnOrganization(a Act) (int64, error) {
	o := s.account.Organization(a.ID)
	if o == nil {
		return 0, errors.New("there is no such organization")
	}
	var err *account.Problem
	switch a.Do {
	case "update":
		_, err = s.account.UpdateOrganization(o, a.Fields)
	case "delete":
		err = s.account.DeleteOrganization(o)
	case "add_tags":
		s.account.AddTags(o, a.Tags)
	case "remove_tags":
		s.account.RemoveTags(o, a.Tags)
	case "touch":
		err = s.touch(a)
	default:
		return 0, fmt.Errorf("there is no %q: create, update, delete, add_tags, remove_tags, touch", a.Do)
	}
	if err != nil {
		return 0, err
	}
	return a.ID, nil
}

// touch writes the same to many organizations within one second, as a bulk edit does.
func (s *Sandbox) touch(a Act) *account.Problem {
	left := max(1, a.Count)
	for o := range s.account.Organizations(a.ID - 1) {
		if left--; left < 0 {
			return nil
		}
		if _, err := s.account.UpdateOrganization(o, a.Fields); err != nil {
			return err
		}
	}
	return nil
}
