package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
)

// killPhases are where a run is killed. "wrote" stands between a write to the
// helpdesk and its note in the journal.
var killPhases = []string{"read", "refresh", "map", "resolve", "compare", "guard", "seal", "apply", "wrote", "finish"}

// TestKilledAnywhereTheNextRunHeals kills a first load with SIGKILL at random points
// of every phase, runs once more, and compares the helpdesk with that of a load that
// nobody disturbed. CI kills loads of 10,000 accounts; DESKSYNC_KILLS and DESKSYNC_KILL_ACCOUNTS set how often and how
// much, DESKSYNC_KILL_SEED repeats a run.
func TestKilledAnywhereTheNextRunHeals(t *testing.T) {
	t.Parallel()
	kills, accounts := envInt("DESKSYNC_KILLS", 20), envInt("DESKSYNC_KILL_ACCOUNTS", 2_000)
	seed := uint64(envInt("DESKSYNC_KILL_SEED", int(time.Now().UnixNano()%1_000_000))) //nolint:gosec // a seed
	t.Logf("%d kills in a load of %d accounts, DESKSYNC_KILL_SEED=%d", kills, accounts, seed)
	k := newKiller(t, accounts)
	random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // repeatable
	for i := range kills {
		phase := killPhases[i%len(killPhases)]
		nth := 1 + random.IntN(max(k.points[phase], 1))
		where := fmt.Sprintf("%s:%d:%d", phase, nth, random.IntN(30_000))
		t.Run(fmt.Sprintf("%d %sµs", i, where), func(t *testing.T) {
			t.Parallel()
			k.killOnce(t, where)
		})
	}
}

// TestAnInterruptEndsARunAndTheNextOneGoesOn interrupts a first load while it writes,
// as Ctrl-C does, and runs once more.
func TestAnInterruptEndsARunAndTheNextOneGoesOn(t *testing.T) {
	t.Parallel()
	k := newKiller(t, 2_000)
	world := k.world(t)
	said, code := k.say(t, world, "wrote:2:0:INT")
	if code != exitInterrupted {
		t.Fatalf("the interrupted run ended with %d and said\n%s", code, said)
	}
	for _, want := range []string{`(?m)^run 1: interrupted, [0-9,]+ changes written, [0-9,]+ left for the next run$`, `(?m)^interrupted: what was written is noted, and the next run goes on$`} {
		if !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("the interrupted run said\n%swant %s", said, want)
		}
	}
	if got := k.export(t, world); len(got) == 0 || bytes.Equal(got, k.want) {
		t.Error("the interrupted run wrote all or nothing; the test interrupts too late or too early")
	}
	if said, code := k.say(t, world, ""); code != exitOK && code != exitPartly {
		t.Errorf("the run after it ended with %d and said\n%s", code, said)
	}
	if got := k.export(t, world); !bytes.Equal(got, k.want) {
		t.Errorf("the helpdesk differs from that of an undisturbed load: %s", firstDifference(got, k.want))
	}
	if said, _ := k.say(t, world, ""); !strings.Contains(said, "0 changes written") {
		t.Errorf("the third run finds something to do; it said\n%s", said)
	}
}

type killer struct {
	binary string
	crm    string
	points map[string]int // how often an undisturbed run passes each point
	want   []byte         // its helpdesk
}

func newKiller(t *testing.T, accounts int) *killer {
	t.Helper()
	dir := t.TempDir()
	k := &killer{binary: filepath.Join(dir, "desksync"), crm: filepath.Join(dir, "crm"), points: map[string]int{}}
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "killpoints", "-o", k.binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	opt := crmgen.Options{Accounts: accounts, Day: day.Of(time.Now()), Odd: crmgen.RealLife()}
	if _, err := crmgen.Write(t.Context(), k.crm, opt); err != nil {
		t.Fatal(err)
	}
	world, count := k.world(t), filepath.Join(dir, "points")
	if code := k.run(t, world, "count:"+count); code != exitOK && code != exitPartly {
		t.Fatalf("the undisturbed run ended with %d", code)
	}
	k.want = k.export(t, world)
	passed, err := os.ReadFile(count)
	if err != nil {
		t.Fatal(err)
	}
	for point := range strings.FieldsSeq(string(passed)) {
		k.points[point]++
	}
	for _, phase := range killPhases {
		if k.points[phase] == 0 {
			t.Errorf("no run passes the point %q", phase)
		}
	}
	return k
}

// world is a folder with the configuration and a link to the export.
func (k *killer) world(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"desksync.yaml", "overrides.yaml", "protected.csv"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "gitlab", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(k.crm, filepath.Join(dir, "crm")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (k *killer) killOnce(t *testing.T, where string) {
	t.Helper()
	world := k.world(t)
	defer os.RemoveAll(world)
	if first := k.run(t, world, where); first != -1 && !strings.HasPrefix(where, "finish") {
		t.Logf("the kill came too late: the run had ended with %d", first)
	}
	if code := k.run(t, world, ""); code != exitOK && code != exitPartly {
		t.Errorf("the run after it ended with %d", code)
	}
	if got := k.export(t, world); !bytes.Equal(got, k.want) {
		t.Errorf("the helpdesk differs from that of an undisturbed load: %s", firstDifference(got, k.want))
	}
	if code := k.run(t, world, ""); code != exitOK && code != exitPartly {
		t.Errorf("the second run after it ended with %d", code)
	}
}

// run runs the customers pipeline and returns its exit code, -1 if it was killed.
func (k *killer) run(t *testing.T, world, kill string) int {
	t.Helper()
	said, code := k.say(t, world, kill)
	if code == exitFailed {
		t.Logf("the run said: %s", said)
	}
	return code
}

// say is run with what it said.
func (k *killer) say(t *testing.T, world, kill string) (string, int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), k.binary, "reconcile", "--pipeline", "customers", "--quiet")
	c.Dir = world
	c.Env = append(os.Environ(), "DESKSYNC_KILL="+kill)
	out, err := c.CombinedOutput()
	if err == nil {
		return string(out), exitOK
	}
	ended, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatal(err)
	}
	if status, ok := ended.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
		return string(out), -1
	}
	return string(out), ended.ExitCode()
}

// export is what the helpdesk holds, without its own numbers and times.
func (k *killer) export(t *testing.T, world string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), k.binary, "store", "export", "--target", "support")
	c.Dir = world
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func firstDifference(got, want []byte) string {
	a, b := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !slices.Equal(a[i], b[i]) {
			return fmt.Sprintf("line %d is\n%s\nand should be\n%s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, and %d expected", len(a), len(b))
}

func envInt(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}
