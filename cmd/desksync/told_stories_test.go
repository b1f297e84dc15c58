package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sync/alert"
)

// stories are how each kind of alert comes about: from a file and what the world does, by
// the real commands, to the message that a channel takes.
var stories = map[alert.Kind]func(t *testing.T){
	alert.Drift:            tellsDrift,
	alert.Fought:           tellsFought,
	alert.Held:             tellsHeld,
	alert.Conflict:         tellsConflict,
	alert.Failing:          tellsFailing,
	alert.Stale:            tellsStale,
	alert.Shrank:           tellsShrank,
	alert.Hidden:           tellsHidden,
	alert.Downgrade:        tellsDowngrade,
	alert.UnknownProduct:   tellsUnknownProduct,
	alert.ContractEnding:   tellsContract,
	alert.NoContact:        tellsNoContact,
	alert.Quota:            tellsQuota,
	alert.Credential:       tellsCredential,
	alert.CredentialEnding: tellsCredentialEnding,
	alert.WrongEnvironment: tellsWrongEnvironment,
	alert.Configuration:    tellsConfiguration,
	alert.Journal:          tellsJournal,
}

func TestEveryKindIsTold(t *testing.T) {
	t.Parallel()
	for _, k := range alert.Kinds() {
		t.Run(string(k), func(t *testing.T) {
			t.Parallel()
			story := stories[k]
			if story == nil {
				t.Fatalf("no story shows that %s is told", k)
			}
			story(t)
		})
	}
}

func tellsDrift(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.served.replace("desksync.yaml", "on_drift: correct ", "on_drift: hold    ")
	x.run(exitOK, "reconcile")
	x.sql(`UPDATE organization SET fields = json_set(fields, '$.account_owner', 'me') WHERE name = 'Ace Tomato'`)
	x.later(10 * time.Minute)
	x.run(exitOK, "reconcile")
	x.told(tells{kind: alert.Drift, what: "1 organization drifted in support (customers)", who: "Ace Tomato", cmd: "desksync drift --pipeline customers", arr: 18000, since: "2026-11-21 09:10"})
}

func tellsFought(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	for range 4 {
		x.sql(`UPDATE organization SET fields = json_set(fields, '$.account_owner', 'me') WHERE name = 'Ace Tomato'`)
		x.later(10 * time.Minute)
		x.run(exitOK, "reconcile")
	}
	x.told(tells{kind: alert.Fought, what: "Something else keeps writing to 1 organization in support (customers)", who: "Ace Tomato", cmd: "desksync drift --pipeline customers", arr: 18000, since: "2026-11-21 09:40"})
}

func tellsHeld(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.served.replace("desksync.yaml", "guards: {", "guards: {updates: 1, ")
	x.export("accounts.csv", "P. Okafor", "O. Okafor")
	x.later(10 * time.Minute)
	x.run(exitRefused, "reconcile")
	x.told(tells{kind: alert.Held, what: "The guard updates holds changes in support (customers)", who: "Dreadco", cmd: "desksync approve 2, or desksync reject 2", arr: 407680, since: "2026-11-21 09:10"})
}

func tellsConflict(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.export("accounts.csv", "hooli.example", "hooli.example;wonka.example")
	x.later(10 * time.Minute)
	x.run(exitPartly, "reconcile")
	x.told(tells{kind: alert.Conflict, what: "1 conflict in support (customers)", who: "Hooli", cmd: "desksync conflicts --pipeline customers", arr: 241200, since: "2026-11-21 09:10"})
}

func tellsFailing(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.away("crm")
	for range 3 {
		x.later(10 * time.Minute)
		x.run(exitFailed, "reconcile")
	}
	x.told(tells{kind: alert.Failing, what: "3 runs of the pipeline customers failed in a row", cmd: "desksync runs --pipeline customers", since: "2026-11-21 09:10"})
}

func tellsStale(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.served.replace("desksync.yaml", "    time_zone: UTC\n", "    time_zone: UTC\n    schedule: {delta: '@hourly'}\n")
	x.run(exitOK, "reconcile")
	x.away("crm")
	x.later(25 * time.Hour)
	x.run(exitFailed, "reconcile")
	x.told(tells{kind: alert.Stale, what: "The pipeline customers had no good run for 24 hours and more", cmd: "desksync runs --pipeline customers", since: "2026-11-21 09:00"})
}

func tellsShrank(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.shrink()
	x.later(10 * time.Minute)
	x.run(exitRefused, "reconcile")
	x.told(tells{kind: alert.Shrank, what: "crm shrank: 0 of 13 accounts are left (customers)", cmd: "desksync reconcile --accept-shrink --pipeline customers, if the source is right", since: "2026-11-21 09:10"})
}

func tellsHidden(t *testing.T) {
	t.Helper()
	h, o := newHook(t), newOwnOrg(t)
	o.file += h.section()
	o.account("Acme", nil)
	o.run(exitOK, "reconcile", "--yes")
	o.admin("PATCH", "settings", []byte(`{"hidden": ["Account.CARR_This_Account__c"]}`), nil)
	o.run(exitOK, "reconcile", "--yes", "--full")
	h.told(tells{kind: alert.Hidden, what: "The login of crm no longer sees what the rules of customers read", cmd: "desksync source describe", since: "2026-11-21 09:00"})
}

func tellsDowngrade(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.export("subscriptions.csv", "Ultimate (self-managed),400", "Starter,400")
	x.later(10 * time.Minute)
	x.run(exitOK, "reconcile")
	x.told(tells{kind: alert.Downgrade, what: "1 organization was downgraded in support (customers) ($104k ARR)", who: "Dreadco", cmd: "desksync runs show 2", arr: 103680, since: "2026-11-21 09:10"})
}

func tellsUnknownProduct(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.told(tells{kind: alert.UnknownProduct, what: "1 product is not in the catalogue of customers ($240k ARR)", who: "Hooli", cmd: "desksync explain 001Aa00000HOOL1IAP --pipeline customers", arr: 240000, since: "2026-11-21 09:00"})
}

// tellsContract: Wonka's ends on 2027-07-31; each of the three days is told.
func tellsContract(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	want := ""
	for _, step := range []struct {
		day  time.Time
		more string
	}{
		{time.Date(2027, 6, 30, 9, 0, 0, 0, time.UTC), ""},
		{time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC), "begun"},
		{time.Date(2027, 7, 15, 9, 0, 0, 0, time.UTC), ""},
		{time.Date(2027, 7, 16, 9, 0, 0, 0, time.UTC), "worse"},
		{time.Date(2027, 7, 24, 9, 0, 0, 0, time.UTC), "worse"},
	} {
		x.now = step.day
		x.run(exitOK, "reconcile")
		want = strings.TrimPrefix(want+", "+step.more, ", ")
		want = strings.TrimSuffix(want, ", ")
		if got := x.eventsOf("contract_ending/customers/2027-07-31"); got != want {
			t.Errorf("on %s it was told %q, want %q", step.day.Format(time.DateOnly), got, want)
		}
	}
}

func tellsNoContact(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.export("contacts.csv", "003Aa00000WONK1IAP,001Aa00000WONK1IAP", "003Aa00000WONK1IAP,001Aa00000SOYL1IAP")
	x.run(exitOK, "reconcile")
	x.told(tells{kind: alert.NoContact, what: "1 new organization has no contact in support (customers)", who: "Wonka Industries", cmd: "desksync explain 001Aa00000WONK1IAP --pipeline customers", arr: 1200, since: "2026-11-21 09:00"})
}

func tellsQuota(t *testing.T) {
	t.Helper()
	h, o := newHook(t), newOwnOrg(t).with("SOURCE", "daily_share: 10%")
	o.file += h.section()
	o.account("Acme", nil)
	o.admin("PATCH", "settings", []byte(`{"api_limit": 400}`), nil)
	for len(h.of(alert.Quota)) == 0 {
		if code, _, _ := withFile(t, o.dir, o.file, o.box.InstanceURL, "reconcile", "--yes", "--full"); code != exitOK {
			break
		}
	}
	h.told(tells{kind: alert.Quota, what: "of the 40 calls that desksync may make of crm in 24 hours are spent", cmd: "desksync source describe", since: "2026-11-21 09:00"})
}

func tellsCredential(t *testing.T) {
	t.Helper()
	h := newHook(t)
	x := newBeside(t, nil, "pipelines:", h.section()+"pipelines:", "${ZD_SECRET}", "wrong")
	if code, said := x.desksync("reconcile", "--yes"); code != exitFailed {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	h.told(tells{kind: alert.Credential, what: "The pipeline customers is refused access", cmd: "desksync validate --online", since: "2026-11-21 09:00"})
}

// tellsCredentialEnding: Zendesk ends API tokens on 2027-04-30; it is over when an OAuth
// client logs in instead.
func tellsCredentialEnding(t *testing.T) {
	t.Helper()
	h := newHook(t)
	x := newBeside(t, nil, "pipelines:", h.section()+"pipelines:", login, tokenLogin)
	want := tells{kind: alert.CredentialEnding, what: "The login of target support ends on 2027-04-30 (customers)", cmd: "desksync validate --online, once it is renewed", since: "2027-03-31 09:00"}
	for _, step := range []struct {
		at     time.Time
		events string
	}{
		{time.Date(2027, 3, 30, 9, 0, 0, 0, time.UTC), ""},
		{time.Date(2027, 3, 31, 9, 0, 0, 0, time.UTC), "begun"},
		{time.Date(2027, 4, 15, 9, 0, 0, 0, time.UTC), "begun, worse"},
		{time.Date(2027, 4, 23, 9, 0, 0, 0, time.UTC), "begun, worse, worse"},
		{time.Date(2027, 4, 30, 9, 0, 0, 0, time.UTC), "begun, worse, worse, worse"},
	} {
		x.at(step.at)
		x.desksync("reconcile", "--yes")
		if want.events = step.events; step.events != "" {
			h.told(want)
		} else if h.events(alert.CredentialEnding) != "" {
			t.Errorf("on %s it is told already", step.at)
		}
	}
	if c := h.of(alert.CredentialEnding)[2].Condition; c.Severity != alert.Critical || !strings.Contains(c.Text, "OAuth client") {
		t.Errorf("a week before, it is %s and says %q", c.Severity, c.Text)
	}
	x.swap(tokenLogin, login)
	x.desksync("reconcile", "--yes")
	if got := h.events(alert.CredentialEnding); got != "begun, worse, worse, worse, over" {
		t.Errorf("with a new login: %s", got)
	}
}

func tellsWrongEnvironment(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.served.replace("desksync.yaml", "support.db", "other.db")
	x.later(10 * time.Minute)
	said := x.run(exitRefused, "reconcile")
	_, account, _ := strings.Cut(strings.Join(strings.Fields(said), " "), "desksync rebind target support ")
	account, _, _ = strings.Cut(account, " ")
	x.told(tells{kind: alert.WrongEnvironment, what: "Another account stands behind the target support", cmd: "desksync rebind target support " + account + ", if that is meant", since: "2026-11-21 09:10"})
}

// tellsConfiguration is the daemon's: nobody else takes a file while it works.
func tellsConfiguration(t *testing.T) {
	t.Helper()
	s, h := newServed(t, "sqlite:desksync.db"), newHook(t)
	s.replace("desksync.yaml", "overrides: overrides.yaml", h.section()+"overrides: overrides.yaml")
	s.serve()
	s.until("ready", func() bool { return s.get("/readyz") == "ok\n" })
	s.replace("desksync.yaml", "grace: 15d", "grace: soon")
	s.until("the file is refused, and that is told", func() bool { return len(h.of(alert.Configuration)) == 1 })
	c := h.of(alert.Configuration)[0].Condition
	if c.Command != "desksync validate" || !strings.Contains(c.Text, `grace: "soon" is not a length of time`) || c.Since.IsZero() {
		t.Errorf("told %+v", c)
	}
	s.replace("desksync.yaml", "grace: soon", "grace: 15d")
	s.until("that is over", func() bool { return h.events(alert.Configuration) == "begun, over" })
}

// away takes a folder of the shop away.
func (x *shop) away(name string) {
	x.served.Helper()
	if err := os.Rename(filepath.Join(x.dir, name), filepath.Join(x.dir, name+".away")); err != nil {
		x.served.Fatal(err)
	}
}

// back brings it back.
func (x *shop) back(name string) {
	x.served.Helper()
	if err := os.Rename(filepath.Join(x.dir, name+".away"), filepath.Join(x.dir, name)); err != nil {
		x.served.Fatal(err)
	}
}

// shrink leaves the export without an account, and with a manifest that says so.
func (x *shop) shrink() {
	x.served.Helper()
	path := filepath.Join(x.dir, "crm", "accounts.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		x.served.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(path, []byte(head+"\n"), 0o600); err != nil {
		x.served.Fatal(err)
	}
	x.export("manifest.json", `"rows": 13`, `"rows": 0`)
}
