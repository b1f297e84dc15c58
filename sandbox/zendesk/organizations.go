package zendesk

import (
	"iter"
	"net/http"
	"slices"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

func (s *Sandbox) one(c *call, status int, o *account.Organization) reply {
	return jsonReply(status, map[string]any{"organization": s.organization(c, o)})
}

func (s *Sandbox) showOrganization(c *call) func(*account.Organization) any {
	return func(o *account.Organization) any { return s.organization(c, o) }
}

// few are some organizations, in the order given.
func (s *Sandbox) few(c *call, all []*account.Organization) listing {
	return several("organizations", all, func(o *account.Organization) int64 { return o.ID }, s.showOrganization(c))
}

func (s *Sandbox) listOrganizations(c *call) reply {
	show := s.showOrganization(c)
	return s.list(c, listing{
		key:   "organizations",
		count: func() int { return s.account.Counts().Organizations },
		byID: func(after int64) iter.Seq2[int64, func() any] {
			return func(yield func(int64, func() any) bool) {
				for o := range s.account.Organizations(after) {
					if !yield(o.ID, func() any { return show(o) }) {
						return
					}
				}
			}
		},
		slice: func(from, to int) []any { return shown(s.account.OrganizationsByNameOrder()[from:to], show) },
	})
}

func (s *Sandbox) count(n int) reply {
	return ok(map[string]any{"count": map[string]any{"value": n, "refreshed_at": stamp(s.account.At().Unix())}})
}

func (s *Sandbox) countOrganizations(*call) reply {
	return s.count(s.account.Counts().Organizations)
}

func (s *Sandbox) showOrganizations(c *call) reply {
	found, refused := s.pick(c)
	if refused != nil {
		return *refused
	}
	rows := shown(found, s.showOrganization(c))
	c.items = len(rows)
	return ok(map[string]any{"organizations": rows, "next_page": nil, "previous_page": nil, "count": len(rows)})
}

// pick finds the organizations that ids or external_ids name; one of the two is required.
func (s *Sandbox) pick(c *call) ([]*account.Organization, *reply) {
	ids, refused := c.idList()
	if refused != nil {
		return nil, refused
	}
	external, refused := c.textList("external_ids")
	if refused != nil {
		return nil, refused
	}
	if len(ids)+len(external) == 0 || len(ids)*len(external) > 0 {
		r := parameterMissing("ids")
		return nil, &r
	}
	return s.account.Pick(ids, external), nil
}

// searchOrganizations finds by external id or by name, exactly, letter case aside.
func (s *Sandbox) searchOrganizations(c *call) reply {
	external, name := c.query.Get("external_id"), c.query.Get("name")
	if (external == "") == (name == "") {
		return parameterMissing("external_id")
	}
	found := s.account.OrganizationsByName(name)
	if name == "" {
		found = s.account.Pick(nil, []string{external})
	}
	return s.list(c, s.few(c, found))
}

func (s *Sandbox) autocomplete(c *call) reply {
	if len([]rune(c.query.Get("name"))) < 2 {
		return parameterMissing("name")
	}
	return s.list(c, s.few(c, s.account.Complete(c.query.Get("name"), 100)))
}

// of finds the organization that the path names; most calls need it.
func (s *Sandbox) of(c *call, do func(*account.Organization) reply) reply {
	o := s.account.Organization(c.id(0))
	if o == nil {
		return notFound()
	}
	return do(o)
}

func (s *Sandbox) getOrganization(c *call) reply {
	return s.of(c, func(o *account.Organization) reply { return s.one(c, http.StatusOK, o) })
}

func (s *Sandbox) createOrganization(c *call) reply {
	p, refused := c.object("organization")
	if refused != nil {
		return *refused
	}
	return s.create(c, p)
}

func (s *Sandbox) create(c *call, p account.Patch) reply {
	c.items = 1
	o, dropped, err := s.account.CreateOrganization(p)
	c.dropped = append(c.dropped, dropped...)
	if err != nil {
		return refused(err)
	}
	return s.one(c, http.StatusCreated, o).with("Location", c.base+prefix+"organizations/"+itoa(o.ID)+".json")
}

func (s *Sandbox) updateOrganization(c *call) reply {
	return s.of(c, func(o *account.Organization) reply {
		p, refused := c.object("organization")
		if refused != nil {
			return *refused
		}
		return s.update(c, o, p)
	})
}

func (s *Sandbox) update(c *call, o *account.Organization, p account.Patch) reply {
	c.items = 1
	if c.who.Role == account.Agent {
		p = onlyNotes(p)
	}
	dropped, err := s.account.UpdateOrganization(o, p)
	c.dropped = append(c.dropped, dropped...)
	if err != nil {
		return refused(err)
	}
	return s.one(c, http.StatusOK, o)
}

// onlyNotes is all that agents may change (reference §5).
func onlyNotes(p account.Patch) account.Patch {
	out := account.Patch{}
	if notes, named := p["notes"]; named {
		out["notes"] = notes
	}
	return out
}

// upsertOrganization matches by id or external id, never by name.
func (s *Sandbox) upsertOrganization(c *call) reply {
	p, refusal := c.object("organization")
	if refusal != nil {
		return *refusal
	}
	id, err := p.ID("id")
	if err != nil {
		return refused(err)
	}
	delete(p, "id")
	external, err := p.Text("external_id")
	if err != nil {
		return refused(err)
	}
	o := s.account.Organization(id)
	if o == nil && external != "" {
		o = s.account.OrganizationByExternalID(external)
	}
	switch {
	case o == nil && id != 0:
		return notFound()
	case o == nil:
		return s.create(c, p)
	}
	if a, over := s.upsertLimit(c, o.ID); over {
		return a
	}
	return s.update(c, o, p)
}

// upsertLimit counts an upsert as an update of its organization, where the setting says so.
func (s *Sandbox) upsertLimit(c *call, id int64) (reply, bool) {
	if !s.settings.UpsertCounts {
		return reply{}, false
	}
	state, within := s.limits.take(perOrg.name+":"+itoa(id), perOrg.total, perOrg.per, s.account.At())
	state.name = perOrg.name
	c.limits = append(c.limits, state)
	return over(jsonReply(http.StatusTooManyRequests, coded("TooManyRequests", "Too many requests to update")), state), !within
}

func (s *Sandbox) deleteOrganization(c *call) reply {
	return s.of(c, func(o *account.Organization) reply {
		c.items = 1
		if err := s.account.DeleteOrganization(o); err != nil {
			return refused(err)
		}
		return noContent()
	})
}

func (s *Sandbox) related(c *call) reply {
	return s.of(c, func(o *account.Organization) reply {
		return ok(map[string]any{"organization_related": map[string]int{"tickets_count": len(s.account.TicketsOf(o.ID)), "users_count": len(o.Members())}})
	})
}

func (s *Sandbox) usersOf(c *call) reply {
	return s.of(c, func(o *account.Organization) reply {
		var users []*account.User
		for _, m := range o.Members() {
			users = append(users, m.User)
		}
		return s.list(c, s.fewUsers(c, users))
	})
}

// tagged answers a call on the tags of an organization, after it had its way with them.
func (s *Sandbox) tagged(c *call, status int, do func(*account.Organization, []string)) reply {
	return s.of(c, func(o *account.Organization) reply {
		p, refusal := c.whole()
		if refusal != nil {
			return *refusal
		}
		tags, err := p.Words("tags")
		if err != nil {
			return refused(err)
		}
		c.items = 1
		do(o, tags)
		return jsonReply(status, map[string]any{"tags": s.shuffled(o)})
	})
}

func (s *Sandbox) getTags(c *call) reply {
	return s.of(c, func(o *account.Organization) reply { return ok(map[string]any{"tags": s.shuffled(o)}) })
}

// shuffled are the tags of an organization in an order that is not that of the list, as
// the vendor's is not stable.
func (s *Sandbox) shuffled(o *account.Organization) []string {
	out := slices.Clone(list(o.Tags))
	slices.Reverse(out)
	return out
}

func (s *Sandbox) setTags(c *call) reply {
	return s.tagged(c, http.StatusCreated, s.account.SetTags)
}

func (s *Sandbox) addTags(c *call) reply { return s.tagged(c, http.StatusOK, s.account.AddTags) }

func (s *Sandbox) removeTags(c *call) reply { return s.tagged(c, http.StatusOK, s.account.RemoveTags) }
