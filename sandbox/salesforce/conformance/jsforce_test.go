//go:build conformance

// Package conformance holds the sandbox against clients this project did not write.
package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce"
	"github.com/desksync/desksync/sandbox/salesforce/org"
)

const accounts = 2500

// seen is what jsforce says it saw.
type seen struct {
	JWT, Credentials             struct{ ID, OrganizationID string }
	InstanceURL                  string `json:"instanceUrl"`
	CredentialsAtLogin, Identity string
	First, Second                struct {
		Total, Records int
		Done           bool
	}
	Fetched struct {
		Records, IDs int
		Owner        string
	}
	Nested   map[string]*int
	Found    []string
	Count    int
	BadField string
	Describe struct {
		Fields   int
		Name     map[string]any
		Children []string
	}
	Objects                   []string
	Created, Updated, Deleted saved
	Read                      map[string]any
	Many, Upserts             []saved
	Gone                      int
	InBin                     []bool
	Replicated                struct{ Updated, Deleted []string }
	Bulk                      struct {
		Rows, IDs int
		Keys      []string
		Hostile   string
	}
	BulkAll, Composite, Renewed int
	Pages                       []int
	Usage                       struct{ Used, Limit int }
}

type saved struct {
	ID      string
	Success bool
	Errors  []struct{ StatusCode string }
}

// TestJSForce runs jsforce.mjs, and compares what it saw with what the sandbox holds and
// with what went over the wire.
func TestJSForce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	box, err := salesforce.Start(t.Context(), salesforce.Addresses{}, salesforce.Options{Seed: 5, Accounts: accounts, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	prepare(t, box)
	got := run(t, box, now)
	checkReads(t, box, got)
	checkWrites(t, box, got)
	checkWire(t, box.Requests())
}

// hostile is a text that breaks readers of CSV.
const hostile = "one \"two\", three\r\n\nfour\x00 שלום"

func prepare(t *testing.T, box *salesforce.Sandbox) {
	t.Helper()
	id := act(t, box, map[string]any{"do": "create", "object": "Account", "fields": map[string]any{"Name": "many"}})
	for i := range 450 {
		act(t, box, map[string]any{"do": "create", "object": "Contact", "fields": map[string]any{"LastName": fmt.Sprint("c", i), "AccountId": id}})
	}
	act(t, box, map[string]any{"do": "create", "object": "Account", "fields": map[string]any{"Name": "none"}})
	act(t, box, map[string]any{"do": "create", "object": "Account", "fields": map[string]any{"Name": "hostile", "Description": hostile}})
}

func act(t *testing.T, box *salesforce.Sandbox, a map[string]any) string {
	t.Helper()
	body, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ ID string }
	if err := json.Unmarshal(admin(t, box, "POST", "/do", string(body)), &made); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func admin(t *testing.T, box *salesforce.Sandbox, method, path, body string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, box.AdminURL+"/sandbox"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %v %s", method, path, resp.StatusCode, err, text)
	}
	return text
}

func run(t *testing.T, box *salesforce.Sandbox, now time.Time) seen {
	t.Helper()
	key, err := box.PrivatePEM()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "jsforce.mjs")
	cmd.Env = append(os.Environ(), "LOGIN_URL="+box.LoginURL, "INSTANCE_URL="+box.InstanceURL, "CONSUMER_KEY="+salesforce.ConsumerKey, "CONSUMER_SECRET="+salesforce.ConsumerSecret,
		"USERNAME="+org.Username(0), "PRIVATE_KEY="+string(key), "ADMIN_URL="+box.AdminURL, "NOW="+now.Format(time.RFC3339))
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

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func checkReads(t *testing.T, box *salesforce.Sandbox, got seen) {
	t.Helper()
	equal(t, "instance URL", got.InstanceURL, box.InstanceURL)
	equal(t, "user by both flows", got.JWT.ID, got.Credentials.ID)
	equal(t, "client credentials at the login host", got.CredentialsAtLogin, "invalid_grant")
	equal(t, "identity", got.Identity, org.Username(0))
	equal(t, "first page", fmt.Sprint(got.First), fmt.Sprint(struct {
		Total, Records int
		Done           bool
	}{accounts + 3, 2000, false}))
	equal(t, "second page", got.Second.Records, accounts+3-2000)
	equal(t, "fetched", got.Fetched.IDs, accounts+3)
	equal(t, "owner's name", got.Fetched.Owner, "string")
	if many, none := got.Nested["many"], got.Nested["none"]; many == nil || *many != 450 || none != nil {
		t.Errorf("sub-query: %v and %v children, want 450 and null", many, none)
	}
	equal(t, "find", strings.Join(got.Found, ","), "many")
	if got.Count < accounts/3 || got.Count >= accounts {
		t.Errorf("count: %d", got.Count)
	}
	equal(t, "unknown field", got.BadField, "INVALID_FIELD")
	equal(t, "length of Account.Name", fmt.Sprint(got.Describe.Name["length"]), "255")
	if !slices.Contains(got.Describe.Children, "Contacts") || !slices.Contains(got.Objects, "Zuora__Subscription__c") {
		t.Errorf("describe: %v, %v", got.Describe.Children, got.Objects)
	}
	equal(t, "bulk rows", got.Bulk.IDs, accounts+4) // and the one that was upserted
	equal(t, "bulk columns", strings.Join(got.Bulk.Keys, ","), "Id,Name,Description,Owner.Name")
	equal(t, "hostile text through Bulk", got.Bulk.Hostile, hostile)
	equal(t, "rows of linked pages", fmt.Sprint(got.Pages), "[1000 1000 504]")
	equal(t, "bulk queryAll", got.BulkAll, 1)
	equal(t, "composite", got.Composite, 200)
	equal(t, "renewed session", got.Renewed, 1)
	equal(t, "limit", got.Usage.Limit, 100_000)
}

func checkWrites(t *testing.T, box *salesforce.Sandbox, got seen) {
	t.Helper()
	if !got.Created.Success || !got.Updated.Success || !got.Deleted.Success || got.Gone != 0 || fmt.Sprint(got.InBin) != "[true]" {
		t.Errorf("create, update, delete: %+v %+v %+v, then %d and %v", got.Created, got.Updated, got.Deleted, got.Gone, got.InBin)
	}
	equal(t, "name read back", fmt.Sprint(got.Read["Name"]), "renamed by jsforce")
	equal(t, "number read back", fmt.Sprint(got.Read["Seats__c"]), "13") // a field without decimals rounds
	if len(got.Many) != 3 || !got.Many[1].Success || got.Many[2].Errors[0].StatusCode != "REQUIRED_FIELD_MISSING" {
		t.Errorf("collection: %+v", got.Many)
	}
	if len(got.Upserts) != 2 || got.Upserts[0].ID != got.Upserts[1].ID {
		t.Errorf("upserts: %+v", got.Upserts)
	}
	equal(t, "deleted", strings.Join(got.Replicated.Deleted, ","), got.Created.ID)
	equal(t, "updated", len(got.Replicated.Updated), 4) // three that the test made, and the upserted one
	var state salesforce.State
	if err := json.Unmarshal(admin(t, box, "GET", "/state", ""), &state); err != nil {
		t.Fatal(err)
	}
	equal(t, "accounts the sandbox holds", state.Counts["Account"], org.Count{Live: accounts + 4, Bin: 1})
	equal(t, "contacts in the bin, which went with their account", state.Counts["Contact"].Bin, 2)
	if got.Usage.Used == 0 || state.Calls <= got.Usage.Used {
		t.Errorf("jsforce counted %d calls, the sandbox %d", got.Usage.Used, state.Calls)
	}
}

// checkWire looks at what jsforce sent.
func checkWire(t *testing.T, log []salesforce.Request) {
	t.Helper()
	count := func(match func(r salesforce.Request) bool) (n int) {
		for _, r := range log {
			if match(r) {
				n++
			}
		}
		return n
	}
	results := count(func(r salesforce.Request) bool { return strings.HasSuffix(r.Path, "/results") && r.Status == 200 })
	equal(t, "pages of results", results, 1+1+3) // two queries in one page each, one by links
	equal(t, "pages of queries under queryAll", count(func(r salesforce.Request) bool { return strings.HasSuffix(r.Path, "/queryAll") }), 1)
	equal(t, "jobs", count(func(r salesforce.Request) bool { return r.Method == "POST" && strings.HasSuffix(r.Path, "/jobs/query") }), 3)
	equal(t, "sessions that were refused", count(func(r salesforce.Request) bool { return r.Status == http.StatusUnauthorized }), 1)
	equal(t, "logins", count(func(r salesforce.Request) bool { return strings.HasSuffix(r.Path, "/oauth2/token") && r.Status == 200 }), 3)
	if n := count(func(r salesforce.Request) bool { return strings.Contains(r.Path, "/query/01g") }); n < 4 {
		t.Errorf("%d further pages were asked for, want those of accounts and of nested contacts", n)
	}
}
