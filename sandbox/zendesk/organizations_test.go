package zendesk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

func TestBehaviour04NamesAreUniqueWithoutLetterCaseAndSpaceAround(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	id := r.org(`{"name":"  Acme "}`)
	r.want(200, "GET", "organizations/"+id, "").has("organization.name", "Acme")
	for _, name := range []string{"Acme", "ACME", " acme\t"} {
		r.want(422, "POST", "organizations", fmt.Sprintf(`{"organization":{"name":%q}}`, name)).
			has("error", "RecordInvalid").has("description", "Record validation errors").has("details.name.0.error", "DuplicateValue").
			has("details.name.0.description", "Name: "+strings.TrimSpace(name)+" has already been taken")
	}
	other := r.org(`{"name":"Globex"}`)
	r.want(422, "PUT", "organizations/"+other, `{"organization":{"name":"aCME"}}`).has("details.name.0.error", "DuplicateValue")
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"name":"ACME"}}`).has("organization.name", "ACME")
	r.want(204, "DELETE", "organizations/"+id, "")
	r.org(`{"name":"Acme"}`)
}

func TestBehaviour04NamesWithPipesAndBlankNamesAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for body, code := range map[string]string{`{"name":"A|B"}`: "InvalidValue", `{"name":"   "}`: "BlankValue", `{"external_id":"x"}`: "BlankValue", `{"name":null}`: "BlankValue"} {
		r.want(422, "POST", "organizations", `{"organization":`+body+`}`).has("details.name.0.error", code)
	}
	r.want(422, "POST", "organizations", `{"organization":{"name":""}}`).has("details.name.0.description", "Name cannot be blank")
	r.want(422, "POST", "organizations", `{"organization":{"name":"`+strings.Repeat("x", 256)+`"}}`)
	r.org(`{"name":"` + strings.Repeat("ß", 255) + `"}`)
}

func TestBehaviour04TwoCreatesAtOnceMaySlipThrough(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.rules(func(a *account.Rules) { a.RaceSeconds = 2 })
	first := r.org(`{"name":"Acme"}`)
	second := r.org(`{"name":"acme"}`)
	found := r.want(200, "GET", "organizations/search?name=ACME", "")
	if got := found.all("organizations", "id"); got != first+","+second {
		t.Errorf("search finds %s, want %s and %s", got, first, second)
	}
	r.pass(3 * time.Second)
	r.want(422, "POST", "organizations", `{"organization":{"name":"Acme"}}`)
	r.want(204, "DELETE", "organizations/"+first, "")
	r.want(200, "GET", "organizations/search?name=acme", "").has("count", 1).has("organizations.0.name", "acme")
}

func TestBehaviour05ExternalIDsAreUniqueWithoutLetterCase(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	id := r.org(`{"name":"Acme","external_id":"0015g00000AbCdEAAV"}`)
	r.want(422, "POST", "organizations", `{"organization":{"name":"Other","external_id":"0015G00000aBcDeaav"}}`).
		has("details.external_id.0.error", "DuplicateValue").has("details.external_id.0.description", "External: 0015G00000aBcDeaav has already been taken")
	r.org(`{"name":"No id"}`)
	r.org(`{"name":"Nor this"}`)
	r.org(`{"name":"Number","external_id":123}`)
	r.want(200, "GET", "organizations/search?external_id=123", "").has("organizations.0.external_id", "123")
	r.want(200, "GET", "organizations/search?external_id=0015g00000abcdeaav", "").has("organizations.0.name", "Acme").has("count", 1)
	r.want(200, "GET", "organizations/show_many?external_ids=0015g00000abcdeaav,nope,123", "").has("count", 2)
	r.want(400, "GET", "organizations/search?external_id=1&name=x", "")
	r.done("PUT", "organizations/update_many?external_ids=0015g00000abcdeaav", `{"organization":{"notes":"n"}}`).has("job_status.results.0.status", "Updated")
	r.done("DELETE", "organizations/destroy_many?external_ids=0015G00000AbCdEAAV,nope", "").
		has("job_status.results.0.status", "Deleted").has("job_status.results.1.error", "RecordNotFound")
	r.want(404, "GET", "organizations/"+id, "")
}

func TestBehaviour06UpdatesChangeWhatTheyName(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{NoFields: true})
	id := r.org(`{"name":"Acme","details":"d","notes":"n","external_id":"x","domain_names":["a.example","b.example"],"tags":["one","two"],"shared_tickets":true,"group_id":7}`)
	a := r.want(200, "PUT", "organizations/"+id, `{"organization":{"notes":"other"}}`)
	a.has("organization.details", "d").has("organization.notes", "other").has("organization.domain_names.1", "b.example").has("organization.tags.0", "one").
		has("organization.shared_tickets", true).has("organization.group_id", 7).has("organization.organization_fields", map[string]any{})
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"domain_names":["c.example"],"tags":["three"],"details":null,"external_id":null}}`).
		has("organization.domain_names", []any{"c.example"}).has("organization.tags", []any{"three"}).has("organization.details", nil).has("organization.external_id", nil)
	r.pass(time.Minute)
	r.want(200, "PUT", "organizations/"+id, `{"organization":{}}`).has("organization.updated_at", "2026-11-21T10:00:00Z")
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"name":"New"}}`).has("organization.updated_at", "2026-11-21T10:01:00Z")
	r.want(400, "PUT", "organizations/"+id, `{"organization":{"tags":7}}`).has("error.title", "Invalid attribute")
}

func TestBehaviour06FieldsMergeAndTagsFollowThem(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	id := r.org(`{"name":"Acme","tags":["vip"],"organization_fields":{"plan":"plan_gold","seats":5,"strategic":true,"arr":"1200.50","renewal":"2026-11-04"}}`)
	at := "organizations/" + id
	r.want(200, "GET", at, "").has("organization.organization_fields", map[string]any{
		"plan": "plan_gold", "seats": 5.0, "strategic": true, "arr": 1200.5, "renewal": "2026-11-04T00:00:00+00:00", "salesforce_id": nil,
	}).has("organization.tags", []any{"vip", "plan_gold", "strategic"})
	a := r.want(200, "PUT", at, `{"organization":{"organization_fields":{"plan":"plan_free","nonsense":1}}}`)
	a.has("organization.organization_fields.seats", 5).has("organization.tags", []any{"vip", "strategic", "plan_free"})
	if warn := a.header.Get("X-Zendesk-Api-Warn"); warn != `unpermitted_keys: ["organization.organization_fields.nonsense"]` {
		t.Errorf("warning: %q", warn)
	}
	r.want(200, "PUT", at, `{"organization":{"organization_fields":{"strategic":false,"seats":null}}}`).
		has("organization.organization_fields.seats", nil).has("organization.organization_fields.strategic", false).has("organization.tags", []any{"vip", "plan_free"})
	r.want(200, "PUT", at, `{"organization":{"tags":["vip"]}}`).has("organization.organization_fields.plan", nil).has("organization.tags", []any{"vip"})
	r.want(422, "PUT", at, `{"organization":{"organization_fields":{"plan":"platinum"}}}`)
	r.rules(func(a *account.Rules) { a.RejectOptions = false })
	r.pass(time.Minute)
	r.want(200, "PUT", at, `{"organization":{"organization_fields":{"plan":"platinum"}}}`).has("organization.organization_fields.plan", nil)
	r.want(422, "PUT", at, `{"organization":{"organization_fields":{"seats":"many"}}}`).has("details.organization_fields.0.error", "InvalidValue")
}

func TestBehaviour06TagsAreSetAddedAndRemoved(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	at := "organizations/" + r.org(`{"name":"Acme","tags":["a"]}`) + "/tags"
	for _, step := range []struct {
		status       int
		method, body string
		want         string
	}{
		{201, "POST", `{"tags":["x","y"]}`, "y,x"},
		{200, "PUT", `{"tags":["z","x"]}`, "z,y,x"},
		{200, "DELETE", `{"tags":["y","nope"]}`, "z,x"},
		{200, "GET", "", "z,x"},
	} {
		a := r.want(step.status, step.method, at, step.body)
		if got := strings.Trim(fmt.Sprint(a.at("tags")), "[]"); strings.ReplaceAll(got, " ", ",") != step.want {
			t.Errorf("%s %s: %s, want %s", step.method, step.body, got, step.want)
		}
	}
}

func TestBehaviour07UpsertsMatchByIDsAndNeverByName(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	const at = "organizations/create_or_update"
	id := r.want(201, "POST", at, `{"organization":{"name":"Acme","external_id":"AbC"}}`).id("organization.id")
	r.want(200, "POST", at, `{"organization":{"name":"Acme 2","external_id":"aBc"}}`).has("organization.name", "Acme 2").has("organization.external_id", "aBc")
	r.want(200, "POST", at, `{"organization":{"id":`+id+`,"name":"Acme 3"}}`).has("organization.name", "Acme 3")
	r.want(422, "POST", at, `{"organization":{"name":"ACME 3"}}`).has("details.name.0.error", "DuplicateValue")
	r.want(422, "POST", at, `{"organization":{"name":"acme 3","external_id":"other"}}`)
	r.want(201, "POST", at, `{"organization":{"name":"Name only"}}`)
	r.want(422, "POST", at, `{"organization":{"name":"Name only"}}`)
}

func TestBehaviour11ADeletedOrganizationIsGoneAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{MultiOrganizations: true})
	acme, globex, beta := r.org(`{"name":"Acme"}`), r.org(`{"name":"Globex"}`), r.org(`{"name":"Beta"}`)
	user := r.user(`{"name":"Ann","email":"ann@x.example"}`)
	for _, o := range []string{acme, globex, beta} {
		r.join(user, o)
	}
	open := r.want(201, "POST", "tickets", `{"ticket":{"requester_id":`+user+`,"organization_id":`+acme+`}}`).id("ticket.id")
	closed := r.want(201, "POST", "tickets", `{"ticket":{"requester_id":`+user+`,"organization_id":`+acme+`,"status":"closed"}}`).id("ticket.id")
	r.want(200, "GET", "organizations/"+acme+"/related", "").has("organization_related.tickets_count", 2).has("organization_related.users_count", 1)
	if a := r.want(204, "DELETE", "organizations/"+acme, ""); a.text != "" {
		t.Errorf("a body: %q", a.text)
	}
	r.want(404, "GET", "organizations/"+acme, "").has("error", "RecordNotFound")
	r.want(404, "DELETE", "organizations/"+acme, "")
	r.want(404, "PUT", "organizations/"+acme, `{"organization":{"name":"x"}}`)
	r.want(200, "GET", "users/"+user, "").has("user.organization_id", idNumber(beta)) // the first by name was promoted
	r.want(200, "GET", "users/"+user+"/organization_memberships", "").has("count", 2)
	r.want(200, "GET", "tickets/"+open, "").has("ticket.organization_id", nil)
	r.want(200, "GET", "tickets/"+closed, "").has("ticket.organization_id", idNumber(acme))
}

func TestBehaviour11AMergeMovesUsersTicketsAndDomainsAndNothingElse(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	loser := r.org(`{"name":"Loser","domain_names":["l.example"],"tags":["old"],"notes":"n"}`)
	winner := r.org(`{"name":"Winner","domain_names":["w.example"]}`)
	user := r.user(`{"name":"Ann","email":"ann@l.example"}`)
	ticket := r.want(201, "POST", "tickets", `{"ticket":{"requester_id":`+user+`}}`).has("ticket.organization_id", idNumber(loser)).id("ticket.id")
	m := r.want(201, "POST", "organizations/"+loser+"/merge", `{"organization_merge":{"winner_id":`+winner+`}}`).has("organization_merge.status", "new")
	merge := m.at("organization_merge.id").(string)
	if len(merge) != 26 {
		t.Errorf("id %q, want a ULID", merge)
	}
	r.pass(1200 * time.Millisecond)
	r.want(200, "GET", "organization_merges/"+merge, "").has("organization_merge.status", "in_progress")
	r.want(422, "PUT", "organizations/"+loser, `{"organization":{"notes":"x"}}`)
	r.want(422, "DELETE", "organizations/"+loser, "")
	r.want(422, "PUT", "organizations/"+winner, `{"organization":{"domain_names":["x.example"]}}`)
	r.want(200, "PUT", "organizations/"+winner, `{"organization":{"notes":"mine"}}`)
	r.pass(3 * time.Second)
	r.want(200, "GET", "organization_merges/"+merge, "").has("organization_merge.status", "complete")
	r.want(404, "GET", "organizations/"+loser, "")
	r.want(200, "GET", "organizations/"+winner, "").has("organization.domain_names", []any{"w.example", "l.example"}).
		has("organization.tags", []any{}).has("organization.notes", "mine")
	r.want(200, "GET", "users/"+user, "").has("user.organization_id", idNumber(winner))
	r.want(200, "GET", "tickets/"+ticket, "").has("ticket.organization_id", idNumber(winner))
	r.want(200, "GET", "organizations/"+winner+"/merges", "").has("count", 1)
	r.auth = basic(AgentEmail)
	r.want(403, "GET", "organization_merges/"+merge, "")
}

func TestBehaviour11AMergeMayEndInError(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	loser, winner := r.org(`{"name":"Loser"}`), r.org(`{"name":"Winner"}`)
	if _, err := r.box.Arm(Fault{Kind: faultMerge}); err != nil {
		t.Fatal(err)
	}
	body := `{"organization_merge":{"winner_id":` + winner + `}}`
	merge := r.want(201, "POST", "organizations/"+loser+"/merge", body).at("organization_merge.id").(string)
	r.pass(time.Minute)
	r.want(200, "GET", "organization_merges/"+merge, "").has("organization_merge.status", "error")
	r.want(200, "GET", "organizations/"+loser, "")
	r.want(201, "POST", "organizations/"+loser+"/merge", body)
	r.pass(time.Minute)
	r.want(404, "GET", "organizations/"+loser, "")
}

func idNumber(id string) float64 {
	var n float64
	_, _ = fmt.Sscan(id, &n)
	return n
}
