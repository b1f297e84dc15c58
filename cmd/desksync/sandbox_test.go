package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSandboxServesUntilInterrupted starts the command, logs in at the address it
// prints, and interrupts it.
func TestSandboxServesUntilInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	read, write := io.Pipe()
	a := &app{out: write, err: io.Discard, now: time.Now}
	key := filepath.Join(t.TempDir(), "key.pem")
	ended := make(chan int)
	go func() {
		ended <- a.execute(ctx, []string{"sandbox", "salesforce", "--json", "--accounts", "10", "--key-file", key, "--listen", "127.0.0.1:0", "--login-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"})
	}()
	var where map[string]string
	if err := json.NewDecoder(bufio.NewReader(read)).Decode(&where); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {where["consumer_key"]}, "client_secret": {where["consumer_secret"]}}
	resp, err := http.PostForm(where["instance_url"]+"/services/oauth2/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("login: %d", resp.StatusCode)
	}
	if text, err := os.ReadFile(key); err != nil || !strings.HasPrefix(string(text), "-----BEGIN PRIVATE KEY-----") {
		t.Errorf("key file: %v, %.40s", err, text)
	}
	interrupt()
	if code := <-ended; code != 0 {
		t.Errorf("ended with %d, want 0", code)
	}
}
