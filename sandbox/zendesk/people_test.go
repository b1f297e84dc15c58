package zendesk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

func TestBehaviour12NewUsersJoinTheFirstOrganizationWithTheirDomain(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{MultiOrganizations: true})
	second, first := r.org(`{"name":"Zulu","domain_names":["x.example"]}`), r.org(`{"name":"alpha","domain_names":["X.example"]}`)
	ann := r.user(`{"name":"Ann","email":"Ann@X.example"}`)
	r.want(200, "GET", "users/"+ann, "").has("user.organization_id", idNumber(first)).has("user.email", "ann@x.example")
	r.rules(func(a *account.Rules) { a.JoinAll = true })
	bob := r.user(`{"name":"Bob","email":"bob@x.example"}`)
	got := r.want(200, "GET", "users/"+bob+"/organization_memberships", "").has("count", 2).has("organization_memberships.0.default", true)
	if ids := got.all("organization_memberships", "organization_id"); ids != first+","+second {
		t.Errorf("joined %s", ids)
	}
	eve := r.user(`{"name":"Eve","email":"eve@x.example","organization_id":` + second + `}`)
	r.want(200, "GET", "users/"+eve+"/organization_memberships", "").has("count", 1).has("organization_memberships.0.organization_id", idNumber(second))
}

func TestBehaviour12OnlyVerifiedUsersArePulledIn(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	verified := r.user(`{"name":"V","email":"v@x.example","verified":true}`)
	unverified := r.user(`{"name":"U","email":"u@x.example"}`)
	elsewhere := r.user(`{"name":"E","email":"e@x.example","verified":true,"organization_id":` + r.org(`{"name":"Other"}`) + `}`)
	id := r.org(`{"name":"Acme"}`)
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"domain_names":["x.example"]}}`)
	r.want(200, "GET", "users/"+verified, "").has("user.organization_id", idNumber(id))
	r.want(200, "GET", "users/"+unverified, "").has("user.organization_id", nil)
	if r.want(200, "GET", "users/"+elsewhere, "").at("user.organization_id") == idNumber(id) {
		t.Error("a user of a single-organization account was moved")
	}
	r.want(200, "PUT", "users/"+unverified, `{"user":{"verified":true}}`).has("user.organization_id", idNumber(id))
}

func TestBehaviour12WhoCameByADomainGoesWithIt(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	put := r.user(`{"name":"P","email":"p@x.example"}`) // before anybody had the domain, and not verified
	id := r.org(`{"name":"Acme","domain_names":["x.example","y.example"]}`)
	came := r.user(`{"name":"C","email":"c@x.example"}`)
	r.join(put, id)
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"domain_names":["y.example"]}}`)
	r.want(200, "GET", "users/"+came, "").has("user.organization_id", nil)
	r.want(200, "GET", "users/"+put, "").has("user.organization_id", idNumber(id))
	r.rules(func(a *account.Rules) { a.LeaveWithDomain = false })
	stays := r.user(`{"name":"S","email":"s@y.example"}`)
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"domain_names":[]}}`)
	r.want(200, "GET", "users/"+stays, "").has("user.organization_id", idNumber(id))
}

func TestBehaviour13TheFirstMembershipIsTheDefault(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{MultiOrganizations: true})
	zulu, alpha := r.org(`{"name":"Zulu"}`), r.org(`{"name":"Alpha"}`)
	ann := r.user(`{"name":"Ann"}`)
	first, second := r.join(ann, zulu), r.join(ann, alpha)
	at := "users/" + ann + "/organization_memberships"
	got := r.want(200, "GET", at, "").has("organization_memberships.0.default", true).has("organization_memberships.1.default", nil).
		has("organization_memberships.0.organization_name", "Zulu")
	if ids := got.all("organization_memberships", "id"); ids != first+","+second {
		t.Errorf("order: %s", ids)
	}
	r.want(200, "PUT", at+"/"+second+"/make_default", "")
	r.want(200, "GET", "users/"+ann, "").has("user.organization_id", idNumber(alpha))
	r.want(200, "PUT", "users/"+ann+"/organizations/"+zulu+"/make_default", "")
	r.want(200, "GET", "users/"+ann, "").has("user.organization_id", idNumber(zulu))
	r.want(204, "DELETE", "organization_memberships/"+first, "")
	r.want(200, "GET", "users/"+ann, "").has("user.organization_id", idNumber(alpha))
	r.want(204, "DELETE", "users/"+ann+"/organizations/"+alpha, "")
	r.want(200, "GET", "users/"+ann, "").has("user.organization_id", nil)
	r.want(404, "DELETE", "organization_memberships/"+first, "")
	body := `{"organization_membership":{"user_id":` + ann + `,"organization_id":` + zulu + `,"default":true}}`
	r.want(201, "POST", "organization_memberships", body).has("organization_membership.default", true).has("organization_membership.view_tickets", false)
}

func TestBehaviour13MembershipsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{MultiOrganizations: true})
	acme, ann := r.org(`{"name":"Acme"}`), r.user(`{"name":"Ann"}`)
	r.join(ann, acme)
	create := func(user, organization string) *answer {
		return r.call("POST", "organization_memberships", `{"organization_membership":{"user_id":`+user+`,"organization_id":`+organization+`}}`)
	}
	create(ann, acme).has("error", "RecordInvalid").has("details.user_id.0.error", "DuplicateValue")
	create(ann, "99").has("details.organization.0", map[string]any{"description": "Organization cannot be blank", "error": "BlankValue"})
	create("99", acme).has("error", "RecordNotFound")
	r.want(400, "POST", "organization_memberships", `{"organization_memberships":[{"user_id":1,"organization_id":2}]}`).has("max_count", 1)
	for i := range 299 {
		r.org(fmt.Sprintf(`{"name":"o%d"}`, i))
		r.pass(time.Second)
		r.join(ann, r.want(200, "GET", fmt.Sprintf("organizations/search?name=o%d", i), "").id("organizations.0.id"))
	}
	if a := create(ann, r.org(`{"name":"one too many"}`)); a.status != 422 {
		t.Errorf("the 301st membership: %d", a.status)
	}
}

func TestBehaviour13OneOrganizationIsAllAUserHasOnSmallPlans(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Plan: Team, MultiOrganizations: true})
	ann := r.user(`{"name":"Ann","organization_id":` + r.org(`{"name":"Acme"}`) + `}`)
	body := `{"organization_membership":{"user_id":` + ann + `,"organization_id":` + r.org(`{"name":"Globex"}`) + `}}`
	r.want(422, "POST", "organization_memberships", body)
}

func TestBehaviour13WritingOrganizationIDWipesOtherMemberships(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{MultiOrganizations: true})
	a, b, c := r.org(`{"name":"A"}`), r.org(`{"name":"B"}`), r.org(`{"name":"C"}`)
	ann := r.user(`{"name":"Ann","organization_id":` + a + `}`)
	r.join(ann, b)
	r.want(200, "PUT", "users/"+ann, `{"user":{"organization_id":`+c+`}}`).has("user.organization_id", idNumber(c))
	r.want(200, "GET", "users/"+ann+"/organization_memberships", "").has("count", 1)
	r.pass(time.Second)
	r.want(200, "PUT", "users/"+ann, `{"user":{"organization_id":null}}`).has("user.organization_id", nil)
	r.pass(time.Second)
	r.want(422, "PUT", "users/"+ann, `{"user":{"organization_id":99}}`).has("details.organization.0.error", "BlankValue")
}

func TestBehaviour13MembershipsInBatchesAndLists(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	acme := r.org(`{"name":"Acme"}`)
	ann, bob := r.user(`{"name":"Ann"}`), r.user(`{"name":"Bob"}`)
	body := `{"organization_memberships":[{"user_id":` + ann + `,"organization_id":` + acme + `},{"user_id":` + bob + `,"organization_id":` + acme + `},{"user_id":` + ann + `,"organization_id":7}]}`
	done := r.done("POST", "organization_memberships/create_many", body).has("job_status.results.2.error", "OrganizationMembershipCreateFailed")
	ids := done.id("job_status.results.0.id") + "," + done.id("job_status.results.1.id")
	if got := r.want(200, "GET", "organizations/"+acme+"/organization_memberships?page[size]=1", "").has("meta.has_more", true).all("organization_memberships", "user_id"); got != ann {
		t.Errorf("first page: %s", got)
	}
	if got := r.want(200, "GET", "organization_memberships", "").has("count", 2).all("organization_memberships", "id"); got != ids {
		t.Errorf("all: %s, want %s", got, ids)
	}
	r.want(200, "GET", "organization_memberships?page[size]=100", "").has("meta.has_more", false)
	r.want(200, "GET", "organizations/"+acme+"/users", "").has("count", 2)
	r.want(200, "GET", "users/"+ann+"/organizations", "").has("organizations.0.name", "Acme")
	r.done("DELETE", "organization_memberships/destroy_many?ids="+ids+",5", "").has("job_status.results.0.status", "Deleted").has("job_status.results.2.error", "RecordNotFound")
	r.want(200, "GET", "organization_memberships", "").has("count", 0)
}

func TestUsersAreMadeFoundAndChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	a := r.want(201, "POST", "users", `{"user":{"name":"Ann","email":"ann@x.example","external_id":"AbC","verified":true,"skip_verify_email":true,"odd":1}}`)
	if a.header.Get("X-Zendesk-Api-Warn") != `unpermitted_keys: ["user.odd"]` || !strings.HasSuffix(a.header.Get("Location"), ".json") {
		t.Errorf("headers: %v", a.header)
	}
	ann := a.has("user.role", "end-user").has("user.suspended", false).id("user.id")
	r.want(422, "POST", "users", `{"user":{"name":"Other","email":"ANN@x.example"}}`).has("details.email.0.error", "DuplicateValue")
	r.want(422, "POST", "users", `{"user":{"name":"Other","external_id":"aBC"}}`).has("details.external_id.0.error", "DuplicateValue")
	r.want(422, "POST", "users", `{"user":{"name":"Other","email":"nonsense"}}`)
	r.want(200, "GET", "users/search?external_id=abc", "").has("users.0.name", "Ann")
	r.want(200, "GET", "users/search?query=email:ann@x.example", "").has("count", 0)
	r.pass(3 * time.Minute)
	r.want(200, "GET", "users/search?query=email:ann@x.example", "").has("count", 1)
	r.want(200, "GET", "users/show_many?external_ids=abc,nope", "").has("count", 1)
	r.want(200, "POST", "users/create_or_update", `{"user":{"name":"Ann B","email":"ann@x.example","external_id":"aBc"}}`).has("user.external_id", "aBc").has("user.name", "Ann B")
	r.pass(time.Second)
	r.want(201, "POST", "users/create_or_update", `{"user":{"name":"New","email":"new@x.example"}}`)
	r.pass(time.Second)
	r.want(200, "PUT", "users/"+ann, `{"user":{"suspended":true}}`).has("user.suspended", true)
	if got := r.want(200, "GET", "users?role[]=admin&role[]=agent", "").all("users", "email"); got != AdminEmail+","+AgentEmail {
		t.Errorf("staff: %s", got)
	}
	r.want(200, "GET", "users?page[size]=1", "").has("meta.has_more", true)
	r.want(200, "GET", "users/count", "").has("count.value", 4)
}

func TestThePrimaryAddressChangesThroughIdentities(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	ann := r.user(`{"name":"Ann","email":"old@x.example"}`)
	at := "users/" + ann + "/identities"
	r.want(200, "PUT", "users/"+ann, `{"user":{"email":"new@x.example"}}`).has("user.email", "old@x.example")
	list := r.want(200, "GET", at, "").has("count", 2).has("identities.0.primary", true).has("identities.1.value", "new@x.example").has("identities.1.verified", false)
	second := list.id("identities.1.id")
	r.want(200, "PUT", at+"/"+second+"/verify", "").has("identity.verified", true)
	r.want(200, "PUT", at+"/"+second+"/make_primary", "").has("identities.0.value", "new@x.example").has("identities.0.primary", true).has("count", 2)
	r.want(200, "GET", "users/"+ann, "").has("user.email", "new@x.example").has("user.verified", true)
	third := r.want(201, "POST", at, `{"identity":{"type":"email","value":"third@x.example","verified":true}}`).has("identity.primary", false).id("identity.id")
	r.want(422, "POST", at, `{"identity":{"type":"email","value":"old@x.example"}}`)
	r.want(204, "DELETE", at+"/"+third, "")
	r.want(422, "DELETE", at+"/"+second, "")
	r.want(200, "GET", at, "").has("count", 2)
	r.user(`{"name":"Bob","email":"third@x.example"}`)
}

func TestBulkImportOfUsersIsRefusedUnlessOpened(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	acme := r.org(`{"name":"Acme"}`)
	body := `{"users":[{"name":"Ann","email":"ann@x.example","external_id":"1","organization_id":` + acme + `},{"name":"","email":"b@x.example"}]}`
	for _, call := range []string{"create_many", "create_or_update_many"} {
		r.want(403, "POST", "users/"+call, body).has("error.title", "Forbidden")
	}
	r.box.Set(func(s *Settings) { s.BulkUserImport = true })
	ann := r.done("POST", "users/create_many", body).has("job_status.results.1.error", "UserCreateFailed").id("job_status.results.0.id")
	r.done("POST", "users/create_or_update_many", `{"users":[{"name":"Ann 2","external_id":"1"},{"name":"Carl","email":"c@x.example"}]}`).
		has("job_status.results.0.status", "Updated").has("job_status.results.1.status", "Created")
	r.want(200, "GET", "users/"+ann, "").has("user.name", "Ann 2").has("user.organization_id", idNumber(acme))
	r.box.Set(func(s *Settings) { s.BulkUserImport = false })
	r.done("PUT", "users/update_many", `{"users":[{"id":`+ann+`,"name":"Ann 3"},{"id":5,"name":"x"}]}`).
		has("job_status.results.0.success", true).has("job_status.results.1.error", "RecordNotFound")
	r.done("PUT", "users/update_many?external_ids=1", `{"user":{"notes":"n"}}`).has("job_status.results.0.success", true)
	r.want(200, "GET", "users/"+ann, "").has("user.notes", "n").has("user.name", "Ann 3")
}
