package zendesk

import (
	"net/http"
	"slices"
	"strings"
)

// route is one call the API has.
type route struct {
	method    string
	path      string // below /api/v2; a part that begins with a colon is an id
	query     string // the parameters it knows
	do        func(*Sandbox, *call) reply
	admin     bool // administrators only
	anonymous bool // nobody need be logged in
	limits    []limit
	segments  []string
}

const paging = "page per_page page[size] page[after] page[before] sort sort_by sort_order "

func get(path, query string, do func(*Sandbox, *call) reply) route {
	return route{method: http.MethodGet, path: path, query: query, do: do}
}

func post(path string, do func(*Sandbox, *call) reply) route {
	return route{method: http.MethodPost, path: path, do: do}
}

func put(path, query string, do func(*Sandbox, *call) reply) route {
	return route{method: http.MethodPut, path: path, query: query, do: do}
}

func del(path, query string, do func(*Sandbox, *call) reply) route {
	return route{method: http.MethodDelete, path: path, query: query, do: do}
}

func (r route) forAdmins() route { r.admin = true; return r }

func (r route) forAnybody() route { r.anonymous = true; return r }

func (r route) limited(l ...limit) route { r.limits = l; return r }

// routes are all calls, words before ids.
var routes = slices.Concat(organizationRoutes(), userRoutes(), membershipRoutes(), otherRoutes())

// find returns the route of a call, or nil, and notes the ids of the path.
func find(c *call) *route {
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(c.path, prefix), "/"), "/")
	for i := range routes {
		if ids, fits := routes[i].match(c.method, parts); fits {
			c.ids = ids
			return &routes[i]
		}
	}
	return nil
}

func (r *route) match(method string, parts []string) (ids []string, fits bool) {
	if method != r.method || len(parts) != len(r.segments) {
		return nil, false
	}
	for i, s := range r.segments {
		switch {
		case s[0] == ':':
			if s != ":key" && strings.Trim(parts[i], "0123456789") != "" || parts[i] == "" {
				return nil, false
			}
			ids = append(ids, parts[i])
		case s != parts[i]:
			return nil, false
		}
	}
	return ids, true
}

// checkQuery refuses parameters the call does not know.
func (s *Sandbox) checkQuery(c *call) (reply, bool) {
	known := strings.Fields(c.route.query)
	for name := range c.query {
		if !slices.Contains(known, name) {
			return invalidAttribute(name), true
		}
	}
	return reply{}, false
}

// split prepares the paths of routes.
func split(list ...route) []route {
	for i := range list {
		list[i].segments = strings.Split(list[i].path, "/")
	}
	return list
}

func organizationRoutes() []route {
	return split(
		get("organizations", paging, (*Sandbox).listOrganizations),
		get("organizations/count", "", (*Sandbox).countOrganizations),
		get("organizations/show_many", "ids external_ids", (*Sandbox).showOrganizations),
		get("organizations/search", "external_id name "+paging, (*Sandbox).searchOrganizations),
		get("organizations/autocomplete", "name "+paging, (*Sandbox).autocomplete),
		post("organizations", (*Sandbox).createOrganization),
		post("organizations/create_or_update", (*Sandbox).upsertOrganization),
		post("organizations/create_many", (*Sandbox).createOrganizations),
		put("organizations/update_many", "ids external_ids", (*Sandbox).updateOrganizations),
		del("organizations/destroy_many", "ids external_ids", (*Sandbox).deleteOrganizations),
		get("organizations/:id", "", (*Sandbox).getOrganization),
		put("organizations/:id", "", (*Sandbox).updateOrganization).limited(perOrg),
		del("organizations/:id", "", (*Sandbox).deleteOrganization),
		get("organizations/:id/related", "", (*Sandbox).related),
		get("organizations/:id/tags", "", (*Sandbox).getTags),
		post("organizations/:id/tags", (*Sandbox).setTags),
		put("organizations/:id/tags", "", (*Sandbox).addTags),
		del("organizations/:id/tags", "", (*Sandbox).removeTags),
		post("organizations/:id/merge", (*Sandbox).merge).forAdmins(),
		get("organizations/:id/merges", paging, (*Sandbox).mergesOf).forAdmins(),
		get("organization_merges/:key", "", (*Sandbox).getMerge).forAdmins(),
		get("organizations/:id/users", paging, (*Sandbox).usersOf),
		get("organizations/:id/tickets", paging, (*Sandbox).ticketsOf),
		get("incremental/organizations", "start_time per_page", (*Sandbox).exportOrganizations).forAdmins().limited(exports),
		get("organization_fields", paging, (*Sandbox).listFields),
		post("organization_fields", (*Sandbox).createField).forAdmins(),
		put("organization_fields/reorder", "", (*Sandbox).reorderFields).forAdmins(),
		get("organization_fields/:key", "", (*Sandbox).getField),
		put("organization_fields/:key", "", (*Sandbox).updateField).forAdmins(),
		del("organization_fields/:key", "", (*Sandbox).deleteField).forAdmins(),
	)
}

func userRoutes() []route {
	return split(
		get("users/me", "", (*Sandbox).me).forAnybody(),
		get("users", "role role[] "+paging, (*Sandbox).listUsers),
		get("users/count", "role role[]", (*Sandbox).countUsers),
		get("users/show_many", "ids external_ids", (*Sandbox).showUsers),
		get("users/search", "query external_id "+paging, (*Sandbox).searchUsers),
		post("users", (*Sandbox).createUser),
		post("users/create_or_update", (*Sandbox).upsertUser).limited(userWrites),
		post("users/create_many", (*Sandbox).createUsers),
		post("users/create_or_update_many", (*Sandbox).upsertUsers),
		put("users/update_many", "ids external_ids", (*Sandbox).updateUsers),
		get("users/:id", "", (*Sandbox).getUser),
		put("users/:id", "", (*Sandbox).updateUser).limited(userWrites, perUser),
		get("users/:id/organizations", paging, (*Sandbox).organizationsOf),
		get("users/:id/identities", paging, (*Sandbox).identities),
		post("users/:id/identities", (*Sandbox).addIdentity),
		get("users/:id/identities/:id", "", (*Sandbox).getIdentity),
		put("users/:id/identities/:id", "", (*Sandbox).updateIdentity),
		put("users/:id/identities/:id/make_primary", "", (*Sandbox).makePrimary),
		put("users/:id/identities/:id/verify", "", (*Sandbox).verifyIdentity),
		del("users/:id/identities/:id", "", (*Sandbox).deleteIdentity),
		get("incremental/users", "start_time per_page", (*Sandbox).exportUsers).forAdmins().limited(exports),
		get("incremental/users/cursor", "start_time cursor per_page", (*Sandbox).exportUsersByCursor).forAdmins().limited(exports),
	)
}

func membershipRoutes() []route {
	return split(
		get("organization_memberships", paging, (*Sandbox).listMemberships),
		post("organization_memberships", (*Sandbox).createMembership),
		post("organization_memberships/create_many", (*Sandbox).createMemberships),
		del("organization_memberships/destroy_many", "ids", (*Sandbox).deleteMemberships),
		get("organization_memberships/:id", "", (*Sandbox).getMembership),
		del("organization_memberships/:id", "", (*Sandbox).deleteMembership),
		get("users/:id/organization_memberships", paging, (*Sandbox).membershipsOfUser),
		get("organizations/:id/organization_memberships", paging, (*Sandbox).membershipsOfOrganization),
		put("users/:id/organization_memberships/:id/make_default", "", (*Sandbox).makeDefault),
		put("users/:id/organizations/:id/make_default", "", (*Sandbox).makeDefaultOrganization),
		del("users/:id/organizations/:id", "", (*Sandbox).leaveOrganization),
	)
}

func otherRoutes() []route {
	return split(
		get("job_statuses", paging, (*Sandbox).listJobs),
		get("job_statuses/show_many", "ids", (*Sandbox).showJobs),
		get("job_statuses/:key", "", (*Sandbox).getJob),
		get("slas/policies", paging, (*Sandbox).listPolicies).forAdmins(),
		post("slas/policies", (*Sandbox).createPolicy).forAdmins(),
		get("slas/policies/definitions", "", (*Sandbox).definitions).forAdmins(),
		put("slas/policies/reorder", "", (*Sandbox).reorderPolicies).forAdmins(),
		get("slas/policies/:id", "", (*Sandbox).getPolicy).forAdmins(),
		put("slas/policies/:id", "", (*Sandbox).updatePolicy).forAdmins(),
		del("slas/policies/:id", "", (*Sandbox).deletePolicy).forAdmins(),
		get("tickets", paging, (*Sandbox).listTickets),
		post("tickets", (*Sandbox).createTicket),
		get("tickets/:id", "", (*Sandbox).getTicket),
		put("tickets/:id", "", (*Sandbox).updateTicket),
		get("search", "query "+paging, (*Sandbox).search),
	)
}
