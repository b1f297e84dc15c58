package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSandboxZendeskServesUntilInterrupted starts the command, creates an organization in
// the background at the address it prints, on a clock that runs fast, and interrupts it.
func TestSandboxZendeskServesUntilInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	read, write := io.Pipe()
	a := &app{out: write, err: io.Discard, now: time.Now}
	ended := make(chan int)
	go func() {
		ended <- a.execute(ctx, []string{"sandbox", "zendesk", "--json", "--organizations", "10", "--speed", "1000", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"})
	}()
	var where map[string]string
	if err := json.NewDecoder(bufio.NewReader(read)).Decode(&where); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	form := `{"grant_type":"client_credentials","client_id":"` + where["client_id"] + `","client_secret":"` + where["client_secret"] + `","scope":"read write"}`
	token := ask(t, http.MethodPost, where["url"]+"/oauth/tokens", "", form)["access_token"].(string)
	job := ask(t, http.MethodPost, where["url"]+"/api/v2/organizations/create_many", token, `{"organizations":[{"name":"Eleventh"}]}`)["job_status"].(map[string]any)
	for range 200 {
		if ask(t, http.MethodGet, where["url"]+"/api/v2/job_statuses/"+job["id"].(string), token, "")["job_status"].(map[string]any)["status"] == "completed" {
			break
		}
	}
	count := ask(t, http.MethodGet, where["url"]+"/api/v2/organizations/count", token, "")["count"].(map[string]any)["value"]
	if count != 11.0 {
		t.Errorf("%v organizations, want 11", count)
	}
	if state := ask(t, http.MethodGet, where["admin_url"]+"/sandbox/state", "", ""); state["plan"] != "enterprise" {
		t.Errorf("state: %v", state)
	}
	interrupt()
	if code := <-ended; code != 0 {
		t.Errorf("ended with %d, want 0", code)
	}
}

// ask makes a call and returns what the answer holds.
func ask(t *testing.T, method, url, token, body string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %v %v", method, url, resp.StatusCode, err, out)
	}
	return out
}
