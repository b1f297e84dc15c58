//go:build conformance

// Package conformance holds the sandbox against clients this project did not write.
package conformance

import (
	"cmp"
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
	Refused                      map[string]string
	First, Second                struct {
		Total int
		Done  bool
		IDs   []string
	}
	Fetched    []account
	Descending []string
	Revenues   []*float64
	Nested     map[string][]string
	Found      []string
	Count      int
	BadField   string
	Describe   struct {
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
		Rows    []account
		Keys    []string
		Hostile string
	}
	BulkAll, Composite, Renewed int
	Pages                       [][]string
	Usage                       struct{ Used, Limit int }
}

// account is one as jsforce read it, or as the sandbox holds it.
type account struct{ ID, Name, Owner string }

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
	held := append(seeded(t, now), prepare(t, box)...)
	got := run(t, box, now)
	checkLogins(t, box, got)
	checkRows(t, held, got)
	checkOrder(t, held, got)
	checkReads(t, got)
	checkWrites(t, box, got)
	checkWire(t, box.Requests())
}

// hostile is a text that breaks readers of CSV.
const hostile = "one \"two\", three\r\n\nfour\x00 שלום"

// seeded lists the accounts that a sandbox of this seed begins with, in the order of their
// ids. They are taken from a world of its own, and so neither by SOQL nor over the wire.
func seeded(t *testing.T, now time.Time) []account {
	t.Helper()
	w := org.New(org.Options{Seed: 5, Accounts: accounts, Now: func() time.Time { return now }})
	out := make([]account, accounts)
	for i := range out {
		id := w.IDOf("Account", i)
		cells := read(t, w, "Account", id, "Name", "OwnerId")
		out[i] = account{id, cells[0], read(t, w, "User", cells[1], "Name")[0]}
	}
	return out
}

func read(t *testing.T, w *org.World, object, id string, fields ...string) []string {
	t.Helper()
	r, err := w.Get(object, id, fields)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		out[i] = fmt.Sprint(c.Value)
	}
	return out
}

// prepare makes three accounts more. Who made them owns them.
func prepare(t *testing.T, box *salesforce.Sandbox) []account {
	t.Helper()
	id := act(t, box, map[string]any{"do": "create", "object": "Account", "fields": map[string]any{"Name": "many"}})
	for i := range 450 {
		act(t, box, map[string]any{"do": "create", "object": "Contact", "fields": map[string]any{"LastName": fmt.Sprint("c", i), "AccountId": id}})
	}
	none := act(t, box, map[string]any{"do": "create", "object": "Account", "fields": map[string]any{"Name": "none"}})
	ugly := act(t, box, map[string]any{"do": "create", "object": "Account", "fields": map[string]any{"Name": "hostile", "Description": hostile}})
	const maker = "Integration User"
	return []account{{id, "many", maker}, {none, "none", maker}, {ugly, "hostile", maker}}
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

// checkLogins: who is let in, and why others are not.
func checkLogins(t *testing.T, box *salesforce.Sandbox, got seen) {
	t.Helper()
	equal(t, "instance URL", got.InstanceURL, box.InstanceURL)
	equal(t, "user by both flows", got.JWT.ID, got.Credentials.ID)
	equal(t, "client credentials at the login host", got.CredentialsAtLogin, "invalid_grant")
	equal(t, "identity", got.Identity, org.Username(0))
	want := map[string]string{
		"another key": "invalid_grant: invalid assertion", "another audience": "invalid_grant: audience is invalid",
		"expired": "invalid_grant: expired authorization code", "nobody": "invalid_grant: user hasn't approved this consumer",
		"another secret": "invalid_client: invalid client credentials",
	}
	for who := range want {
		equal(t, "login with "+who, got.Refused[who], want[who])
	}
}

// checkRows compares every row that came, however it came, with what the sandbox holds.
func checkRows(t *testing.T, held []account, got seen) {
	t.Helper()
	equal(t, "total of both pages", fmt.Sprint(got.First.Total, got.Second.Total), fmt.Sprint(len(held), len(held)))
	equal(t, "done", fmt.Sprint(got.First.Done, got.Second.Done), "false true")
	equal(t, "rows of the first page", len(got.First.IDs), 2000)
	same(t, "both pages of a query", slices.Concat(got.First.IDs, got.Second.IDs), ids(held))
	same(t, "all pages at once", lines(got.Fetched), lines(held))
	var before []account
	for _, a := range got.Bulk.Rows {
		if a.Name != "again" { // that one was upserted meanwhile
			before = append(before, a)
		}
	}
	equal(t, "rows by Bulk", len(got.Bulk.Rows), len(held)+1)
	same(t, "rows by Bulk", lines(before), lines(held))
	for i, n := range []int{1000, 1000, len(held) + 1 - 2000} {
		if i >= len(got.Pages) || len(got.Pages[i]) != n {
			t.Fatalf("linked page %d of %d has not %d rows", i, len(got.Pages), n)
		}
	}
	same(t, "rows of linked pages", slices.Concat(got.Pages...), ids(got.Bulk.Rows))
	children := make([]string, 450)
	for i := range children {
		children[i] = fmt.Sprint("c", i)
	}
	same(t, "children of many", got.Nested["many"], children)
	if none, ok := got.Nested["none"]; !ok || none != nil {
		t.Errorf("children of none: %v, want null", none)
	}
}

// checkOrder: rows come in the order that the query asks for.
func checkOrder(t *testing.T, held []account, got seen) {
	t.Helper()
	want := ids(held)
	slices.Sort(want)
	slices.Reverse(want)
	equal(t, "ORDER BY Id DESC", strings.Join(got.Descending, " "), strings.Join(want[:60], " "))
	if !slices.IsSortedFunc(got.Fetched, func(a, b account) int { return strings.Compare(strings.ToLower(b.Name), strings.ToLower(a.Name)) }) {
		t.Error("ORDER BY Name DESC: the names do not fall")
	}
	nulls := slices.IndexFunc(got.Revenues, func(f *float64) bool { return f == nil })
	if nulls < 1 || slices.ContainsFunc(got.Revenues[nulls:], func(f *float64) bool { return f != nil }) {
		t.Fatalf("NULLS LAST: the first null is at %d of %d, and not all behind it are", nulls, len(got.Revenues))
	}
	if !slices.IsSortedFunc(got.Revenues[:nulls], func(a, b *float64) int { return cmp.Compare(*a, *b) }) {
		t.Error("ORDER BY AnnualRevenue: the numbers do not rise")
	}
}

func ids(list []account) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.ID
	}
	return out
}

func lines(list []account) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = fmt.Sprintf("%s %q %q", a.ID, a.Name, a.Owner)
	}
	return out
}

// same compares lists as sets in which each entry stands once, and names what differs.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if slices.Equal(got, want) {
		return
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("%s: %d, want %d; sorted, the first to differ is %q, want %q", what, len(got), len(want), got[min(i, len(got)):min(i+1, len(got))], want[min(i, len(want)):min(i+1, len(want))])
			return
		}
	}
}

func checkReads(t *testing.T, got seen) {
	t.Helper()
	equal(t, "find", strings.Join(got.Found, ","), "many")
	if got.Count < accounts/3 || got.Count >= accounts {
		t.Errorf("count: %d", got.Count)
	}
	equal(t, "unknown field", got.BadField, "INVALID_FIELD")
	equal(t, "length of Account.Name", fmt.Sprint(got.Describe.Name["length"]), "255")
	if !slices.Contains(got.Describe.Children, "Contacts") || !slices.Contains(got.Objects, "Zuora__Subscription__c") {
		t.Errorf("describe: %v, %v", got.Describe.Children, got.Objects)
	}
	equal(t, "bulk columns", strings.Join(got.Bulk.Keys, ","), "Id,Name,Description,Owner.Name")
	equal(t, "hostile text through Bulk", got.Bulk.Hostile, hostile)
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
	equal(t, "logins that were refused", count(func(r salesforce.Request) bool { return strings.HasSuffix(r.Path, "/oauth2/token") && r.Status == 400 }), 6)
	equal(t, "logins", count(func(r salesforce.Request) bool { return strings.HasSuffix(r.Path, "/oauth2/token") && r.Status == 200 }), 3)
	if n := count(func(r salesforce.Request) bool { return strings.Contains(r.Path, "/query/01g") }); n < 4 {
		t.Errorf("%d further pages were asked for, want those of accounts and of nested contacts", n)
	}
}
