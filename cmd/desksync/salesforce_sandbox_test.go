package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/desksync/desksync/sandbox/salesforce"
)

// TestTheSandboxReadByRESTAndByBulkGivesTheSameHelpdesk runs the real command against
// the stand-in, which shares no code with the client.
func TestTheSandboxReadByRESTAndByBulkGivesTheSameHelpdesk(t *testing.T) {
	t.Parallel()
	const free = "127.0.0.1:0"
	box, err := salesforce.Start(t.Context(), salesforce.Addresses{Login: free, Instance: free, Admin: free}, salesforce.Options{Accounts: 2_500})
	if err != nil {
		t.Fatal(err)
	}
	hurry(t, box.AdminURL)
	file := strings.NewReplacer("${SF_ID}", salesforce.ConsumerKey, "${SF_SECRET}", salesforce.ConsumerSecret).Replace(orgFile)
	read := func(file, way, plan string) string {
		dir := t.TempDir()
		code, out, errs := withFile(t, dir, file, box.InstanceURL, "reconcile", "--yes")
		if !strings.Contains(out, "accounts by "+way+" (complete)") || !strings.Contains(errs, plan) || code != exitOK && code != exitPartly { // names with line breaks are refused
			t.Fatalf("code %d:\n%s%s", code, out, errs)
		}
		_, export, _ := withFile(t, dir, file, box.InstanceURL, "store", "export")
		return export
	}
	rest := read(file, "REST", " rows by REST, at least 1 call\n")
	bulk := read(strings.Replace(file, "    objects:", "    bulk_rows: 0\n    objects:", 1), "Bulk", " rows by Bulk because bulk_rows is 0, at least 4 calls\n")
	if n := strings.Count(rest, "\n"); n < 500 || rest != bulk {
		t.Errorf("REST gives %d lines; the first that differs: %s", n, firstDifference([]byte(bulk), []byte(rest)))
	}
}

// TestTheSalesforceExampleWorksAtTheSandbox runs the file that ships as it is, but for the
// names of the app.
func TestTheSalesforceExampleWorksAtTheSandbox(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../examples/salesforce/desksync.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const free = "127.0.0.1:0"
	box, err := salesforce.Start(t.Context(), salesforce.Addresses{Login: free, Instance: free, Admin: free}, salesforce.Options{Accounts: 300})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	hurry(t, box.AdminURL)
	dir := t.TempDir()
	file := strings.NewReplacer("${SF_ID}", salesforce.ConsumerKey, "${SF_SECRET}", salesforce.ConsumerSecret).Replace(string(text))
	for _, step := range []struct {
		args []string
		says string
	}{
		{[]string{"validate", "--online"}, "is right"},
		{[]string{"reconcile", "--yes"}, "organizations to create"},
		{[]string{"diff"}, "nothing to do"},
		{[]string{"store", "export"}, `"support_level":"ultimate"`},
		{[]string{"store", "export"}, `"csm":"`},
	} {
		if code, out, errs := withFile(t, dir, file, box.InstanceURL, step.args...); code != exitOK || !strings.Contains(out, step.says) {
			t.Errorf("%v: code %d, want 0 and %q:\n%.2000s%s", step.args, code, step.says, out, errs)
		}
	}
}

// hurry lets Bulk jobs be done at the first poll.
func hurry(t *testing.T, admin string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, admin+"/sandbox/settings", strings.NewReader(`{"bulk_queued": 0, "bulk_running": 0}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("settings: %s", resp.Status)
	}
}

// TestChangesReadFromTheSandboxGiveWhatAFullReadGives lets two desks begin alike; then
// people work in the CRM, and one desk reads what changed where the other reads all.
func TestChangesReadFromTheSandboxGiveWhatAFullReadGives(t *testing.T) {
	t.Parallel()
	const free = "127.0.0.1:0"
	box, err := salesforce.Start(t.Context(), salesforce.Addresses{Login: free, Instance: free, Admin: free}, salesforce.Options{Accounts: 400})
	if err != nil {
		t.Fatal(err)
	}
	hurry(t, box.AdminURL)
	file := strings.NewReplacer("${SF_ID}", salesforce.ConsumerKey, "${SF_SECRET}", salesforce.ConsumerSecret,
		"    policy:", "    members: {who: \"true\", position: contact.Title}\n    policy:").Replace(orgFile)
	byChange, inFull := t.TempDir(), t.TempDir()
	run := func(dir string, args ...string) string {
		code, out, errs := withFile(t, dir, file, box.InstanceURL, append([]string{"reconcile", "--yes"}, args...)...)
		if code != exitOK && code != exitPartly { // the names of some are claimed twice
			t.Fatalf("code %d:\n%s%s", code, out, errs)
		}
		return out
	}
	run(byChange)
	run(inFull)
	for i, work := range crmWork {
		for _, act := range work {
			post(t, box.AdminURL+"/sandbox/do", act)
		}
		if out := run(byChange); !strings.Contains(out, "what changed since") {
			t.Errorf("after day %d the first desk read in full:\n%s", i, out)
		}
		if out := run(inFull, "--full"); !strings.Contains(out, "full read of") {
			t.Errorf("after day %d the second desk did not read in full:\n%s", i, out)
		}
		_, one, _ := withFile(t, byChange, file, box.InstanceURL, "store", "export")
		_, two, _ := withFile(t, inFull, file, box.InstanceURL, "store", "export")
		if n := strings.Count(one, "\n"); n < 200 || one != two {
			t.Errorf("after day %d of %d lines the first that differs: %s", i, n, firstDifference([]byte(one), []byte(two)))
		}
	}
}

// crmWork is what people do in the CRM, day by day.
var crmWork = [][]string{
	{
		`{"do": "update", "object": "Account", "id": "0015g00000005CaAAI", "fields": {"Name": "Globex Renamed", "AnnualRevenue": 12345}}`,
		`{"do": "delete", "id": "0015g00000005CcAAI"}`,
		`{"do": "update", "object": "Account", "id": "0015g00000005CjAAI", "fields": {"Type": "Prospect"}}`,
		`{"do": "create", "object": "Contact", "fields": {"LastName": "Newman", "FirstName": "Nora", "AccountId": "0015g00000005CaAAI", "Email": "nora@customer0.example"}}`,
		`{"do": "update", "object": "Contact", "id": "0035g00000005CvAAI", "fields": {"AccountId": "0015g00000005CaAAI"}}`,
		`{"do": "update", "object": "Contact", "id": "0035g00000005CwAAI", "fields": {"AccountId": null}}`,
	},
	{
		`{"do": "merge", "object": "Account", "id": "0015g00000005ChAAI", "ids": ["0015g00000005CiAAI"]}`,
		`{"do": "update", "object": "Account", "id": "0015g00000005CjAAI", "fields": {"Type": "Customer", "AnnualRevenue": 7}}`,
		`{"do": "undelete", "id": "0015g00000005CcAAI"}`,
		`{"do": "touch", "object": "Contact", "first": 20, "count": 60, "fields": {"Title": "Head of All"}}`,
	},
	{
		`{"do": "create", "object": "Account", "fields": {"Name": "Brand New", "Type": "Customer"}}`,
		`{"do": "update", "object": "Contact", "id": "0035g00000005CwAAI", "fields": {"AccountId": "0015g00000005ClAAI"}}`,
		`{"do": "delete", "id": "0035g00000005CxAAI"}`,
	},
}

func post(t *testing.T, url, body string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s: %s: %s", body, resp.Status, text)
	}
}
