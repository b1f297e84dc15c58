package salesforce_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/salesforce"
	"github.com/desksync/desksync/internal/secret"
	sandbox "github.com/desksync/desksync/sandbox/salesforce"
)

// box is a sandbox that listens, with a clock that the test moves.
type box struct {
	*sandbox.Sandbox
	t testing.TB

	mu  sync.Mutex
	now time.Time
}

type m = map[string]any

func newBox(t testing.TB, opt sandbox.Options) *box {
	t.Helper()
	b := &box{t: t, now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	opt.Now = b.clock
	var err error
	if b.Sandbox, err = sandbox.Start(t.Context(), sandbox.Addresses{}, opt); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	b.set(m{"bulk_queued": 0, "bulk_running": 0})
	return b
}

func (b *box) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *box) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// admin calls the admin API; ok says whether it agreed.
func (b *box) admin(method, path string, body any) (out m, ok bool) {
	b.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.AdminURL+"/sandbox"+path, bytes.NewReader(text))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = json.Unmarshal(raw, &out) // refusals are lists
	return out, resp.StatusCode == http.StatusOK
}

// ask reads from the admin API.
func (b *box) ask(path string, into any) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.AdminURL+"/sandbox"+path, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) must(method, path string, body any) {
	b.t.Helper()
	if out, ok := b.admin(method, path, body); !ok {
		b.t.Fatalf("%s %s %v: %v", method, path, body, out)
	}
}

func (b *box) set(settings m) { b.t.Helper(); b.must("PATCH", "/settings", settings) }
func (b *box) fault(f m)      { b.t.Helper(); b.must("POST", "/faults", f) }

// do changes records; ok says whether that was possible.
func (b *box) do(act m) (id string, ok bool) {
	b.t.Helper()
	out, ok := b.admin("POST", "/do", act)
	id, _ = out["id"].(string)
	return id, ok
}

// make creates a record with a name.
func (b *box) make(object string) string {
	b.t.Helper()
	id, ok := b.do(m{"do": "create", "object": object, "fields": m{"Name": "made"}})
	if !ok {
		b.t.Fatalf("no %s was made", object)
	}
	return id
}

// source is a client of the sandbox whose own clock is 37 hours off: what it tells of
// changes must not depend on it.
func (b *box) source(change func(*salesforce.Options)) *salesforce.Source {
	b.t.Helper()
	opt := salesforce.Options{
		LoginURL: b.InstanceURL, TempDir: b.t.TempDir(), Share: 1,
		Now:   func() time.Time { return b.clock().Add(-37 * time.Hour) },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Auth: salesforce.Auth{Type: salesforce.ClientCredentials, ClientID: sandbox.ConsumerKey, Secret: func() (secret.Text, error) {
			return secret.New(sandbox.ConsumerSecret), nil
		}},
	}
	if change != nil {
		change(&opt)
	}
	src, err := salesforce.New(opt)
	if err != nil {
		b.t.Fatal(err)
	}
	return src
}

// calls are the calls to the organization since number n of the log, as METHOD path.
func (b *box) calls(n int) (list []string) {
	for _, r := range b.Requests() {
		if r.Number > n && strings.HasPrefix(r.Path, "/services/data/") {
			list = append(list, strings.TrimSpace(r.Method+" "+strings.TrimPrefix(r.Path, "/services/data/v62.0/")+" "+r.SOQL))
		}
	}
	return list
}

// last is the number of the latest call.
func (b *box) last() int {
	all := b.Requests()
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Number
}

// picture is what is known of the records of one role: id to account, parent and values.
type picture map[string]string

func paint(rec *crm.Record) string {
	return fmt.Sprintf("%s %s %q", rec.Account, rec.Parent, rec.Values)
}

// full reads roles in full.
func full(ctx context.Context, src *salesforce.Source, queries []crm.Query) ([]picture, []crm.Report, error) {
	out, reps := make([]picture, len(queries)), make([]crm.Report, len(queries))
	for i, q := range queries {
		out[i] = picture{}
		for rec, err := range src.Records(ctx, q, &reps[i]) {
			if err != nil {
				return out, reps, err
			}
			out[i][rec.ID] = paint(&rec)
		}
	}
	return out, reps, nil
}

// deltasOf go on from what reports say.
func deltasOf(queries []crm.Query, reps []crm.Report) []crm.Delta {
	out := make([]crm.Delta, len(queries))
	for i, q := range queries {
		out[i] = crm.Delta{Query: q, Since: reps[i].Next}
	}
	return out
}

// follow reads what changed, applies it to the pictures, and returns which accounts were
// merged away. It holds every change to what the interface promises.
func follow(ctx context.Context, src *salesforce.Source, known []picture, deltas []crm.Delta) (reps []crm.Report, merged []string, err error) {
	reps = make([]crm.Report, len(deltas))
	at, seen := 0, map[string]bool{}
	var before [2]string
	for c, err := range src.Changes(ctx, deltas, reps) {
		if err != nil {
			return reps, merged, err
		}
		for deltas[at].Role != c.Role {
			at, before = at+1, [2]string{}
		}
		key := [2]string{c.Account, c.ID}
		old, had := known[at][c.ID]
		switch {
		case seen[c.ID]:
			return reps, merged, fmt.Errorf("%s comes twice", c.ID)
		case slices.Compare(before[:], key[:]) >= 0:
			return reps, merged, fmt.Errorf("%v comes after %v", key, before)
		case c.Made && had && !strings.HasPrefix(old, c.Account+" "):
			return reps, merged, fmt.Errorf("%s is new at %s and was known as %s", c.ID, c.Account, old)
		case c.Into != "" && (c.Gone != crm.Deleted || c.Role != crm.Account || len(c.Into) != 18):
			return reps, merged, fmt.Errorf("%+v was merged", c)
		}
		if seen[c.ID], before = true, key; c.Into != "" {
			merged = append(merged, c.ID)
		}
		if c.Gone == crm.Here {
			known[at][c.ID] = paint(&c.Record)
		} else {
			delete(known[at], c.ID)
		}
	}
	return reps, merged, nil
}

// difference is one record that two pictures show differently; empty where there is none
// that is not excused.
func difference(got, want picture, excused func(id string) bool) string {
	for id, w := range want {
		if g, ok := got[id]; g != w && !excused(id) {
			return fmt.Sprintf("%s is known as %q (%v), and is %q", id, g, ok, w)
		}
	}
	for id, g := range got {
		if _, ok := want[id]; !ok && !excused(id) {
			return fmt.Sprintf("%s is known as %q, and is not there", id, g)
		}
	}
	return ""
}
