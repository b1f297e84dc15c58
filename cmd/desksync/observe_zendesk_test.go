package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk/zendesk"
	box "github.com/desksync/desksync/sandbox/zendesk"
	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// newBeside is an account that another program keeps, whose OAuth client may have these
// scopes at most, and a configuration with some words of its own.
func newBeside(t *testing.T, scopes []string, words ...string) *existing {
	t.Helper()
	x := &existing{T: t, dir: t.TempDir(), now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	x.box = box.New(box.Options{Organizations: 30, Seed: 1, Strict: true, Scopes: scopes, Now: x.Now})
	x.lay(strings.NewReplacer(words...))
	return x
}

// at sets the clock.
func (x *existing) at(now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.now = now
}

// swap replaces a text of the configuration.
func (x *existing) swap(old, with string) {
	x.Helper()
	path := filepath.Join(x.dir, "desksync.yaml")
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		x.Fatalf("the file has no %q: %v", old, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, with, 1)), 0o600); err != nil {
		x.Fatal(err)
	}
}

// desksync runs a command of the product, which calls the stand-in by its clock.
func (x *existing) desksync(args ...string) (code int, said string) {
	x.Helper()
	var out bytes.Buffer
	a := &app{now: x.Now, in: strings.NewReader(""), out: &out, err: &out}
	a.lookup = func(name string) (string, bool) { return box.ClientSecret, name == "ZD_SECRET" }
	a.calls = func(o *zendesk.Options) { o.Base, o.Now, o.Sleep = x.box, x.Now, x.sleep }
	code = a.execute(x.Context(), append(args, "--config", filepath.Join(x.dir, "desksync.yaml")))
	return code, out.String()
}

const (
	login      = `auth: {client_id: sandbox_client, client_secret: "${ZD_SECRET}"}`
	tokenLogin = `auth: {type: api_token, email: admin@sandbox.example, token: "` + box.APIToken + `"}`
	readOnly   = `auth: {client_id: sandbox_client, client_secret: "${ZD_SECRET}", scopes: [read]}`
	fields     = "\n    fields: {plan: {type: dropdown, options: [plan_gold, plan_new]}, arr: {type: decimal}, health: {type: text}, salesforce_id: {type: text}}"
)

// TestBesideTheOldScriptNothingIsWritten: with mode: observe, and a token that can only
// read, everything that looks works, and the stand-in's own log has no write.
func TestBesideTheOldScriptNothingIsWritten(t *testing.T) {
	t.Parallel()
	x := newBeside(t, []string{"read"}, login, readOnly+fields, "    to: support\n", "    to: support\n    mode: observe\n")
	before := x.pictures()
	for _, step := range []struct {
		args string
		code int
		says string
	}{
		{"validate --online", exitOK, "is right"},
		{"diff", exitFound, "to create"},
		{"reconcile --yes", exitPartly, "previewed, 0 changes written"},
		{"drift", exitFound, "the rules want 1000; held by policy on_found"},
		{"adopt --out " + filepath.Join(x.dir, "proposals.csv"), exitOK, "nothing was written to support"},
		{"target prepare --yes", exitFound, "only observes"},
	} {
		if code, said := x.desksync(strings.Fields(step.args)...); code != step.code || !strings.Contains(strings.Join(strings.Fields(said), " "), step.says) {
			t.Errorf("desksync %s: exit code %d, want %d and %q:\n%s", step.args, code, step.code, step.says, said)
		}
	}
	for _, r := range x.box.Requests() {
		if r.Method != http.MethodGet && r.Path != "/oauth/tokens" || r.Status >= http.StatusBadRequest {
			t.Errorf("the stand-in was asked to %s %s and answered %d", r.Method, r.Path, r.Status)
		}
	}
	if n := len(x.box.Requests()); n < 10 || x.box.Stats().Writes != 0 {
		t.Errorf("its log has %d calls and %d writes", n, x.box.Stats().Writes)
	}
	if after := x.pictures(); strings.Join(after, "\n") != strings.Join(before, "\n") {
		t.Error("the account is not as it was")
	}
}

// TestAnotherAccountBehindANameIsAcceptedAsTheRefusalSays: the command that the refusal
// ends with is one that works.
func TestAnotherAccountBehindANameIsAcceptedAsTheRefusalSays(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil)
	x.desksync("reconcile", "--yes")
	x.swap("http://127.0.0.1:9", "https://Other.zendesk.com")
	code, said := x.desksync("reconcile", "--yes")
	_, command, ok := strings.Cut(strings.Join(strings.Fields(said), " "), "if that is meant: desksync ")
	if code != exitRefused || !ok {
		t.Fatalf("exit code %d, want a refusal:\n%s", code, said)
	}
	args := strings.Fields(command)[:4]
	if code, said := x.desksync(args...); code != exitOK {
		t.Fatalf("desksync %q: exit code %d:\n%s", args, code, said)
	}
	if code, said := x.desksync("rebind", "target", "support", "sqldesk:ABCDEFGHIJKLMNOPQRSTUVWXYZ"); code != exitUsage || !strings.Contains(said, "no account of Zendesk") {
		t.Errorf("a store is taken for an account of Zendesk: exit code %d:\n%s", code, said)
	}
	if code, said := x.desksync("reconcile", "--yes"); code == exitRefused {
		t.Errorf("after it the account is still refused:\n%s", said)
	}
}

// TestATokenThatMayTooLittleIsToldBeforeAnythingIsWritten: by the file alone, and where
// the OAuth client may not have what the file asks for.
func TestATokenThatMayTooLittleIsToldBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		auth string
		code int
		says string
	}{
		"the file asks for too little": {readOnly, exitUsage, "needs organizations:write, users:write"},
		"the client may have less":     {login, exitFailed, "may not have all of read, write; widen the client's scopes"},
		"a scope is misspelt":          {strings.Replace(readOnly, "[read]", "[read, 'organizations:write', 'users:write', wirte]", 1), exitFailed, "may not have all of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newBeside(t, []string{"read"}, login, tt.auth)
			code, said := x.desksync("reconcile", "--yes")
			if code != tt.code || !strings.Contains(strings.Join(strings.Fields(said), " "), tt.says) || x.box.Stats().Writes != 0 {
				t.Errorf("exit code %d after %d writes, want %d and %q:\n%s", code, x.box.Stats().Writes, tt.code, tt.says, said)
			}
		})
	}
}

// TestSharingAndDetailsAreWrittenAndNotesStay: what the file names of an organization's own
// fields is written, and what it does not name stays as people left it.
func TestSharingAndDetailsAreWrittenAndNotesStay(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, "      name: account.Name\n", "      name: account.Name\n      details: account.Plan__c\n      shared_tickets: account.ARR__c > 0\n      shared_comments: false\n", "on_found: hold", "on_found: correct")
	notes := map[int64]string{}
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			notes[o.ID] = fmt.Sprint("call ", o.ID, " first")
			_, err := a.UpdateOrganization(o, account.Patch{"notes": json.RawMessage(strconv.Quote(notes[o.ID])), "shared_tickets": json.RawMessage("true"), "shared_comments": json.RawMessage("true")})
			if err != nil {
				t.Error(err)
			}
		}
	})
	if code, said := x.desksync("reconcile", "--yes"); code != exitOK && code != exitPartly {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	linked := 0
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			if o.ExternalID == "" {
				continue
			}
			if linked++; o.Details != "plan_gold" || !o.SharedTickets || o.SharedComments || o.Notes != notes[o.ID] {
				t.Errorf("organization %d: details %q, tickets shared %v, comments %v, notes %q", o.ID, o.Details, o.SharedTickets, o.SharedComments, o.Notes)
			}
		}
	})
	if linked < 20 {
		t.Errorf("%d organizations are linked", linked)
	}
}

// TestTheEndOfAnAPITokenIsSaid: by whatever looks, in words and as data.
func TestTheEndOfAnAPITokenIsSaid(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, login, tokenLogin)
	for _, args := range []string{"validate --online", "diff", "reconcile --yes", "drift"} {
		if _, said := x.desksync(strings.Fields(args)...); !strings.Contains(said, "2027-04-30") {
			t.Errorf("desksync %s does not say when the token ends:\n%s", args, said)
		}
		_, said := x.desksync(strings.Fields(args + " --json")...)
		if !strings.Contains(said, `"code":"login ends"`) || strings.Contains(said, box.APIToken) {
			t.Errorf("desksync %s --json does not say it, or tells the token:\n%s", args, said)
		}
	}
}

// TestTargetPrepareShowsBeforeItCreates: without --yes, and with nobody to ask, it only
// says what is missing.
func TestTargetPrepareShowsBeforeItCreates(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, login, login+fields)
	code, shown := x.desksync("target", "prepare")
	if code != exitFound || !strings.Contains(shown, "there is no organization field health (text)") || !strings.Contains(shown, "plan does not offer plan_new") || x.box.Stats().Writes != 0 {
		t.Fatalf("exit code %d after %d writes:\n%s", code, x.box.Stats().Writes, shown)
	}
	code, made := x.desksync("target", "prepare", "--yes")
	if code != exitOK || !strings.Contains(made, "made field:health") || !strings.Contains(made, "made field:plan") || x.box.Stats().Writes != 2 {
		t.Errorf("exit code %d after %d writes:\n%s", code, x.box.Stats().Writes, made)
	}
	for _, line := range strings.Split(strings.TrimSpace(shown), "\n") {
		if strings.HasPrefix(line, "there is") && !strings.Contains(made, line) {
			t.Errorf("with --yes nothing says %q", line)
		}
	}
	if code, said := x.desksync("target", "prepare"); code != exitOK || !strings.Contains(said, "has all 4 fields") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
	if _, err := os.Stat(filepath.Join(x.dir, "desksync.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("preparing makes a journal: %v", err)
	}
}
