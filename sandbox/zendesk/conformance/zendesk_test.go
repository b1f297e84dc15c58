//go:build conformance

// Package conformance holds the sandbox against clients this project did not write.
package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk"
	"github.com/desksync/desksync/sandbox/zendesk/account"
)

const organizations = 250

// seen is what node-zendesk says it saw.
type seen struct {
	Me             []string
	Refused, Twice any
	Made, Read     organization
	Updated        organization
	Upserts        []organization
	Found          []int64
	Listed         struct{ Rows, IDs int }
	Shown, Wanted  []int64
	Created        struct {
		Queued, Status string
		Total, Results int
		First          int64
	}
	Changed struct {
		Status    string
		Good, Bad int
		Details   string
	}
	Many          []string
	TooMany, Gone any
	Deleted       struct {
		Status string
		Gone   int
	}
	Ann struct {
		ID             int64
		OrganizationID int64 `json:"organization_id"`
	}
	Memberships    [][2]any
	AllMemberships int
	Joined         []string
	BulkUsers      any
	Address        string
	Members        []int64
	Users          int
	Fields         []string
	Field          struct{ Position int }
	Exported       struct{ Rows, Deleted int }
	Throttled      []string
}

type organization struct {
	ID         int64
	Name       string
	ExternalID string `json:"external_id"`
	Notes      string
	Tags       []string
	Fields     map[string]any `json:"organization_fields"`
}

// ticking is a clock that goes on by a second whenever it is read, so that jobs end without
// anybody waiting.
func ticking() func() time.Time {
	var mu sync.Mutex
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

// TestNodeZendesk runs zendesk.mjs, and compares what it saw with what the sandbox holds and
// with what went over the wire. The client does not reject on a 429 with Retry-After, so
// what counts is what the sandbox holds.
func TestNodeZendesk(t *testing.T) {
	t.Parallel()
	box, err := zendesk.Start(t.Context(), zendesk.Addresses{}, zendesk.Options{Seed: 5, Organizations: organizations, MultiOrganizations: true, Now: ticking()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	got := run(t, box)
	checkOrganizations(t, got)
	checkJobs(t, got)
	checkPeople(t, got)
	checkHeld(t, box, got)
	checkHeldOrganizations(t, box, got)
	checkHeldPeople(t, box, got)
	checkWire(t, box)
	checkWrites(t, box)
}

func run(t *testing.T, box *zendesk.Listening) seen {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "zendesk.mjs")
	cmd.Env = append(os.Environ(), "URL_API="+box.URL, "URL_ADMIN="+box.AdminURL, "CLIENT_ID="+zendesk.ClientID, "CLIENT_SECRET="+zendesk.ClientSecret,
		"EMAIL="+zendesk.AdminEmail, "API_TOKEN="+zendesk.APIToken)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	var got seen
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %.2000s", err, out)
	}
	return got
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func checkOrganizations(t *testing.T, got seen) {
	t.Helper()
	equal(t, "who logged in", got.Me, []string{zendesk.AdminEmail, zendesk.AdminEmail})
	equal(t, "a bad token", got.Refused, http.StatusUnauthorized)
	equal(t, "created name", got.Made.Name, `By node — "ñ" 🚀`)
	equal(t, "tags", got.Made.Tags, []string{"one", "plan_gold"})
	equal(t, "the name again", got.Twice, http.StatusUnprocessableEntity)
	equal(t, "fields merged", []any{got.Updated.Fields["plan"], got.Updated.Fields["seats"], got.Updated.Fields["arr"]}, []any{"plan_gold", 7, nil})
	equal(t, "read back", got.Read, got.Updated)
	if len(got.Upserts) != 2 || got.Upserts[0].ID != got.Upserts[1].ID || got.Upserts[1].Name != "Again" {
		t.Errorf("upserts: %+v", got.Upserts)
	}
	equal(t, "found by external id", got.Found, []int64{got.Made.ID})
	equal(t, "listed", got.Listed, struct{ Rows, IDs int }{organizations + 2, organizations + 2})
	equal(t, "shown", got.Shown, got.Wanted)
}

func checkJobs(t *testing.T, got seen) {
	t.Helper()
	equal(t, "create job", []any{got.Created.Queued, got.Created.Status, got.Created.Total, got.Created.Results}, []any{"queued", "completed", 100, 100})
	equal(t, "update job", []any{got.Changed.Status, got.Changed.Good, got.Changed.Bad, got.Changed.Details}, []any{"completed", 1, 9, "Name:  the same has already been taken"})
	equal(t, "both jobs", got.Many, []string{"completed", "completed"})
	equal(t, "101 items", got.TooMany, http.StatusBadRequest)
	equal(t, "delete job", []any{got.Deleted.Status, got.Deleted.Gone}, []any{"completed", 10})
	equal(t, "a deleted one", got.Gone, http.StatusNotFound)
	// everything seeded, made, upserted and created, and the tombstones of ten
	equal(t, "exported", []int{got.Exported.Rows, got.Exported.Deleted}, []int{organizations + 2 + 100, 10})
}

func checkPeople(t *testing.T, got seen) {
	t.Helper()
	equal(t, "organization by domain", got.Ann.OrganizationID, got.Made.ID)
	equal(t, "memberships", fmt.Sprintf("%.0f", got.Memberships[0][0]), got.Created.First)
	equal(t, "default", []any{len(got.Memberships), got.Memberships[0][1], got.Memberships[1][1]}, []any{2, true, nil})
	equal(t, "all memberships", got.AllMemberships, organizations*24/10+2)
	equal(t, "memberships in a batch", got.Joined, []string{"Created", "error"})
	equal(t, "bulk import of users", got.BulkUsers, http.StatusForbidden)
	equal(t, "primary address", got.Address, "ann2@n.example")
	equal(t, "members", got.Members, []int64{got.Ann.ID})
	equal(t, "users", got.Users, organizations*24/10+3)
	if !slices.Contains(got.Fields, "salesforce_id") || got.Field.Position != 9999 {
		t.Errorf("fields: %v, %+v", got.Fields, got.Field)
	}
}

// checkHeld looks into the sandbox: of three writes under a limit of one a minute those are
// there that the log says were made.
func checkHeld(t *testing.T, box *zendesk.Listening, got seen) {
	t.Helper()
	note := lastWrite(t, box)
	box.Look(func(a *account.Account) {
		equal(t, "organizations", a.Counts().Organizations, organizations+2+100-10)
		equal(t, "memberships", a.Counts().Memberships, organizations*24/10+3)
		o := a.OrganizationByExternalID("batch-2")
		if o == nil {
			t.Fatal("batch-2 is not there")
		}
		equal(t, "what the client says of them", got.Throttled, []string{"none", "none", "none"})
		equal(t, "what was written", o.Notes, note)
	})
}

// lastWrite is the note of the last of the three writes that came through, by the log.
func lastWrite(t *testing.T, box *zendesk.Listening) string {
	t.Helper()
	var writes []zendesk.Request
	for _, r := range box.Requests() {
		if r.Route == "PUT organizations/:id" {
			writes = append(writes, r)
		}
	}
	note, through := "", 0
	for i, r := range writes[len(writes)-3:] {
		if r.Status == http.StatusOK {
			note, through = fmt.Sprint("write ", i), through+1
		}
	}
	if through != 1 {
		t.Errorf("%d writes of three came through a limit of one a minute", through)
	}
	return note
}

// checkWire looks at what node-zendesk sent.
func checkWire(t *testing.T, box *zendesk.Listening) {
	t.Helper()
	stats := box.Stats()
	equal(t, "pages of organizations, the empty one included", stats.ByRoute["GET organizations"], 4)
	equal(t, "items created in batches", stats.Items["POST organizations/create_many"], 100+101)
	equal(t, "unknown calls", stats.ByRoute[""], 1) // the token
	if stats.Throttled < 2 || stats.Jobs != 4 {
		t.Errorf("%d calls throttled, want 2 or more; %d jobs, want 4", stats.Throttled, stats.Jobs)
	}
}
