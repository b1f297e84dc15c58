package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/examples"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/sync/alert"
)

// TestADaemonKeepsAHelpdeskTrue serves the demonstration's shop: runs come by themselves,
// what changes at the source arrives, a changed file is taken, a broken one is refused
// and said, and the daemon stops when it is asked to.
func TestADaemonKeepsAHelpdeskTrue(t *testing.T) {
	t.Parallel()
	for name, journal := range map[string]string{"SQLite": "sqlite:desksync.db", "PostgreSQL": dbtest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServed(t, journal)
			s.run("reconcile", "--yes")
			s.serve()
			s.until("ready", func() bool { return s.get("/readyz") == "ok\n" && s.get("/healthz") == "ok\n" })
			s.replace("crm/accounts.csv", "Ace Tomato", "Ace Tomaten")
			if s.found("Ace Tomaten") {
				t.Fatal("the new name is there before the change")
			}
			s.until("the new name in the helpdesk", func() bool { return s.found("Ace Tomaten") })
			for _, want := range []string{
				`desksync_changes_total{outcome="written",pipeline="customers"} 1`, `desksync_field_changes_total{cause="moved",pipeline="customers"} 1`,
				`desksync_open_items{class="drift",pipeline="customers"} 0`, `desksync_runs_total{kind="delta",pipeline="customers",state="done"}`,
				`desksync_last_good_run_timestamp_seconds{pipeline="customers"} 1.`, `desksync_scrape_error 0`, `desksync_queue_jobs{state=`,
			} {
				s.until(want+" in the metrics", func() bool { return strings.Contains(s.get("/metrics"), want) }) // once the pass ended
			}
			s.replace("desksync.yaml", "grace: 15d", "grace: soon")
			s.until("the broken file is refused", func() bool { return strings.Contains(s.get("/readyz"), `grace: "soon" is not a length of time`) })
			if logged := s.said.String(); strings.Count(logged, "the changed file is refused, and the old one stays: ") != 1 {
				t.Errorf("that the file is broken shall be said once:\n%s", logged)
			}
			s.replace("crm/accounts.csv", "Ace Tomaten", "Ace Tomato")
			s.until("the daemon works with the file before", func() bool { return s.found("Ace Tomato") })
			s.replace("desksync.yaml", "grace: soon", "grace: 20d")
			s.until("the mended file is taken", func() bool { return s.get("/readyz") == "ok\n" })
			s.stop()
			var q struct {
				Pipelines []struct {
					Pipeline, Holder string
					Next             []struct{ Kind string }
				}
				Jobs map[string]int
			}
			if err := json.Unmarshal([]byte(s.run("queue", "--json")), &q); err != nil {
				t.Fatal(err)
			}
			if len(q.Pipelines) != 1 || q.Pipelines[0].Holder != "" || len(q.Pipelines[0].Next) != 2 || q.Jobs["completed"] == 0 || q.Jobs["running"] > 0 {
				t.Errorf("the queue after it: %+v", q)
			}
		})
	}
}

// TestAFileThatIsAwayIsRefusedOnce: that it cannot be read is said when that begins, told
// as one alert that lasts since then, and over when it is back.
func TestAFileThatIsAwayIsRefusedOnce(t *testing.T) {
	t.Parallel()
	s, h := newServed(t, "sqlite:desksync.db"), newHook(t)
	s.replace("desksync.yaml", "overrides: overrides.yaml", h.section()+"overrides: overrides.yaml")
	s.serve()
	s.until("ready", func() bool { return s.get("/readyz") == "ok\n" })
	if err := os.Rename(s.file, s.file+".away"); err != nil {
		t.Fatal(err)
	}
	s.until("it is told", func() bool { return h.events(alert.Configuration) == "begun" })
	since := h.of(alert.Configuration)[0].Condition.Since
	time.Sleep(time.Second) // ten looks
	if n := strings.Count(s.said.String(), "the changed file is refused"); n != 1 {
		t.Errorf("a file that is away was refused %d times:\n%s", n, s.said)
	}
	if err := os.Rename(s.file+".away", s.file); err != nil {
		t.Fatal(err)
	}
	s.until("that is over", func() bool { return h.events(alert.Configuration) == "begun, over" })
	if over := h.of(alert.Configuration)[1].Condition.Since; !over.Equal(since) || s.get("/readyz") != "ok\n" {
		t.Errorf("it began at %s, and is over since %s; the daemon says %s", since, over, s.get("/readyz"))
	}
}

// TestWhatTakesANewStartIsSaid: a file that is taken acts, but for what the daemon was built with.
func TestWhatTakesANewStartIsSaid(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	s.serve()
	s.until("ready", func() bool { return s.get("/readyz") == "ok\n" })
	s.replace("desksync.yaml", "grace: 15d", "grace: 20d")
	s.until("it is taken", func() bool { return strings.Contains(s.said.String(), "configuration taken") })
	const anew = "that counts once the daemon is started anew"
	if strings.Contains(s.said.String(), anew) {
		t.Errorf("a change that acts is said to wait:\n%s", s.said)
	}
	s.replace("desksync.yaml", "version: 1\n", "version: 1\nserve: {passes: 2}\n")
	s.until("that it waits is said", func() bool { return strings.Contains(s.said.String(), anew) })
}

// TestAMendedFileAndANewStartEndTheAlert: who mends a refused file may as well start the
// daemon anew.
func TestAMendedFileAndANewStartEndTheAlert(t *testing.T) {
	t.Parallel()
	s, h := newServed(t, "sqlite:desksync.db"), newHook(t)
	s.replace("desksync.yaml", "overrides: overrides.yaml", h.section()+"overrides: overrides.yaml")
	s.serve()
	s.until("ready", func() bool { return s.get("/readyz") == "ok\n" })
	s.replace("desksync.yaml", "grace: 15d", "grace: soon")
	s.until("it is told", func() bool { return h.events(alert.Configuration) == "begun" })
	s.stop()
	s.replace("desksync.yaml", "grace: soon", "grace: 20d")
	s.said = &logged{}
	s.serve()
	s.until("that is over", func() bool { return h.events(alert.Configuration) == "begun, over" })
}

// TestARefusedFileIsTakenOnceWhatItNamesIsThere: the file itself need not be changed again.
func TestARefusedFileIsTakenOnceWhatItNamesIsThere(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	s.serve()
	s.until("ready", func() bool { return s.get("/readyz") == "ok\n" })
	s.replace("desksync.yaml", "overrides: overrides.yaml", "overrides: reviewed.yaml")
	s.until("it is refused", func() bool { return strings.Contains(s.get("/readyz"), "reviewed.yaml") })
	if err := os.Rename(filepath.Join(s.dir, "overrides.yaml"), filepath.Join(s.dir, "reviewed.yaml")); err != nil {
		t.Fatal(err)
	}
	s.until("it is taken", func() bool { return s.get("/readyz") == "ok\n" })
}

// TestADaemonDoesNotBeginWithABrokenFile says everything that is wrong, as validate does.
func TestADaemonDoesNotBeginWithABrokenFile(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	s.replace("desksync.yaml", "grace: 15d", "grace: soon")
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errs, now: time.Now}
	if code := a.execute(t.Context(), []string{"serve", "--config", s.file}); code != exitUsage || !strings.Contains(errs.String(), `grace: "soon" is not a length of time`) {
		t.Errorf("code %d and\n%s", code, errs.String())
	}
}

// served is a shop with a daemon.
type served struct {
	*testing.T
	dir, file, whole string
	said             *logged
	stop             func()
	code             int        // of the last command
	flags            []string   // of the daemon, besides its own
	tune             func(*app) // what a test changes of the daemon; nil: nothing
	hook             *hook      // a channel; nil: there is none
}

// logged is what a daemon says, while it says it.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newServed(t *testing.T, journal string) *served {
	t.Helper()
	s := &served{T: t, dir: t.TempDir(), said: &logged{}}
	s.file, s.whole = filepath.Join(s.dir, "desksync.yaml"), filepath.Join(s.dir, "whole.yaml")
	demo := examples.Demo()
	if err := fs.WalkDir(demo, ".", func(path string, entry fs.DirEntry, err error) error {
		to := filepath.Join(s.dir, path)
		if err != nil || entry.IsDir() {
			return os.MkdirAll(to, 0o750)
		}
		text, err := fs.ReadFile(demo, path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o600)
	}); err != nil {
		t.Fatal(err)
	}
	s.replace("desksync.yaml", "journal: sqlite:desksync.db", "journal: "+journal)
	s.replace("desksync.yaml", "dir: ./crm", "dir: "+filepath.Join(s.dir, "crm"))
	s.replace("desksync.yaml", "    time_zone: UTC\n", "    time_zone: UTC\n    schedule: {delta: \"@every 1s\", audit: \"@every 1h\"}\n")
	s.replace("desksync.yaml", "name: {value: account.Name, on_drift: hold}", "name: account.Name")
	text, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.whole, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// replace replaces a text that stands in a file, as one write.
func (s *served) replace(file, old, with string) {
	s.Helper()
	path := filepath.Join(s.dir, file)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		s.Fatalf("%s has no %q: %v", file, old, err)
	}
	if err := os.WriteFile(path+".new", []byte(strings.ReplaceAll(string(text), old, with)), 0o600); err != nil {
		s.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		s.Fatal(err)
	}
}

// serve starts the daemon; it stops with the test, or when stop is called.
func (s *served) serve() {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	a := &app{in: strings.NewReader(""), out: io.Discard, err: s.said, now: time.Now}
	if s.tune != nil {
		s.tune(a)
	}
	ended := make(chan int, 1)
	go func() {
		ended <- a.execute(ctx, append([]string{"serve", "--config", s.file, "--listen", "127.0.0.1:0", "--look-every", "100ms"}, s.flags...))
	}()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if code := <-ended; code != exitOK {
			s.Errorf("the daemon ended with %d and said\n%s", code, s.said)
		}
	})
	s.Cleanup(s.stop)
}

// run runs a command beside the daemon.
func (s *served) run(args ...string) string {
	s.Helper()
	var out bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &out, now: time.Now}
	s.code = a.execute(s.Context(), append([]string{"--config", s.whole}, args...))
	return out.String()
}

// found reports whether the helpdesk has an organization of a name.
func (s *served) found(name string) bool {
	s.Helper()
	s.run("org", name)
	return s.code == exitOK
}

var address = regexp.MustCompile(`address=(\S+)`)

// get asks the daemon for a page; empty while it has none.
func (s *served) get(path string) string {
	m := address.FindStringSubmatch(s.said.String())
	if m == nil {
		return ""
	}
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, "http://"+m[1]+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(res.Body)
	return string(body)
}

func (s *served) until(what string, ok func() bool) {
	s.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("never: %s\n%s", what, s.said)
		}
	}
}
