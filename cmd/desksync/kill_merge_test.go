package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// mergeKills are the points that an approved merge passes. The second apply and wrote
// stand between the merge and its note.
var mergeKills = []string{"apply:1", "apply:2", "wrote:1", "wrote:2", "finish:1"}

// TestAMergeKilledAnywhereIsMadeOnce kills an approved merge with SIGKILL around every
// durable step; the next run, or whoever approves it again, leaves the helpdesk as if
// nothing had happened. DESKSYNC_KILL_SEED repeats a run.
func TestAMergeKilledAnywhereIsMadeOnce(t *testing.T) {
	t.Parallel()
	seed := uint64(envInt("DESKSYNC_KILL_SEED", int(time.Now().UnixNano()%1_000_000))) //nolint:gosec // a seed
	t.Logf("DESKSYNC_KILL_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // repeatable
	m := newMergeKiller(t)
	for i := range 3 * len(mergeKills) {
		where := fmt.Sprintf("%s:%d", mergeKills[i%len(mergeKills)], random.IntN(8_000))
		t.Run(fmt.Sprintf("%d %sµs", i, where), func(t *testing.T) {
			t.Parallel()
			dir := m.world(t)
			m.approve(t, dir, where)
			if i%2 == 0 {
				m.run(t, dir, "", "reconcile", "--quiet")
			}
			m.approve(t, dir, "")
			m.run(t, dir, "", "reconcile", "--quiet")
			if got := m.run(t, dir, "", "store", "export"); !bytes.Equal(got, m.want) {
				t.Errorf("the helpdesk differs from that of an undisturbed merge: %s", firstDifference(got, m.want))
			}
			if out := m.run(t, dir, "", "reconcile", "--quiet"); !bytes.Contains(out, []byte("nothing to do")) {
				t.Errorf("the run after it finds something to do:\n%s", out)
			}
		})
	}
}

type mergeKiller struct {
	binary string
	ready  string // a folder with one proposal
	want   []byte // the helpdesk after an undisturbed merge
}

func newMergeKiller(t *testing.T) *mergeKiller {
	t.Helper()
	dir := t.TempDir()
	m := &mergeKiller{binary: filepath.Join(dir, "desksync"), ready: filepath.Join(dir, "ready")}
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "killpoints", "-o", m.binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.CopyFS(m.ready, os.DirFS(filepath.Join("..", "..", "examples", "demo"))); err != nil {
		t.Fatal(err)
	}
	m.rewrite(t, "subscriptions.csv", func(_ int, line string) string {
		return strings.NewReplacer(",2026-12-", ",2099-12-", ",2027-", ",2099-").Replace(line) // whatever day it is
	})
	m.run(t, m.ready, "", "reconcile", "--quiet")
	m.mergeAccounts(t)
	m.run(t, m.ready, "", "reconcile", "--quiet")
	done := m.world(t)
	m.approve(t, done, "")
	m.run(t, done, "", "reconcile", "--quiet")
	m.want = m.run(t, done, "", "store", "export")
	if !bytes.Contains(m.want, []byte("was merged into this one by")) {
		t.Fatalf("the undisturbed merge was not made:\n%s", m.want)
	}
	return m
}

// mergeAccounts exports all records of a CRM that merged Soylent into Hooli.
func (m *mergeKiller) mergeAccounts(t *testing.T) {
	t.Helper()
	const loser, winner = "001Aa00000SOYL1IAP", "001Aa00000HOOL1IAP"
	for _, name := range []string{"contacts.csv", "subscriptions.csv"} {
		m.rewrite(t, name, func(_ int, line string) string { return strings.ReplaceAll(line, loser, winner) })
	}
	m.rewrite(t, "accounts.csv", func(i int, line string) string {
		switch {
		case i == 0:
			return line + ",IsDeleted,MasterRecordId"
		case strings.HasPrefix(line, loser):
			return line + ",true," + winner
		default:
			return line + ",false,"
		}
	})
}

// rewrite changes a file of the export line by line.
func (m *mergeKiller) rewrite(t *testing.T, name string, change func(int, string) string) {
	t.Helper()
	file := filepath.Join(m.ready, "crm", name)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i := range lines {
		lines[i] = change(i, lines[i])
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// approve approves the merge that waits; nothing if none does.
func (m *mergeKiller) approve(t *testing.T, dir, kill string) {
	t.Helper()
	out := m.run(t, dir, "", "merges", "--json")
	if len(out) == 0 {
		return
	}
	var item struct{ ID int }
	if err := json.Unmarshal(out, &item); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	m.run(t, dir, kill, "merges", "approve", strconv.Itoa(item.ID), "--reason", "one customer")
}

// world is a copy of the folder with the proposal.
func (m *mergeKiller) world(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "world")
	if err := os.CopyFS(dir, os.DirFS(m.ready)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a command, whatever it ends with, and returns what it printed.
func (m *mergeKiller) run(t *testing.T, dir, kill string, args ...string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), m.binary, args...)
	c.Dir, c.Env = dir, append(os.Environ(), "DESKSYNC_KILL="+kill)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if kill == "" && err != nil && c.ProcessState.ExitCode() != exitFound {
		t.Errorf("%s ended with %v\n%s%s", args, err, out, &said)
	}
	return out
}
