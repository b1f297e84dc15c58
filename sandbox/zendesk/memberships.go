package zendesk

import (
	"encoding/json"
	"iter"
	"net/http"
	"strings"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

func (s *Sandbox) showMembership(c *call) func(*account.Membership) any {
	return func(m *account.Membership) any { return s.membership(c, m) }
}

func (s *Sandbox) fewMemberships(c *call, all []*account.Membership) listing {
	return several("organization_memberships", all, func(m *account.Membership) int64 { return m.ID }, s.showMembership(c))
}

func (s *Sandbox) listMemberships(c *call) reply {
	show := s.showMembership(c)
	return s.list(c, listing{
		key:   "organization_memberships",
		count: func() int { return s.account.Counts().Memberships },
		byID: func(after int64) iter.Seq2[int64, func() any] {
			return func(yield func(int64, func() any) bool) {
				for m := range s.account.Memberships(after) {
					if !yield(m.ID, func() any { return show(m) }) {
						return
					}
				}
			}
		},
		slice: func(from, to int) []any {
			rows, at := []any{}, 0
			for m := range s.account.Memberships(0) {
				if at++; at > to {
					break
				}
				if at > from {
					rows = append(rows, show(m))
				}
			}
			return rows
		},
	})
}

func (s *Sandbox) membershipsOfUser(c *call) reply {
	return s.ofUser(c, func(u *account.User) reply { return s.list(c, s.fewMemberships(c, u.Memberships())) })
}

func (s *Sandbox) membershipsOfOrganization(c *call) reply {
	return s.of(c, func(o *account.Organization) reply { return s.list(c, s.fewMemberships(c, o.Members())) })
}

// createMembership refuses the plural as the vendor does: more than one value.
func (s *Sandbox) createMembership(c *call) reply {
	whole, refusal := c.whole()
	if refusal != nil {
		return *refusal
	}
	if raw := strings.TrimSpace(string(whole["organization_memberships"])); strings.HasPrefix(raw, "[") {
		return tooMany(1)
	}
	p, refusal := c.object("organization_membership")
	if refusal != nil {
		return *refusal
	}
	c.items = 1
	m, err := s.account.CreateMembership(p)
	if err != nil {
		return refused(err)
	}
	out := s.membership(c, m)
	return jsonReply(http.StatusCreated, map[string]any{"organization_membership": out}).with("Location", out.URL)
}

func (s *Sandbox) createMemberships(c *call) reply {
	batch, refused := c.objects("organization_memberships")
	if refused != nil {
		return *refused
	}
	return s.submit(c, account.Work{
		Type: "Bulk Create OrganizationMembership", Class: "OrganizationMembershipBulkCreateJob", Verb: "Creating organization membership",
		Pace: account.Creating, Total: len(batch),
		Run: func(i int) any {
			m, err := s.account.CreateMembership(batch[i])
			if err != nil {
				return failed{Index: i, Error: "OrganizationMembershipCreateFailed", Details: err.Error()}
			}
			return made{"Created", m.ID}
		},
	})
}

func (s *Sandbox) deleteMemberships(c *call) reply {
	ids, refused := c.idList()
	if refused != nil {
		return *refused
	}
	if len(ids) == 0 {
		return parameterMissing("ids")
	}
	return s.submit(c, account.Work{
		Type: "Bulk Delete OrganizationMembership", Class: "OrganizationMembershipBulkDeleteJob", Verb: "Deleting organization membership",
		Pace: account.Deleting, Total: len(ids),
		Run: func(i int) any {
			m := s.account.Membership(ids[i])
			if m == nil {
				return failed{Index: i, Error: "RecordNotFound", ID: ids[i], Details: "Not found"}
			}
			s.account.DeleteMembership(m)
			return changed{"delete", ids[i], "Deleted", true}
		},
	})
}

// ofMembership finds the membership that the path names.
func (s *Sandbox) ofMembership(c *call, do func(*account.Membership) reply) reply {
	m := s.account.Membership(c.id(0))
	if m == nil {
		return notFound()
	}
	return do(m)
}

func (s *Sandbox) getMembership(c *call) reply {
	return s.ofMembership(c, func(m *account.Membership) reply {
		return ok(map[string]any{"organization_membership": s.membership(c, m)})
	})
}

func (s *Sandbox) deleteMembership(c *call) reply {
	return s.ofMembership(c, func(m *account.Membership) reply {
		c.items = 1
		s.account.DeleteMembership(m)
		return noContent()
	})
}

// makeDefault answers with all memberships of the user.
func (s *Sandbox) makeDefault(c *call) reply {
	return s.ofUser(c, func(u *account.User) reply {
		m := s.account.Membership(c.id(1))
		if m == nil || m.User != u {
			return notFound()
		}
		c.items = 1
		s.account.MakeDefault(m)
		return s.list(c, s.fewMemberships(c, u.Memberships()))
	})
}

// ofPair finds the membership of the user and the organization that the path names.
func (s *Sandbox) ofPair(c *call, do func(*account.Membership) reply) reply {
	u, o := s.account.User(c.id(0)), s.account.Organization(c.id(1))
	if u == nil || o == nil || u.MemberOf(o) == nil {
		return notFound()
	}
	c.items = 1
	return do(u.MemberOf(o))
}

func (s *Sandbox) makeDefaultOrganization(c *call) reply {
	return s.ofPair(c, func(m *account.Membership) reply {
		s.account.MakeDefault(m)
		return ok(json.RawMessage(`{}`))
	})
}

func (s *Sandbox) leaveOrganization(c *call) reply {
	return s.ofPair(c, func(m *account.Membership) reply {
		s.account.DeleteMembership(m)
		return noContent()
	})
}
