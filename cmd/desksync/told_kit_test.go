package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/alert/notify"
)

// hook is a receiver of webhooks that keeps what it hears.
type hook struct {
	*testing.T
	url, secret string // the secret as the file names it

	mu    sync.Mutex
	heard []heard
	known map[string]bool // messages, by id: one may be sent twice
}

// heard is a message as a receiver reads it.
type heard struct {
	Title, Text string
	Parts       []alert.Part
}

func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{T: t, known: map[string]bool{}, secret: filepath.Join(t.TempDir(), "hook.secret")}
	if err := os.WriteFile(h.secret, []byte("hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m heard
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Errorf("a message cannot be read: %v", err)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if id := r.Header.Get(notify.HeaderDelivery); !h.known[id] {
			h.known[id], h.heard = true, append(h.heard, m)
		}
	}))
	t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

// section is what a file says to have the receiver told of some kinds; of all, where none is named.
func (h *hook) section(kinds ...string) string {
	return fmt.Sprintf("\nalerts:\n  channels: {hook: {type: webhook, url: '%s', secret: 'file:%s'}}\n  routes: [{kinds: [%s], to: [hook]}]\n", h.url, h.secret, strings.Join(kinds, ", "))
}

// parts lists what was heard of some conditions, in order.
func (h *hook) parts(which func(*alert.Condition) bool) (out []alert.Part) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.heard {
		for _, p := range m.Parts {
			if which(&p.Condition) {
				out = append(out, p)
			}
		}
	}
	return out
}

// all lists what was heard, in order.
func (h *hook) all() []alert.Part { return h.parts(func(*alert.Condition) bool { return true }) }

// of lists what was heard of a kind, in order.
func (h *hook) of(k alert.Kind) []alert.Part {
	return h.parts(func(c *alert.Condition) bool { return c.Kind == k })
}

// events are what was heard of a kind, in order: "begun, worse, over".
func (h *hook) events(k alert.Kind) string { return events(h.of(k)) }

// eventsOf are what was heard of one condition.
func (h *hook) eventsOf(key string) string {
	return events(h.parts(func(c *alert.Condition) bool { return c.Key == key }))
}

func events(parts []alert.Part) string {
	var out []string
	for _, p := range parts {
		out = append(out, string(p.Event))
	}
	return strings.Join(out, ", ")
}

// tells is what the last message about a kind has to say.
type tells struct {
	kind           alert.Kind
	what, who, cmd string // within the title; one of the customers, empty: of nobody; the whole command
	arr            float64
	since          string // its day and time, in UTC
	events         string // all of the kind, in order; empty: begun
}

// told checks what was told of a kind from the beginning on.
func (h *hook) told(want tells) {
	h.Helper()
	if want.events == "" {
		want.events = "begun"
	}
	parts := h.of(want.kind)
	if got := h.events(want.kind); got != want.events {
		h.Fatalf("told of %s: %q, want %q; in all: %+v", want.kind, got, want.events, h.heard)
	}
	c := parts[len(parts)-1].Condition
	if !strings.Contains(c.Title, want.what) || c.Command != want.cmd || c.ARR != want.arr || c.Since.UTC().Format("2006-01-02 15:04") != want.since {
		h.Errorf("told %q, %q, ARR %v, since %s; want %+v", c.Title, c.Command, c.ARR, c.Since, want)
	}
	if want.who == "" && len(c.Subjects) > 0 || want.who != "" && !slices.Contains(c.Subjects, want.who) {
		h.Errorf("told of the customers %q, want %q among them", c.Subjects, want.who)
	}
}

// shop is the demonstration with a receiver, and a clock that a test sets.
type shop struct {
	*served
	*hook
	now     time.Time
	journal string // its file
}

func newShop(t *testing.T) *shop {
	t.Helper()
	x := &shop{hook: newHook(t), now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), journal: filepath.Join(t.TempDir(), "desksync.db")}
	x.served = newServed(t, "sqlite:"+x.journal)
	x.served.replace("desksync.yaml", "    schedule: {delta: \"@every 1s\", audit: \"@every 1h\"}\n", "")
	x.served.replace("desksync.yaml", "sqlite:support.db", "sqlite:"+filepath.Join(x.dir, "support.db"))
	x.served.replace("desksync.yaml", "overrides: overrides.yaml", x.section()+"overrides: overrides.yaml")
	return x
}

// run runs a command by the clock of the shop, whose exit code shall be this one.
func (x *shop) run(code int, args ...string) string {
	x.served.Helper()
	var out bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &out, now: func() time.Time { return x.now }}
	if got := a.execute(x.served.Context(), append(args, "--config", x.file)); got != code {
		x.served.Fatalf("desksync %v: exit code %d, want %d:\n%s", args, got, code, out.String())
	}
	return out.String()
}

// later moves the clock.
func (x *shop) later(d time.Duration) { x.now = x.now.Add(d) }

// sql changes the helpdesk as a person would.
func (x *shop) sql(q string) {
	x.served.Helper()
	x.sqlIn(filepath.Join(x.dir, "support.db"), q)
}

// sqlIn changes a database.
func (x *shop) sqlIn(file, q string) {
	x.served.Helper()
	db, err := sqlx.ConnectContext(x.served.Context(), "sqlite", file)
	if err != nil {
		x.served.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	res, err := db.ExecContext(x.served.Context(), q)
	if err != nil {
		x.served.Fatal(err)
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		x.served.Fatalf("%s changes nothing (%v)", q, err)
	}
}

// export replaces a text in a file of the export.
func (x *shop) export(file, old, with string) {
	x.served.Helper()
	x.served.replace(filepath.Join("crm", file), old, with)
}
