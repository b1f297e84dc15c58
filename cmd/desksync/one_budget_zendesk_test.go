package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	box "github.com/desksync/desksync/sandbox/zendesk"
)

// TestExportsAreOneBudgetOverAllCommands: commands that follow each other at once are
// processes of their own, and keep to the share of ten exports a minute together.
func TestExportsAreOneBudgetOverAllCommands(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, login, login+"\n    rate_share: 50%")
	x.desksync("reconcile", "--yes")
	x.at(x.Now().Add(5 * time.Minute))
	x.box.Forget()
	for range 8 {
		if code, said := x.desksync("reconcile", "--yes"); code == exitFailed {
			t.Fatal(said)
		}
	}
	var exports []time.Time
	for _, r := range x.box.Requests() {
		if strings.HasPrefix(r.Path, "/api/v2/incremental/") {
			exports = append(exports, r.At)
		}
	}
	if len(exports) < 16 {
		t.Fatalf("%d exports: the test is blind", len(exports))
	}
	const share = 5
	for i, at := range exports[share:] {
		if at.Sub(exports[i]) < time.Minute {
			t.Fatalf("%d exports within %s, want at most %d a minute: %v", share+1, at.Sub(exports[i]), share, exports)
		}
	}
	if took := exports[len(exports)-1].Sub(exports[0]); took > 5*time.Minute {
		t.Errorf("%d exports took %s", len(exports), took)
	}
	if slices.ContainsFunc(x.box.Requests(), func(r box.Request) bool { return r.Status == http.StatusTooManyRequests }) {
		t.Error("the helpdesk had to refuse a call")
	}
}
