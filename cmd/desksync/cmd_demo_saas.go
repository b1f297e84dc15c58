package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/desksync/desksync/examples"
	"github.com/desksync/desksync/sandbox/salesforce"
	"github.com/desksync/desksync/sandbox/salesforce/org"
	"github.com/desksync/desksync/sandbox/zendesk"
	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// saas is the demonstration between two stand-ins: an organization of Salesforce and an
// account of Zendesk, on this machine.
type saas struct {
	*app
	crm  *salesforce.Sandbox
	desk *zendesk.Listening
	dir  string
	now  func() time.Time
	skip atomic.Int64 // by how much the helpdesk's clock was set forward
}

const (
	saasAccounts = 60
	saasSpeed    = 30 // how much faster than the real one the clock of the helpdesk runs, so that its jobs do not keep anybody waiting

	// Accounts of the stand-in, by their number.
	poorer  = 1 // its revenue falls
	renamed = 6 // takes the name of the next one
	named   = 8
	leveled = 11 // an agent changes its level
	better  = 13 // an agent gives it a better name
)

// demoSaaS starts both stand-ins, lets the real commands work between them, and edits
// both sides in between. On a terminal the stand-ins then stay until interrupted.
func (a *app) demoSaaS(ctx context.Context, dir string) (err error) {
	const free = "127.0.0.1:0"
	d := &saas{app: a, dir: dir, now: running(a.now)}
	if d.crm, err = salesforce.Start(ctx, salesforce.Addresses{Login: free, Instance: free, Admin: free}, salesforce.Options{Accounts: saasAccounts, Now: d.now}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.crm.Close()) }()
	if d.desk, err = zendesk.Start(ctx, zendesk.Addresses{API: free, Admin: free}, zendesk.Options{BulkUserImport: true, Now: d.clock(hasten(d.now, saasSpeed))}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.desk.Close()) }()
	if err := errors.Join(d.promises(), d.write()); err != nil {
		return err
	}
	if err := d.play(ctx); err != nil || !d.stays() {
		return err
	}
	return d.stay(ctx)
}

// running is a clock that goes on from what another one shows: jobs and limits wait for it.
func running(clock func() time.Time) func() time.Time {
	at, began := clock(), time.Now()
	return func() time.Time { return at.Add(time.Since(began)) }
}

// clock is the helpdesk's: fast, and set forward between scenes.
func (d *saas) clock(now func() time.Time) func() time.Time {
	return func() time.Time { return now().Add(time.Duration(d.skip.Load())) }
}

// write lays the configuration down, and forgets what an earlier demonstration noted: the
// stand-ins begin anew too.
func (d *saas) write() error {
	for _, name := range []string{"desksync.db", "desksync.db-wal", "desksync.db-shm"} {
		if err := os.Remove(filepath.Join(d.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return d.lay(examples.SaaS(), d.dir, 0)
}

// promises gives the helpdesk the SLA policies that the file names, in another order:
// there, the first that matches a ticket is taken.
func (d *saas) promises() error {
	var bad []error
	d.desk.Look(func(a *account.Account) {
		for _, policy := range []string{
			`{"title": "Standard", "filter": {"all": [{"field": "current_tags", "operator": "includes", "value": "sla_premium"}]}}`,
			`{"title": "Priority", "filter": {"all": [{"field": "current_tags", "operator": "includes", "value": "sla_ultimate sla_gold"}]}}`,
		} {
			var fields account.Patch
			bad = append(bad, json.Unmarshal([]byte(policy), &fields))
			if _, refused := a.SavePolicy(nil, fields); refused != nil {
				bad = append(bad, refused)
			}
		}
	})
	return errors.Join(bad...)
}

// environment is what the file asks for.
func (d *saas) environment() map[string]string {
	return map[string]string{
		"SF_URL": d.crm.InstanceURL, "SF_CLIENT_ID": salesforce.ConsumerKey, "SF_SECRET": salesforce.ConsumerSecret,
		"ZD_URL": d.desk.URL, "ZD_CLIENT_ID": zendesk.ClientID, "ZD_SECRET": zendesk.ClientSecret,
	}
}

// play is the story: each scene is a command that a person would give, after what
// happened on either side.
func (d *saas) play(ctx context.Context) error {
	scenes := []struct {
		says    string
		happens func(context.Context) error
		command string
	}{
		{"A new helpdesk has none of the fields that the rules write", nil, "target prepare --yes"},
		{"The first pass: everything is new", nil, "reconcile --quiet"},
		{"Salesforce: an account is worth less, and another one takes a name that is taken. Zendesk: an agent changes a level by hand, gives a customer a better name, and keeps the SLA policies in another order", d.bothMove, "diff"},
		{"What is safe is written; what is not waits for a person", nil, "reconcile"},
		{"What people edited", nil, "drift"},
		{"What no rule can decide", nil, "conflicts"},
		{"And if it was all a mistake: the last run, taken back", nil, "undo 3 --yes"},
		{"What was taken back stays so, until Salesforce says something new or someone releases it", nil, "diff"},
	}
	for _, s := range scenes {
		d.say("\n# %s", s.says)
		if s.happens != nil {
			if err := s.happens(ctx); err != nil {
				return err
			}
		}
		if err := d.command(ctx, s.command); err != nil {
			return err
		}
	}
	return nil
}

// command runs one of desksync's own commands as a person would.
func (d *saas) command(ctx context.Context, line string) error {
	d.say("$ desksync %s", line)
	env := d.environment()
	a := &app{in: strings.NewReader(""), out: d.out, err: d.err, now: d.now, checkpoint: d.checkpoint, lookup: func(k string) (string, bool) { v, ok := env[k]; return v, ok }}
	switch code := a.execute(ctx, append(strings.Fields(line), "--config", filepath.Join(d.dir, defaultConfig))); code {
	case exitOK, exitPartly, exitFound: // all of them belong to the story
		return nil
	default:
		return &exitError{code, nil}
	}
}

// bothMove is what people do on both sides at once.
func (d *saas) bothMove(ctx context.Context) error {
	account := func(n int) string { return org.New(org.Options{}).IDOf("Account", n) }
	_, taken := d.organization(account(named))
	for _, act := range []salesforce.Act{
		{Do: "update", Object: "Account", ID: account(poorer), Fields: map[string]any{"CARR_This_Account__c": 31200}},
		{Do: "update", Object: "Account", ID: account(renamed), Fields: map[string]any{"Name": taken}},
	} {
		if err := d.act(ctx, d.crm.AdminURL, act); err != nil {
			return err
		}
	}
	for n, fields := range map[int]string{leveled: `{"organization_fields": {"support_level": "premium"}}`, better: `{"name": "A valued customer (VIP)"}`} {
		id, _ := d.organization(account(n))
		if err := d.act(ctx, d.desk.AdminURL, map[string]any{"do": "update", "kind": "organization", "id": id, "fields": json.RawMessage(fields)}); err != nil {
			return err
		}
	}
	d.skip.Add(int64(2 * time.Minute)) // its exports keep the last minute back
	return nil
}

// organization is an account's organization in the helpdesk: its id there and its name.
func (d *saas) organization(key string) (id int64, name string) {
	d.desk.Look(func(a *account.Account) {
		if o := a.OrganizationByExternalID(key); o != nil {
			id, name = o.ID, o.Name
		}
	})
	return id, name
}

// act lets somebody do something at a stand-in, by its admin API.
func (d *saas) act(ctx context.Context, admin string, what any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, admin+"/sandbox/do", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s to %s: %s", body, admin, resp.Status)
	}
	return nil
}

// stays reports whether somebody is there to look further.
func (d *saas) stays() bool {
	f, ok := d.in.(*os.File)
	return ok && isTerminal(f) && !d.json
}

// stay keeps the stand-ins until interrupted, and says how to use them.
func (d *saas) stay(ctx context.Context) error {
	d.say("\nBoth stand-ins stay until Ctrl-C: Salesforce's page is %s, Zendesk's %s. In another terminal:", d.crm.AdminURL, d.desk.AdminURL)
	for _, name := range []string{"SF_URL", "SF_CLIENT_ID", "SF_SECRET", "ZD_URL", "ZD_CLIENT_ID", "ZD_SECRET"} {
		d.say("  export %s=%s", name, d.environment()[name])
	}
	d.say("  %s --config %s drift", selfName(""), filepath.Join(d.dir, defaultConfig))
	return d.desk.Wait(ctx)
}
