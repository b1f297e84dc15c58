//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
)

// TestOneBudgetOverKillAndTakeover gives a target a twentieth of the account's calls, and
// kills two processes, one after the other, shortly before that is spent; the next one
// takes over at once. The stand-in's own log shows no minute with more calls than that.
func TestOneBudgetOverKillAndTakeover(t *testing.T) {
	t.Parallel()
	const share = 35 // of 700 calls a minute
	k := &callKiller{binary: buildVirtual(t), crm: filepath.Join(t.TempDir(), "crm")}
	if _, err := crmgen.Write(t.Context(), k.crm, crmgen.Options{Accounts: 1500, Day: day.Of(callsBegin)}); err != nil {
		t.Fatal(err)
	}
	a := k.account(t)
	config := filepath.Join(a.dir, "desksync.yaml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte(strings.Replace(string(text), "rate_share: 100%", "rate_share: 5%", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	a.clock.Reach(a.clock.Now().Add(3 * time.Minute))
	a.box.Forget()
	a.carriedOut = true
	for range 2 {
		a.at = a.seen.Load() + share - 5
		if said, code := a.command(t, "reconcile", "--pipeline", "customers", "--quiet"); code != -1 {
			t.Fatalf("the run was not killed: it ended with %d and said\n%s", code, said)
		}
	}
	if said, code := a.command(t, "reconcile", "--pipeline", "customers", "--quiet"); code != exitOK {
		t.Fatalf("the last run ended with %d and said\n%s", code, said)
	}
	var calls []time.Time
	for _, r := range a.box.Requests() {
		if strings.HasPrefix(r.Path, "/api/") { // logins are not among the counted calls
			calls = append(calls, r.At)
		}
	}
	most, from := 0, 0
	for i, at := range calls {
		for !calls[from].After(at.Add(-time.Minute)) {
			from++
		}
		most = max(most, i-from+1)
	}
	t.Logf("%d calls in %s, at most %d within a minute, of %d", len(calls), calls[len(calls)-1].Sub(calls[0]), most, share)
	if most > share || most < share/2 {
		t.Errorf("%d calls within a minute, want at most %d, and not far less", most, share)
	}
}
