package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
)

// TestPostgresGoneInMidRunIsSaidAndTheNextRunGoesOn lets a first load lose its
// journal, or the helpdesk store, while it reads, compares, writes or ends.
func TestPostgresGoneInMidRunIsSaidAndTheNextRunGoesOn(t *testing.T) {
	t.Parallel()
	crm := filepath.Join(t.TempDir(), "crm")
	if _, err := crmgen.Write(t.Context(), crm, crmgen.Options{Accounts: 600, Day: day.Of(time.Now()), Odd: crmgen.RealLife()}); err != nil {
		t.Fatal(err)
	}
	k := &killer{crm: crm}
	calm := &goneWorld{dir: k.world(t), now: time.Now()}
	if code, said := calm.run(t, nil); code != exitOK && code != exitPartly {
		t.Fatalf("the undisturbed run ended with %d: %s", code, said)
	}
	want := export(t, calm.dir)
	const journal, store = "journal: sqlite:desksync.db", "database: sqlite:support.db"
	for _, tt := range []struct {
		name, line, point string
		nth               int
		kick              bool // its sessions are ended, and it answers again at once
		wrote             bool // something, and says so
	}{
		{"the journal while it reads", journal, "map", 1, false, false},
		{"the journal before the first shard", journal, "apply", 2, false, false}, // the phase comes first
		{"the journal while the first shard is written", journal, "apply", 3, false, true},
		{"the journal between a write and its note", journal, "wrote", 1, false, true},
		{"the journal at the end", journal, "finish", 1, false, true},
		{"the journal's sessions while a shard is written", journal, "apply", 3, true, true},
		{"the store while it is listed", store, "refresh", 1, false, false},
		{"the store before the first shard", store, "apply", 2, false, false},
		{"the store while the third shard is written", store, "apply", 5, false, true},
		{"the store's sessions while the third shard is written", store, "apply", 5, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			direct := dbtest.Postgres(t)
			w := &goneWorld{dir: k.world(t), now: time.Now(), cable: newWire(t, direct)}
			w.move(t, tt.line)
			fall := w.cable.cut
			if tt.kick {
				fall = func() { kick(t, direct) }
			}
			code, said := w.run(t, nth(tt.point, tt.nth, fall))
			if !tt.kick || strings.Contains(said, "lost or refused") { // where nothing was under way, it connects anew and goes on
				w.judge(t, code, said, tt.wrote)
			}
			if !tt.kick {
				w.cable.mend(t)
			}
			w.now = w.now.Add(2 * time.Minute) // the lease of the first run, whose process seems alive, is over,
			time.Sleep(goneLease)              // by the clock of the server too
			if code, said := w.run(t, nil); code != exitOK && code != exitPartly {
				t.Errorf("the next run ended with %d: %s", code, said)
			}
			if got := export(t, w.dir); !bytes.Equal(got, want) {
				t.Errorf("the helpdesk differs from that of an undisturbed load: %s", firstDifference(got, want))
			}
		})
	}
}

// export is what the helpdesk of a world holds, without its own numbers and times.
func export(t *testing.T, world string) []byte {
	t.Helper()
	var out, said bytes.Buffer
	a := &app{out: &out, err: &said, now: time.Now}
	if code := a.execute(t.Context(), []string{"--config", filepath.Join(world, "desksync.yaml"), "store", "export", "--target", "support"}); code != exitOK {
		t.Fatalf("store export ended with %d and said %s", code, said.String())
	}
	return out.Bytes()
}

// kick ends all sessions of a database but its own, as an operator or a failover does.
func kick(t *testing.T, dsn string) {
	db, err := dbx.Open(t.Context(), dsn)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
		t.Error(err)
	}
}

// nth calls do at the nth time that a point is passed.
func nth(point string, n int, do func()) func(string) {
	var mu sync.Mutex
	return func(at string) {
		mu.Lock()
		defer mu.Unlock()
		if at != point {
			return
		}
		if n--; n == 0 {
			do()
		}
	}
}

// goneLease is how long a run that fell silent keeps its target here.
const goneLease = 4 * time.Second

// goneWorld is a folder with a configuration, one of whose databases is behind a cable.
type goneWorld struct {
	dir   string
	now   time.Time
	cable *cable
}

// move puts the database that a line of the configuration names behind the cable.
func (w *goneWorld) move(t *testing.T, line string) {
	t.Helper()
	path := filepath.Join(w.dir, "desksync.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, _, _ := strings.Cut(line, ":")
	moved := strings.Replace(string(text), line, key+": "+w.cable.dsn, 1)
	if moved == string(text) {
		t.Fatalf("no line %q in %s", line, path)
	}
	if err := os.WriteFile(path, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run is `desksync reconcile --pipeline customers`: its exit code, and all it said.
func (w *goneWorld) run(t *testing.T, checkpoint func(string)) (int, string) {
	t.Helper()
	var out, said bytes.Buffer
	a := &app{out: &out, err: &said, now: func() time.Time { return w.now }, checkpoint: checkpoint, lease: goneLease}
	code := a.execute(t.Context(), []string{"--config", filepath.Join(w.dir, "desksync.yaml"), "reconcile", "--pipeline", "customers", "--quiet"})
	return code, out.String() + said.String()
}

// judge reads what a user reads: one sentence that says what is gone, where, and
// that the next run goes on.
func (w *goneWorld) judge(t *testing.T, code int, said string, wrote bool) {
	t.Helper()
	want := exitFailed
	if wrote {
		want = exitPartly
	}
	if code != want {
		t.Errorf("the run ended with %d, want %d", code, want)
	}
	if strings.Contains(said, "changes written") != wrote || strings.Contains(said, "nothing was written") == wrote {
		t.Errorf("something written: %v, but the run said: %s", wrote, said)
	}
	if lines := strings.Count(strings.TrimSpace(said), "\n"); lines != 1 {
		t.Errorf("want a line of how far it came and a line of why it ended, got: %s", said)
	}
	for _, words := range []string{"the connection to the database is lost or refused", w.cable.name, "run again when the server answers: what was stored is safe"} {
		if n := strings.Count(said, words); n != 1 {
			t.Errorf("%q is said %d times, want once, in: %s", words, n, said)
		}
	}
}

// cable is a connection to a PostgreSQL server that can be cut and mended.
type cable struct {
	dsn, name string
	to        func() (net.Conn, error)
	at        string // where it listens

	mu    sync.Mutex
	ears  net.Listener
	conns []net.Conn
}

func newWire(t *testing.T, dsn string) *cable {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	w := &cable{at: "127.0.0.1:0", to: dialer(u)}
	w.mend(t)
	t.Cleanup(w.cut)
	q := u.Query()
	q.Del("host")
	u.RawQuery, u.Host = q.Encode(), w.at
	w.dsn, w.name = u.String(), w.at+u.Path
	return w
}

// dialer connects to the server that an address names, by its socket or by TCP.
func dialer(u *url.URL) func() (net.Conn, error) {
	if dir := u.Query().Get("host"); strings.HasPrefix(dir, "/") {
		return func() (net.Conn, error) { return net.Dial("unix", filepath.Join(dir, ".s.PGSQL.5432")) }
	}
	host := u.Host
	if u.Port() == "" {
		host += ":5432"
	}
	return func() (net.Conn, error) { return net.Dial("tcp", host) }
}

// mend listens, at the same place as before.
func (w *cable) mend(t *testing.T) {
	t.Helper()
	ears, err := net.Listen("tcp", w.at)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ears, w.at = ears, ears.Addr().String()
	go w.serve(ears)
}

func (w *cable) serve(ears net.Listener) {
	for {
		near, err := ears.Accept()
		if err != nil {
			return
		}
		far, err := w.to()
		if err != nil {
			_ = near.Close()
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, near, far)
		w.mu.Unlock()
		go carry(near, far)
		go carry(far, near)
	}
}

func carry(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = errors.Join(to.Close(), from.Close())
}

// cut refuses new connections and ends those that are there.
func (w *cable) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.ears.Close()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}
