package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

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

// hang has the file hang when it is read, as on a disk of the network that is away. It goes on
// when the test ends, or when mend is called; what hangs then reads nothing.
func (s *served) hang() (mend func()) {
	s.Helper()
	if err := os.Rename(s.file, s.file+".away"); err != nil {
		s.Fatal(err)
	}
	if err := syscall.Mkfifo(s.file, 0o600); err != nil {
		s.Fatal(err)
	}
	mend = sync.OnceFunc(func() {
		hangs, err := os.OpenFile(s.file, os.O_RDWR, 0) // there may be no reader any more
		if err == nil {
			err = errors.Join(os.Rename(s.file+".away", s.file), hangs.Close())
		}
		if err != nil {
			s.Error(err)
		}
	})
	s.Cleanup(mend)
	return mend
}

// TestTheBeatDoesNotWaitForTheFile: a file that hangs hinders no look at the schedule, and is
// no reason to start the daemon anew. It is said, and so is that it is over.
func TestTheBeatDoesNotWaitForTheFile(t *testing.T) { //nolint:paralleltest // systemd names its socket in the environment
	m := newManager(t, "100000")
	s := newServed(t, "sqlite:desksync.db")
	s.tune = func(a *app) { a.reads = 2 * time.Second }
	s.serve()
	s.until("ready", func() bool { return m.heard("READY=1") == 1 })
	mend := s.hang()
	before := m.heard("WATCHDOG=1")
	s.until("ten more beats", func() bool { return m.heard("WATCHDOG=1") >= before+10 })
	const slow = "cannot be read: no answer within 2s"
	s.until("it is said", func() bool { return strings.Contains(s.get("/readyz"), slow) })
	before = m.heard("WATCHDOG=1")
	s.until("fifty more beats, in which it is looked again", func() bool { return m.heard("WATCHDOG=1") >= before+50 })
	if n := strings.Count(s.said.String(), slow); n != 1 {
		t.Errorf("it was said %d times:\n%s", n, s.said)
	}
	mend()
	s.until("it is over", func() bool { return s.get("/readyz") == "ok\n" })
}

// TestAFileThatHangsHoldsUpNoStop, neither of a daemon at work nor of one that begins.
func TestAFileThatHangsHoldsUpNoStop(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	s.tune = func(a *app) { a.reads = time.Hour }
	s.serve()
	s.until("ready", func() bool { return s.get("/readyz") == "ok\n" })
	s.hang()
	time.Sleep(time.Second) // ten looks, the first of which hangs
	s.stop()
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, now: time.Now}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if code := a.execute(ctx, []string{"serve", "--config", s.file}); code == exitOK {
		t.Error("a daemon without a file ended well")
	}
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
