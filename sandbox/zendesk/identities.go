package zendesk

import (
	"net/http"
	"slices"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// identity is an address of a user as replies show it.
type identity struct {
	URL       string `json:"url"`
	ID        int64  `json:"id"`
	UserID    int64  `json:"user_id"`
	Type      string `json:"type"`
	Value     string `json:"value"`
	Verified  bool   `json:"verified"`
	Primary   bool   `json:"primary"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
}

func (s *Sandbox) identity(c *call, u *account.User, i account.Identity) identity {
	return identity{
		URL: s.url(c, "users/"+itoa(u.ID)+"/identities/"+itoa(i.ID)), ID: i.ID, UserID: u.ID, Type: "email", Value: i.Value, Verified: i.Verified,
		Primary: i.Primary, CreatedAt: stamp(i.Created), UpdatedAt: stamp(u.Updated),
	}
}

func (s *Sandbox) identities(c *call) reply {
	return s.ofUser(c, func(u *account.User) reply {
		show := func(i account.Identity) any { return s.identity(c, u, i) }
		return s.list(c, several("identities", u.Identities(), func(i account.Identity) int64 { return i.ID }, show))
	})
}

// ofIdentity lets do work on an identity of the path, then shows it.
func (s *Sandbox) ofIdentity(c *call, do func(*account.User, int64) *account.Problem) reply {
	return s.ofUser(c, func(u *account.User) reply {
		if err := do(u, c.id(1)); err != nil {
			return refused(err)
		}
		i := slices.IndexFunc(u.Identities(), func(i account.Identity) bool { return i.ID == c.id(1) })
		if i < 0 {
			return notFound()
		}
		return ok(map[string]any{"identity": s.identity(c, u, u.Identities()[i])})
	})
}

func (s *Sandbox) getIdentity(c *call) reply {
	return s.ofIdentity(c, func(*account.User, int64) *account.Problem { return nil })
}

func (s *Sandbox) addIdentity(c *call) reply {
	return s.ofUser(c, func(u *account.User) reply {
		p, refusal := c.object("identity")
		if refusal != nil {
			return *refusal
		}
		made, err := s.account.AddIdentity(u, p)
		if err != nil {
			return refused(err)
		}
		made.Primary = made.Value == u.Email
		out := s.identity(c, u, made)
		return jsonReply(http.StatusCreated, map[string]any{"identity": out}).with("Location", out.URL)
	})
}

func (s *Sandbox) updateIdentity(c *call) reply {
	p, refusal := c.object("identity")
	if refusal != nil {
		return *refusal
	}
	return s.ofIdentity(c, func(u *account.User, id int64) *account.Problem {
		verified, err := p.Flag("verified")
		if _, named := p["verified"]; !named || err != nil {
			return err
		}
		return s.account.VerifyIdentity(u, id, verified)
	})
}

func (s *Sandbox) verifyIdentity(c *call) reply {
	return s.ofIdentity(c, func(u *account.User, id int64) *account.Problem { return s.account.VerifyIdentity(u, id, true) })
}

// makePrimary answers with all identities of the user.
func (s *Sandbox) makePrimary(c *call) reply {
	return s.ofUser(c, func(u *account.User) reply {
		if err := s.account.MakePrimary(u, c.id(1)); err != nil {
			return refused(err)
		}
		return s.identities(c)
	})
}

func (s *Sandbox) deleteIdentity(c *call) reply {
	return s.ofUser(c, func(u *account.User) reply {
		if err := s.account.DropIdentity(u, c.id(1)); err != nil {
			return refused(err)
		}
		return noContent()
	})
}
