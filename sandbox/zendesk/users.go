package zendesk

import (
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

func (s *Sandbox) showUser(c *call) func(*account.User) any {
	return func(u *account.User) any { return s.user(c, u) }
}

func (s *Sandbox) fewUsers(c *call, users []*account.User) listing {
	return several("users", users, func(u *account.User) int64 { return u.ID }, s.showUser(c))
}

func (s *Sandbox) oneUser(c *call, status int, u *account.User) reply {
	return jsonReply(status, map[string]any{"user": s.user(c, u)})
}

// ofUser finds the user that the path names.
func (s *Sandbox) ofUser(c *call, do func(*account.User) reply) reply {
	u := s.account.User(c.id(0))
	if u == nil {
		return notFound()
	}
	return do(u)
}

// me answers nobody too: never a probe of credentials (reference §2).
func (s *Sandbox) me(c *call) reply {
	if c.who == nil {
		anonymous := user{Name: "Anonymous user", Role: account.EndUser, TimeZone: "UTC", Locale: "en-US", Tags: []string{}, Fields: map[string]any{}}
		return ok(map[string]any{"user": anonymous})
	}
	return s.oneUser(c, http.StatusOK, c.who)
}

func (s *Sandbox) getUser(c *call) reply {
	return s.ofUser(c, func(u *account.User) reply { return s.oneUser(c, http.StatusOK, u) })
}

// roles are those a list is narrowed to; none is all.
func (c *call) roles() []string { return append(c.words("role"), c.query["role[]"]...) }

func (s *Sandbox) listUsers(c *call) reply {
	if roles := c.roles(); len(roles) > 0 {
		return s.list(c, s.fewUsers(c, s.withRole(roles)))
	}
	show := s.showUser(c)
	return s.list(c, listing{
		key:   "users",
		count: func() int { return s.account.Counts().Users },
		byID: func(after int64) iter.Seq2[int64, func() any] {
			return func(yield func(int64, func() any) bool) {
				for u := range s.account.Users(after) {
					if !yield(u.ID, func() any { return show(u) }) {
						return
					}
				}
			}
		},
		slice: func(from, to int) []any {
			var rows []any
			at := 0
			for u := range s.account.Users(0) {
				if at++; at > to {
					break
				}
				if at > from {
					rows = append(rows, show(u))
				}
			}
			return append([]any{}, rows...)
		},
	})
}

func (s *Sandbox) withRole(roles []string) []*account.User {
	var out []*account.User
	for u := range s.account.Users(0) {
		if slices.Contains(roles, string(u.Role)) {
			out = append(out, u)
		}
	}
	return out
}

func (s *Sandbox) countUsers(c *call) reply {
	if roles := c.roles(); len(roles) > 0 {
		return s.count(len(s.withRole(roles)))
	}
	return s.count(s.account.Counts().Users)
}

func (s *Sandbox) showUsers(c *call) reply {
	ids, refused := c.idList()
	if refused != nil {
		return *refused
	}
	external, refused := c.textList("external_ids")
	if refused != nil {
		return *refused
	}
	if len(ids)+len(external) == 0 {
		return parameterMissing("ids")
	}
	rows := shown(s.account.PickUsers(ids, external), s.showUser(c))
	c.items = len(rows)
	return ok(map[string]any{"users": rows, "next_page": nil, "previous_page": nil, "count": len(rows)})
}

// searchUsers finds by external id at once, and by address as the index has it.
func (s *Sandbox) searchUsers(c *call) reply {
	external, query := c.query.Get("external_id"), c.query.Get("query")
	if (external == "") == (query == "") {
		return parameterMissing("query")
	}
	if external != "" {
		return s.list(c, s.fewUsers(c, s.account.PickUsers(nil, []string{external})))
	}
	var found []*account.User
	email := strings.Trim(strings.TrimPrefix(strings.TrimSpace(query), "email:"), `"`)
	if u := s.account.UserByEmail(email); u != nil && s.account.Indexed(u.Updated) {
		found = append(found, u)
	}
	return s.list(c, s.fewUsers(c, found))
}

func (s *Sandbox) createUser(c *call) reply {
	p, refused := c.object("user")
	if refused != nil {
		return *refused
	}
	return s.makeUser(c, p)
}

func (s *Sandbox) makeUser(c *call, p account.Patch) reply {
	c.items = 1
	u, dropped, err := s.account.CreateUser(p)
	c.dropped = append(c.dropped, dropped...)
	if err != nil {
		return refused(err)
	}
	return s.oneUser(c, http.StatusCreated, u).with("Location", c.base+prefix+"users/"+itoa(u.ID)+".json")
}

func (s *Sandbox) updateUser(c *call) reply {
	return s.ofUser(c, func(u *account.User) reply {
		p, refused := c.object("user")
		if refused != nil {
			return *refused
		}
		return s.changeUser(c, u, p)
	})
}

func (s *Sandbox) changeUser(c *call, u *account.User, p account.Patch) reply {
	c.items = 1
	dropped, err := s.account.UpdateUser(u, p)
	c.dropped = append(c.dropped, dropped...)
	if err != nil {
		return refused(err)
	}
	return s.oneUser(c, http.StatusOK, u)
}

func (s *Sandbox) upsertUser(c *call) reply {
	p, refusal := c.object("user")
	if refusal != nil {
		return *refusal
	}
	u, err := s.account.MatchUser(p)
	switch {
	case err != nil:
		return refused(err)
	case u == nil:
		return s.makeUser(c, p)
	}
	return s.changeUser(c, u, p)
}

func (s *Sandbox) organizationsOf(c *call) reply {
	return s.ofUser(c, func(u *account.User) reply {
		var found []*account.Organization
		for _, m := range u.Memberships() {
			found = append(found, m.Organization)
		}
		return s.list(c, s.few(c, found))
	})
}
