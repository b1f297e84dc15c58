package main

import (
	"net/http"
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
	read := func(file string) string {
		dir := t.TempDir()
		code, out, errs := withFile(t, dir, file, box.InstanceURL, "reconcile", "--yes")
		if !strings.Contains(out, "accounts (complete)") || code != exitOK && code != exitPartly { // names with line breaks are refused
			t.Fatalf("code %d:\n%s%s", code, out, errs)
		}
		_, export, _ := withFile(t, dir, file, box.InstanceURL, "store", "export")
		return export
	}
	rest, bulk := read(file), read(strings.Replace(file, "    objects:", "    bulk_rows: 0\n    objects:", 1))
	if n := strings.Count(rest, "\n"); n < 500 || rest != bulk {
		t.Errorf("REST gives %d lines; the first that differs: %s", n, firstDifference([]byte(bulk), []byte(rest)))
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
