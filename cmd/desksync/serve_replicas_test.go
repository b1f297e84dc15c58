//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	sandbox "github.com/desksync/desksync/sandbox/zendesk"
	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// replicaLease is how long replicas under test wait for a silent one. The limit
// for them is a minute from the kill to the next call.
const replicaLease = 4 * time.Second

// handOver is how long a replica that is asked to stop may take until another goes on: five
// seconds, and room for a machine that runs other tests. The test prints what it took.
const handOver = 20 * time.Second

// TestThreeReplicasOutliveOneAndTheirDatabase runs three daemons on one PostgreSQL, which
// load thousands of changes into the stand-in for Zendesk; DESKSYNC_REPLICA_ACCOUNTS=1750
// makes it 10,150. The one at work is killed with
// SIGKILL amid its writes; then the database's server crashes and restarts while the next
// one writes; then the one at work is asked to stop. The stand-in's own log says that
// nothing was made twice, and what it cost.
func TestThreeReplicasOutliveOneAndTheirDatabase(t *testing.T) {
	t.Parallel()
	accounts := envInt("DESKSYNC_REPLICA_ACCOUNTS", 600)
	w := newReplicas(t, accounts)
	for range 3 {
		w.start(t)
	}
	total := accounts + 2*int(float64(accounts)*2.4+0.5)
	w.whenMade(t, total/8)
	first := w.atWork(t)
	killed := time.Now()
	w.signal(t, first, syscall.SIGKILL)
	second := w.nextAtWork(t, first)
	took := time.Since(killed)
	t.Logf("%d was killed; %d went on after %s (lease %s)", first, second, took.Round(time.Millisecond), replicaLease)
	if took > time.Minute {
		t.Errorf("it took %s until another went on", took)
	}
	w.whenMade(t, total/2)
	if err := w.server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	w.whenMade(t, total*3/4)
	third := w.atWork(t)
	asked := time.Now()
	w.signal(t, third, syscall.SIGTERM)
	fourth := w.nextAtWork(t, third)
	took = time.Since(asked)
	t.Logf("%d was asked to stop; %d went on after %s", third, fourth, took.Round(time.Millisecond))
	if took > handOver {
		t.Errorf("it took %s until it was handed over", took)
	}
	w.whenInStep(t)
	w.judge(t, accounts)
}

// replicas are daemons on one journal, and the stand-in for Zendesk that they write to.
type replicas struct {
	binary, config string
	dir            string
	server         *dbtest.Cluster
	db             *dbx.DB
	box            *sandbox.Sandbox

	mu  sync.Mutex // guards what follows
	all map[int]*replica
}

type replica struct {
	cmd   *exec.Cmd
	said  *bytes.Buffer
	ended chan error
}

func newReplicas(t *testing.T, accounts int) *replicas {
	t.Helper()
	dir := t.TempDir()
	w := &replicas{binary: filepath.Join(dir, "desksync"), dir: dir, config: filepath.Join(dir, "desksync.yaml"), all: map[int]*replica{}}
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "killpoints", "-o", w.binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	crm := filepath.Join(dir, "crm")
	if _, err := crmgen.Write(t.Context(), crm, crmgen.Options{Accounts: accounts, Day: day.Of(time.Now())}); err != nil {
		t.Fatal(err)
	}
	w.box = sandbox.New(sandbox.Options{MultiOrganizations: true, BulkUserImport: true, NoFields: true, PerMinute: 3_000, Kept: 100_000, Now: time.Now})
	w.box.Set(func(s *sandbox.Settings) {
		s.HoldBack, s.QueueSeconds, s.CreateSeconds, s.UpdateSeconds = 0, 0.5, 0.05, 0.02
	})
	served := httptest.NewServer(w.box.Handler())
	t.Cleanup(served.Close)
	var err error
	if w.server, err = dbtest.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.server.Stop(context.Background()) })
	if w.db, err = dbx.Open(t.Context(), w.server.DSN); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	w.configure(t, crm, served.URL)
	return w
}

func (w *replicas) configure(t *testing.T, crm, url string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "internal", "bench", "zendesk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s := strings.NewReplacer("{{dir}}", crm, "{{url}}", url, "{{share}}", "100%", "sqlite:journal.db", w.server.DSN,
		"    time_zone: UTC\n", "    time_zone: UTC\n    schedule: {delta: \"@every 5s\"}\n").Replace(string(text))
	if err := os.WriteFile(w.config, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
	prepare := exec.CommandContext(t.Context(), w.binary, "--config", w.config, "target", "prepare", "--yes")
	if out, err := prepare.CombinedOutput(); err != nil {
		t.Fatalf("target prepare: %v\n%s", err, out)
	}
	w.box.Forget()
}

// start starts one more daemon.
func (w *replicas) start(t *testing.T) {
	t.Helper()
	r := &replica{said: &bytes.Buffer{}, ended: make(chan error, 1)}
	r.cmd = exec.CommandContext(context.Background(), w.binary, "--config", w.config, "serve", "--listen", "127.0.0.1:0") //nolint:gosec // ours
	r.cmd.Env = append(os.Environ(), "DESKSYNC_LEASE="+replicaLease.String())
	r.cmd.Stdout, r.cmd.Stderr = r.said, r.said
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.ended <- r.cmd.Wait() }()
	w.mu.Lock()
	w.all[r.cmd.Process.Pid] = r
	w.mu.Unlock()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.ended
		if t.Failed() {
			t.Logf("%d said\n%s", r.cmd.Process.Pid, r.said)
		}
	})
}

func (w *replicas) signal(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := w.all[pid].cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// whenMade waits until the stand-in has so many organizations, users and memberships.
func (w *replicas) whenMade(t *testing.T, n int) {
	t.Helper()
	w.until(t, fmt.Sprintf("%d things in the stand-in", n), func() bool { return w.made() >= n })
}

func (w *replicas) made() (n int) {
	w.box.Look(func(a *account.Account) { c := a.Counts(); n = c.Organizations + c.Users + c.Memberships })
	return n
}

// atWork is the process that holds the pipeline's turn.
func (w *replicas) atWork(t *testing.T) (pid int) {
	t.Helper()
	w.until(t, "a process at work", func() bool { pid = w.holder(); return pid != 0 })
	return pid
}

// nextAtWork waits until another process than before holds the target, and has called.
func (w *replicas) nextAtWork(t *testing.T, before int) (pid int) {
	t.Helper()
	w.until(t, "another process at work", func() bool { pid = w.holder(); return pid != 0 && pid != before })
	calls := w.box.Stats().Calls
	w.until(t, "a call of it", func() bool { return w.box.Stats().Calls > calls })
	return pid
}

// holder is who holds the pipeline's turn; 0: nobody, or the database is away.
func (w *replicas) holder() int {
	var holder string
	if err := w.db.Get(&holder, `SELECT holder FROM turn WHERE pipeline = 'customers'`); err != nil {
		return 0
	}
	parts := strings.Fields(holder)
	if len(parts) != 3 {
		return 0
	}
	pid, _ := strconv.Atoi(parts[1])
	return pid
}

// whenInStep waits for a run that begins with everything in step.
func (w *replicas) whenInStep(t *testing.T) {
	t.Helper()
	w.until(t, "a run that finds nothing to do", func() bool {
		var n int
		err := w.db.Get(&n, `SELECT count(*) FROM run WHERE state = 'in step'`)
		return err == nil && n > 0
	})
}

func (w *replicas) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(4 * time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s; the stand-in saw %+v", what, w.box.Stats())
		}
	}
}

// judge asks the stand-in what it holds, and what that cost.
func (w *replicas) judge(t *testing.T, accounts int) {
	t.Helper()
	stats := w.box.Stats()
	t.Logf("%d calls, %d answered with 429: %v", stats.Calls, stats.Throttled, stats.ByRoute)
	var ids []string
	contacts := int(float64(accounts)*2.4 + 0.5)
	w.box.Look(func(a *account.Account) {
		c := a.Counts()
		if c.Organizations != accounts || c.Memberships != contacts {
			t.Errorf("the account holds %d organizations and %d memberships, want %d and %d", c.Organizations, c.Memberships, accounts, contacts)
		}
		for o := range a.Organizations(0) {
			ids = append(ids, o.ExternalID)
		}
	})
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != accounts {
		t.Errorf("%d organizations carry %d ids", accounts, n)
	}
	made := stats.Items["POST organizations/create_many"]
	t.Logf("%d items were sent for %d organizations", made, accounts)
	for pid, r := range w.all {
		select {
		case err := <-r.ended:
			r.ended <- err
			if e, ok := errors.AsType[*exec.ExitError](err); ok && !e.Sys().(syscall.WaitStatus).Signaled() {
				t.Errorf("%d ended by itself: %v", pid, err)
			}
		default:
		}
	}
}
