package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/desksync/desksync/internal/dbx/dbtest"
)

// manager stands in for systemd: it keeps what it is told, in order.
type manager struct {
	mu   sync.Mutex
	told []string
}

// newManager listens where the environment says, for a test that is not parallel.
func newManager(t *testing.T, watchdog string) *manager {
	t.Helper()
	dir, err := os.MkdirTemp("", "systemd") //nolint:usetesting // a path of a test is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	at := filepath.Join(dir, "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: at, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	t.Setenv("NOTIFY_SOCKET", at)
	t.Setenv("WATCHDOG_USEC", watchdog)
	m := &manager{}
	go m.listen(l)
	return m
}

func (m *manager) listen(l *net.UnixConn) {
	b := make([]byte, 1000)
	for {
		n, err := l.Read(b)
		if err != nil {
			return
		}
		m.mu.Lock()
		m.told = append(m.told, string(b[:n]))
		m.mu.Unlock()
	}
}

// heard counts how often it was told something.
func (m *manager) heard(what string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.told {
		if s == what {
			n++
		}
	}
	return n
}

// TestTheBeatDoesNotWaitForTheFile: a file that hangs, as on a disk of the network, hinders
// no look at the schedule, and is no reason to start the daemon anew.
func TestTheBeatDoesNotWaitForTheFile(t *testing.T) { //nolint:paralleltest // systemd names its socket in the environment
	m := newManager(t, "100000")
	s := newServed(t, "sqlite:desksync.db")
	s.serve()
	s.until("ready", func() bool { return m.heard("READY=1") == 1 })
	if err := os.Rename(s.file, s.file+".away"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(s.file, 0o600); err != nil {
		t.Fatal(err)
	}
	hangs, err := os.OpenFile(s.file, os.O_WRONLY, 0) // until the daemon reads it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the whole file first: the next look would hang too, and the stop with it
		if err := errors.Join(os.Rename(s.file+".away", s.file), hangs.Close()); err != nil {
			t.Error(err)
		}
	})
	before := m.heard("WATCHDOG=1")
	s.until("ten more beats", func() bool { return m.heard("WATCHDOG=1") >= before+10 })
}

// TestWhoStopsSaysSoAtOnce, and not when it is done: the batch in hand may take a while.
func TestWhoStopsSaysSoAtOnce(t *testing.T) { //nolint:paralleltest // systemd names its socket in the environment
	m := newManager(t, "100000")
	w := newWire(t, dbtest.Postgres(t))
	s := newServed(t, w.dsn)
	within, goOn := make(chan struct{}), make(chan struct{})
	s.tune = func(a *app) {
		a.checkpoint = nth("wrote", 1, func() { close(within); <-goOn })
	}
	s.serve()
	<-within
	stopped := make(chan struct{})
	go func() { defer close(stopped); s.stop() }()
	s.until("it says that it stops", func() bool { return m.heard("STOPPING=1") == 1 })
	select {
	case <-stopped:
		t.Error("it stopped in the middle of a batch")
	default:
	}
	close(goOn)
	<-stopped
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.told[0] != "READY=1" || slices.Index(m.told, "STOPPING=1") < len(m.told)-1 {
		t.Errorf("told %s", strings.Join(m.told, " "))
	}
}
