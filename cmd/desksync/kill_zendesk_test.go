//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/virtual"
	sandbox "github.com/desksync/desksync/sandbox/zendesk"
)

// TestKilledAtAnyCallToZendeskTheNextRunHeals kills a first load with SIGKILL at random
// calls to Zendesk: as a call arrives, which is then not carried out, or with the reply on
// its way. It runs once more, compares the account with that of a load that nobody
// disturbed, and runs a third time, which has nothing to write. CI kills fewer and smaller loads:
// DESKSYNC_ZENDESK_KILLS and DESKSYNC_ZENDESK_KILL_ACCOUNTS set how often and how much,
// DESKSYNC_KILL_SEED repeats a run.
func TestKilledAtAnyCallToZendeskTheNextRunHeals(t *testing.T) {
	t.Parallel()
	kills, accounts := envInt("DESKSYNC_ZENDESK_KILLS", 8), envInt("DESKSYNC_ZENDESK_KILL_ACCOUNTS", 600)
	seed := uint64(envInt("DESKSYNC_KILL_SEED", int(time.Now().UnixNano()%1_000_000))) //nolint:gosec // a seed
	k := newCallKiller(t, accounts)
	t.Logf("%d kills in a load of %d accounts, which takes %d calls; DESKSYNC_KILL_SEED=%d", kills, accounts, k.calls, seed)
	random := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // repeatable
	for i := range kills {
		at, carriedOut := 1+random.Int64N(k.calls), random.IntN(2) == 0
		t.Run(fmt.Sprintf("%d call %d, carried out %v", i, at, carriedOut), func(t *testing.T) {
			t.Parallel()
			k.killAt(t, at, carriedOut)
		})
	}
}

// callKiller has what all loads have in common.
type callKiller struct {
	binary, crm string
	calls       int64    // of an undisturbed load
	want        []string // what the account holds after it
}

// buildVirtual builds the product with a clock that its answers set.
func buildVirtual(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "desksync")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "virtualtime", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func newCallKiller(t *testing.T, accounts int) *callKiller {
	t.Helper()
	k := &callKiller{binary: buildVirtual(t), crm: filepath.Join(t.TempDir(), "crm")}
	if _, err := crmgen.Write(t.Context(), k.crm, crmgen.Options{Accounts: accounts, Day: day.Of(callsBegin)}); err != nil {
		t.Fatal(err)
	}
	a := k.account(t)
	if said, code := a.run(t); code != exitOK {
		t.Fatalf("the undisturbed run ended with %d and said\n%s", code, said)
	}
	k.calls, k.want = a.seen.Load(), a.holds(t)
	if len(k.want) != accounts+2*int(float64(accounts)*2.4+0.5)+2 {
		t.Fatalf("the undisturbed run made %d things of %d accounts", len(k.want), accounts)
	}
	if said, code := a.run(t); code != exitOK || !strings.Contains(said, "0 changes written") {
		t.Fatalf("the run after the undisturbed one ended with %d and said\n%s", code, said)
	}
	return k
}

func (k *callKiller) killAt(t *testing.T, at int64, carriedOut bool) {
	t.Helper()
	a := k.account(t)
	a.at, a.carriedOut = at, carriedOut
	a.diesAndHeals(t)
}

// oneByOne is how many users may be asked about by themselves: hundreds of memberships are
// looked for after a kill.
const oneByOne = 10

// diesAndHeals makes a run that is killed, one that must heal the account, and one that
// must have nothing left to do.
func (a *calledAccount) diesAndHeals(t *testing.T) {
	t.Helper()
	if said, code := a.run(t); code != -1 {
		t.Fatalf("the run was not killed: it ended with %d and said\n%s", code, said)
	}
	if said, code := a.run(t); code != exitOK {
		t.Errorf("the run after it ended with %d and said\n%s", code, said)
	}
	if n := a.box.Stats().ByRoute["GET users/:id/organization_memberships"]; n > oneByOne {
		t.Errorf("the runs asked %d users for their memberships, one by one; want %d at most", n, oneByOne)
	}
	if got := a.holds(t); !slices.Equal(got, a.k.want) {
		t.Errorf("the account differs from that of an undisturbed run: %s", differs(got, a.k.want))
	}
	if said, code := a.run(t); code != exitOK || !strings.Contains(said, "0 changes written") {
		t.Errorf("the third run ended with %d and said\n%s", code, said)
	}
}

// differs names what is there too much and what is missing.
func differs(got, want []string) string {
	var out []string
	for _, x := range []struct {
		what string
		a, b []string
	}{{"too much", got, want}, {"missing", want, got}} {
		count := map[string]int{}
		for _, s := range x.b {
			count[s]++
		}
		for _, s := range x.a {
			if count[s]--; count[s] < 0 {
				out = append(out, x.what+": "+s)
			}
		}
	}
	return fmt.Sprintf("%d lines\n%s", len(out), strings.Join(out[:min(len(out), 10)], "\n"))
}

// callsBegin is the virtual time at which all loads begin.
var callsBegin = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// calledAccount is a stand-in for Zendesk, and the folder of who keeps it.
type calledAccount struct {
	k          *callKiller
	dir        string
	clock      *virtual.Follower
	box        *sandbox.Sandbox
	seen       atomic.Int64 // calls so far
	at         int64        // the call at which who calls is killed; 0: none
	carriedOut bool
	caller     atomic.Pointer[os.Process]
}

func (k *callKiller) account(t *testing.T) *calledAccount {
	t.Helper()
	a := &calledAccount{k: k, dir: t.TempDir(), clock: virtual.NewFollower(callsBegin)}
	a.box = sandbox.New(sandbox.Options{MultiOrganizations: true, BulkUserImport: true, NoFields: true, Now: a.clock.Now})
	server := httptest.NewServer(a.clock.Handler(http.HandlerFunc(a.serve)))
	t.Cleanup(server.Close)
	text, err := os.ReadFile(filepath.Join("..", "..", "internal", "bench", "zendesk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.NewReplacer("{{dir}}", k.crm, "{{url}}", server.URL, "{{share}}", "100%").Replace(string(text)))
	if err := os.WriteFile(filepath.Join(a.dir, "desksync.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, code := a.command(t, "target", "prepare", "--yes"); code != exitOK {
		t.Fatalf("target prepare ended with %d and said\n%s", code, said)
	}
	a.seen.Store(0)
	return a
}

// serve counts calls, and kills who makes the chosen one.
func (a *calledAccount) serve(w http.ResponseWriter, r *http.Request) {
	if a.seen.Add(1) != a.at {
		a.box.Handler().ServeHTTP(w, r)
		return
	}
	if a.carriedOut {
		a.box.Handler().ServeHTTP(httptest.NewRecorder(), r)
	}
	_ = a.caller.Load().Kill()
	panic(http.ErrAbortHandler) // the connection is cut
}

// run makes a pass some minutes later.
func (a *calledAccount) run(t *testing.T) (said string, code int) {
	t.Helper()
	a.clock.Reach(a.clock.Now().Add(3 * time.Minute))
	return a.command(t, "reconcile", "--pipeline", "customers", "--quiet")
}

// command runs the product and returns its exit code, -1 if it was killed.
func (a *calledAccount) command(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), a.k.binary, args...)
	var out bytes.Buffer
	c.Dir, c.Stdout, c.Stderr = a.dir, &out, &out
	c.Env = append(os.Environ(), "DESKSYNC_VIRTUAL_TIME="+a.clock.Now().Format(time.RFC3339Nano))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	a.caller.Store(c.Process)
	err := c.Wait()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatal(err)
	}
	return out.String(), c.ProcessState.ExitCode()
}

// holds is everything in the account, without its own numbers and times, in order.
func (a *calledAccount) holds(t *testing.T) []string {
	t.Helper()
	a.clock.Reach(a.clock.Now().Add(3 * time.Minute))
	names := map[string]string{} // by what and number
	var out []string
	for _, what := range []string{"organizations", "users"} {
		a.list(t, what, func(x map[string]any) {
			name := fmt.Sprint(x["external_id"], " ", x["name"])
			names[what+fmt.Sprint(x["id"])] = name
			tags, _ := json.Marshal(x["tags"])
			fields, _ := json.Marshal(x["organization_fields"])
			out = append(out, fmt.Sprint(what, " ", name, " ", x["email"], " ", string(tags), " ", string(fields)))
		})
	}
	a.list(t, "organization_memberships", func(x map[string]any) {
		out = append(out, fmt.Sprint(names["users"+fmt.Sprint(x["user_id"])], " in ", names["organizations"+fmt.Sprint(x["organization_id"])], " default ", x["default"]))
	})
	slices.Sort(out)
	return out
}

// list lists all of a resource by cursor.
func (a *calledAccount) list(t *testing.T, what string, each func(map[string]any)) {
	t.Helper()
	for after := ""; ; {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://acme.zendesk.com/api/v2/"+what+"?page[size]=100"+after, nil)
		req.SetBasicAuth(sandbox.AdminEmail+"/token", sandbox.APIToken)
		w := httptest.NewRecorder()
		a.box.Handler().ServeHTTP(w, req)
		var page map[string]json.RawMessage
		d := json.NewDecoder(w.Body)
		if err := d.Decode(&page); err != nil || w.Code != http.StatusOK {
			t.Fatalf("list of %s: %d %v", what, w.Code, err)
		}
		var rows []map[string]any
		d = json.NewDecoder(bytes.NewReader(page[what]))
		d.UseNumber()
		if err := d.Decode(&rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			each(row)
		}
		var meta struct {
			More  bool   `json:"has_more"`
			After string `json:"after_cursor"`
		}
		if err := json.Unmarshal(page["meta"], &meta); err != nil || !meta.More {
			return
		}
		after = "&page[after]=" + meta.After
	}
}
