//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/virtual"
	sandbox "github.com/desksync/desksync/sandbox/zendesk"
	"github.com/desksync/desksync/sync/adopt"
)

// TestKilledAtAnyCallOfAnAdoptionTheSameCommandGoesOn kills `desksync adopt`, both as it
// proposes and as it links, at each of its calls, carried out or not, and gives the same
// command again. Then everything is linked as after an undisturbed adoption, nothing was
// made, and there is nothing left to link.
func TestKilledAtAnyCallOfAnAdoptionTheSameCommandGoesOn(t *testing.T) {
	t.Parallel()
	binary := buildVirtual(t)
	undisturbed := newAdoption(t, binary)
	before := undisturbed.holds(t)
	undisturbed.seen.Store(0)
	undisturbed.mustPropose(t)
	proposing := undisturbed.seen.Load()
	undisturbed.seen.Store(0)
	if said, code := undisturbed.link(t); code != exitOK {
		t.Fatalf("the undisturbed adoption ended with %d and said\n%s", code, said)
	}
	linking, want := undisturbed.seen.Load(), undisturbed.holds(t)
	if len(want) != len(before) || strings.Join(want, "\n") == strings.Join(before, "\n") {
		t.Fatalf("the undisturbed adoption made of %d things %d, and linked them or not", len(before), len(want))
	}
	t.Logf("it takes %d calls to propose, and %d to link", proposing, linking)
	for call := int64(1); call <= proposing+linking; call++ {
		for _, carriedOut := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d carried out %v", call, carriedOut), func(t *testing.T) {
				t.Parallel()
				a := newAdoption(t, binary)
				a.k.want = want
				a.adoptKilledAt(t, call, proposing, carriedOut)
			})
		}
	}
}

// adoptKilledAt adopts; who does is killed at a call, counted from the first proposal.
func (a *calledAccount) adoptKilledAt(t *testing.T, call, proposing int64, carriedOut bool) {
	t.Helper()
	killed, at := a.propose, call
	if call > proposing {
		a.mustPropose(t)
		killed, at = a.link, call-proposing
	}
	a.seen.Store(0)
	a.at, a.carriedOut = at, carriedOut
	if said, code := killed(t); code != -1 {
		t.Fatalf("it was not killed: it ended with %d and said\n%s", code, said)
	}
	if call <= proposing {
		a.mustPropose(t)
	}
	if said, code := a.link(t); code != exitOK {
		t.Errorf("the same command ended with %d and said\n%s", code, said)
	}
	if got := a.holds(t); strings.Join(got, "\n") != strings.Join(a.k.want, "\n") {
		t.Errorf("the account differs from that of an undisturbed adoption: %s", differs(got, a.k.want))
	}
	if said, code := a.link(t); code != exitOK || !strings.Contains(said, "is left to link") {
		t.Errorf("once more it ended with %d and said\n%s", code, said)
	}
}

// newAdoption is an account that was kept by hand, and a CRM that knows its customers.
func newAdoption(t *testing.T, binary string) *calledAccount {
	t.Helper()
	a := &calledAccount{k: &callKiller{binary: binary}, dir: t.TempDir(), clock: virtual.NewFollower(callsBegin)}
	a.box = sandbox.New(sandbox.Options{Organizations: 20, Seed: 1, BulkUserImport: true, Now: a.clock.Now})
	server := httptest.NewServer(a.clock.Handler(http.HandlerFunc(a.serve)))
	t.Cleanup(server.Close)
	(&existing{T: t, box: a.box, dir: a.dir}).lay(strings.NewReplacer("http://127.0.0.1:9", server.URL, "${ZD_SECRET}", sandbox.ClientSecret))
	a.clock.Reach(a.clock.Now().Add(3 * time.Minute))
	return a
}

const proposals = "proposals.csv"

func (a *calledAccount) propose(t *testing.T) (said string, code int) {
	t.Helper()
	return a.command(t, "adopt", "--out", proposals)
}

// mustPropose proposes, and says yes to whatever is asked.
func (a *calledAccount) mustPropose(t *testing.T) {
	t.Helper()
	if said, code := a.propose(t); code != exitOK && code != exitFound {
		t.Fatalf("the proposing ended with %d and said\n%s", code, said)
	}
	name := filepath.Join(a.dir, proposals)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, problems, err := adopt.Read(bytes.NewReader(text))
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	for _, r := range rows {
		if r.Link == adopt.Ask && r.TargetID == "" {
			t.Fatalf("nobody knows what to say to %+v", r)
		}
	}
	if err := os.WriteFile(name, bytes.ReplaceAll(text, []byte(",?,"), []byte(",yes,")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// link links what the file says yes to.
func (a *calledAccount) link(t *testing.T) (said string, code int) {
	t.Helper()
	a.clock.Reach(a.clock.Now().Add(3 * time.Minute))
	return a.command(t, "adopt", "--in", proposals, "--yes")
}
