package zendesk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/internal/secret"
	sandbox "github.com/desksync/desksync/sandbox/zendesk"
)

// clock is a time of its own, which passes while somebody waits.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
	return ctx.Err()
}

// account is a target and the sandbox behind it.
type account struct {
	*zendesk.Target
	box   *sandbox.Sandbox
	clock *clock
}

// open connects a target to a sandbox of its own.
func open(t *testing.T, opt sandbox.Options, change func(*zendesk.Options)) *account {
	t.Helper()
	c := newClock()
	opt.Now, opt.Strict, opt.BulkUserImport = c.Now, true, true
	a := &account{box: sandbox.New(opt), clock: c}
	a.Target = a.client(t, change)
	return a
}

// Objects lets the minute pass for which exports withhold what was changed.
func (a *account) Objects(ctx context.Context, k helpdesk.Kind, since helpdesk.Cursor) iter.Seq2[helpdesk.Page, error] {
	if since != "" {
		a.pass(2 * time.Minute)
	}
	return a.Target.Objects(ctx, k, since)
}

// client is another target of the same account.
func (a *account) client(t *testing.T, change func(*zendesk.Options)) *zendesk.Target {
	t.Helper()
	o := zendesk.Options{
		BaseURL: "https://sandbox.zendesk.com", MultiOrg: true, Share: 1, Now: a.clock.Now, Sleep: a.clock.Sleep, Base: a.box,
		Auth: zendesk.Auth{ClientID: sandbox.ClientID, Secret: func() (secret.Text, error) { return secret.New(sandbox.ClientSecret), nil }},
		Log:  func(_ context.Context, n zendesk.Note) { t.Logf("%s: %s", n.Event, n.Text) },
	}
	if change != nil {
		change(&o)
	}
	target, err := zendesk.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

type body = map[string]any

// must makes a call as the administrator, past the target.
func (a *account) must(t *testing.T, method, path string, in, out any) {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "https://sandbox.zendesk.com/api/v2/"+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(sandbox.AdminEmail+"/token", sandbox.APIToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.box.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		var b bytes.Buffer
		_, _ = b.ReadFrom(resp.Body)
		t.Fatalf("%s %s: %s %s", method, path, resp.Status, b.String())
	}
	if out == nil {
		return
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		t.Fatal(err)
	}
}

// pass lets time pass, so that the exports show what was changed.
func (a *account) pass(d time.Duration) { _ = a.clock.Sleep(context.Background(), d) }

func harness(opt sandbox.Options, change func(*zendesk.Options)) helpdesktest.Harness {
	return helpdesktest.Harness{
		New: func(t *testing.T) helpdesk.Target { t.Helper(); return open(t, opt, change) },
		Edit: func(t *testing.T, target helpdesk.Target, _ helpdesk.Kind, id, field string, v helpdesk.Value) {
			t.Helper()
			a := target.(*account)
			a.pass(2 * time.Second)
			a.must(t, "PUT", "organizations/"+id, body{"organization": body{field: v.Text()}}, nil)
			a.pass(2 * time.Minute)
		},
		Remove: func(t *testing.T, target helpdesk.Target, _ helpdesk.Kind, id string) {
			t.Helper()
			a := target.(*account)
			a.pass(2 * time.Second)
			a.must(t, "DELETE", "organizations/"+id, nil, nil)
			a.pass(2 * time.Minute)
		},
		Stranger: func(t *testing.T, target helpdesk.Target, name string) string {
			t.Helper()
			var got struct{ Organization struct{ ID json.Number } }
			target.(*account).must(t, "POST", "organizations", body{"organization": body{"name": name}}, &got)
			return strings.TrimSpace(got.Organization.ID.String())
		},
		Spared: func(t *testing.T, target helpdesk.Target, email string) string {
			t.Helper()
			var got struct{ User struct{ ID json.Number } }
			target.(*account).must(t, "POST", "users", body{"user": body{"name": "Agent", "email": email, "role": "agent", "external_id": "003A"}}, &got)
			return got.User.ID.String()
		},
	}
}

func TestLaws(t *testing.T) {
	t.Parallel()
	helpdesktest.Run(t, harness(sandbox.Options{MultiOrganizations: true}, nil))
}

func TestLawsWithOneOrganizationPerUser(t *testing.T) {
	t.Parallel()
	helpdesktest.Run(t, harness(sandbox.Options{}, func(o *zendesk.Options) { o.MultiOrg = false }))
}
