//go:build conformance

package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/sandbox/zendesk"
	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// checkHeldOrganizations looks at the organizations that node-zendesk wrote: as they are in
// the sandbox, whatever the client returned.
func checkHeldOrganizations(t *testing.T, box *zendesk.Listening, got seen) {
	t.Helper()
	box.Look(func(a *account.Account) {
		o := a.Organization(got.Made.ID)
		if o == nil {
			t.Fatal("the first one is not there")
		}
		equal(t, "the first one", []any{o.Name, o.ExternalID, o.Notes, o.Tags, o.Domains, valuesOf(o)},
			[]any{`By node — "ñ" 🚀`, "0015g00000AbCdEAAV", "seen", []string{"one", "plan_gold"}, []string{"n.example"}, `plan="plan_gold" seats=7`})
		equal(t, "organizations of its name", len(a.OrganizationsByName(`by node — "ñ" 🚀`)), 1)
		up := a.OrganizationByExternalID("up-1")
		if up == nil || up.ID != got.Upserts[0].ID || up.Name != "Again" || len(a.OrganizationsByName("Upserted")) != 0 {
			t.Errorf("the one that was made and then changed by its external id: %+v", up)
		}
		checkBatch(t, a, got)
		equal(t, "organizations of the refused batch", a.OrganizationByExternalID("over-0") == nil, true)
	})
}

// checkBatch looks at the hundred that came in a batch: ten were to get one name, of which
// the first got it, and ten others are deleted.
func checkBatch(t *testing.T, a *account.Account, got seen) {
	t.Helper()
	for i := range 100 {
		o, name := a.OrganizationByExternalID(fmt.Sprintf("batch-%d", i)), fmt.Sprintf("batch %d", i)
		if i == 0 {
			name = "the same"
		}
		switch {
		case i >= 90 && o != nil:
			t.Errorf("batch-%d is still there", i)
		case i < 90 && (o == nil || o.Name != name || o.ID != got.Created.First+int64(i)):
			t.Errorf("batch-%d: %+v, want it called %s", i, o, name)
		}
	}
}

// valuesOf renders the fields of an organization that hold something, by key.
func valuesOf(o *account.Organization) string {
	var out []string
	for _, v := range o.Values {
		out = append(out, v.Field.Key+"="+v.Raw)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// checkHeldPeople looks at the user that node-zendesk made, with addresses and memberships.
func checkHeldPeople(t *testing.T, box *zendesk.Listening, got seen) {
	t.Helper()
	box.Look(func(a *account.Account) {
		ann := a.User(got.Ann.ID)
		if ann == nil || ann.Email != "ann2@n.example" || a.UserByEmail("ann@n.example") != ann {
			t.Fatalf("Ann: %+v; want her to have both addresses, the second one first", ann)
		}
		var in []string
		for m := range a.Memberships(0) {
			if m.User == ann {
				in = append(in, fmt.Sprint(m.Organization.ID, " ", m.Default))
			}
		}
		want := []string{
			fmt.Sprint(got.Made.ID, " ", false), fmt.Sprint(got.Created.First, " ", true), fmt.Sprint(got.Created.First+1, " ", false),
		}
		equal(t, "where Ann is", in, want)
		equal(t, "users", a.Counts().Users, organizations*24/10+3)
		if f := a.Field(0, "region"); f == nil || f.Type != "text" || f.Title != "Region" {
			t.Errorf("the field that was made: %+v", f)
		}
	})
}

// checkWrites looks at what changes something on the wire: every call, in order, with what
// it was answered and how many items it carried.
func checkWrites(t *testing.T, box *zendesk.Listening) {
	t.Helper()
	var got []string
	for _, r := range box.Requests() {
		if r.Method == "GET" || r.Path == "/oauth/tokens" {
			continue
		}
		got = append(got, fmt.Sprintf("%s %d %d", r.Route, r.Status, r.Items))
		if !strings.HasPrefix(r.Client, "node-zendesk/") {
			t.Errorf("%s %s came from %q", r.Method, r.Path, r.Client)
		}
	}
	want := []string{
		"POST organizations 201 1", "POST organizations 422 1", "PUT organizations/:id 200 1",
		"POST organizations/create_or_update 201 1", "POST organizations/create_or_update 200 1",
		"POST organizations/create_many 200 100", "PUT organizations/update_many 200 10", "POST organizations/create_many 400 101", "DELETE organizations/destroy_many 200 10",
		"POST users 201 1", "POST organization_memberships 201 1", "PUT users/:id/organization_memberships/:id/make_default 200 2",
		"POST organization_memberships/create_many 200 2", "POST users/create_many 403 0",
		"POST users/:id/identities 201 0", "PUT users/:id/identities/:id/make_primary 200 2", "POST organization_fields 201 0",
		"PUT organizations/:id 200 1", "PUT organizations/:id 429 0", "PUT organizations/:id 429 0",
	}
	equal(t, "writes on the wire", strings.Join(got, "\n"), strings.Join(want, "\n"))
}
