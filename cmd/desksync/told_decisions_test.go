package main

import (
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/desksync/desksync/sync/alert"
)

// TestDecisionsAreToldAtOnce has people decide and write by hand: what that settles is
// over before any run, and what it causes is told.
func TestDecisionsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T){
		"keep":    func(t *testing.T) { t.Helper(); decidesDrift(t, "keep") },
		"revert":  func(t *testing.T) { t.Helper(); decidesDrift(t, "revert") },
		"adopt":   func(t *testing.T) { t.Helper(); decidesDrift(t, "adopt") },
		"approve": approves, "reject": rejects, "resolve": resolves, "apply": applies, "undo": undoes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}

// numbered is that of the first item in a list.
var numbered = regexp.MustCompile(`(?m)^(\d+) `)

func (x *shop) number(said string) string {
	x.served.Helper()
	m := numbered.FindStringSubmatch(said)
	if m == nil {
		x.served.Fatalf("nothing has a number in\n%s", said)
	}
	return m[1]
}

// heardOf checks all that was told of a kind.
func (x *shop) heardOf(when string, k alert.Kind, want string) {
	x.served.Helper()
	if got := x.events(k); got != want {
		x.served.Errorf("%s: of %s was told %q, want %q", when, k, got, want)
	}
}

// decidesDrift also has runs fail meanwhile, which no decision ends.
func decidesDrift(t *testing.T, how string) {
	t.Helper()
	x := newShop(t)
	x.served.replace("desksync.yaml", "on_drift: correct ", "on_drift: hold    ")
	x.run(exitOK, "reconcile")
	x.sql(`UPDATE organization SET fields = json_set(fields, '$.account_owner', 'me') WHERE name = 'Ace Tomato'`)
	x.later(time.Minute)
	x.run(exitOK, "reconcile")
	x.heardOf("before", alert.Drift, "begun")
	x.away("crm")
	for range 3 {
		x.run(exitFailed, "reconcile")
	}
	x.later(time.Minute)
	x.run(exitOK, "drift", how, x.number(x.run(exitFound, "drift")), "--reason", "they like it")
	x.heardOf("at once", alert.Drift, "begun, over")
	x.heardOf("a decision ends no failures", alert.Failing, "begun")
	x.back("crm")
	x.later(time.Hour)
	x.run(exitOK, "reconcile")
	x.heardOf("after the next run", alert.Drift, "begun, over")
	x.heardOf("after the next run", alert.Failing, "begun, over")
}

// tooMany has a guard hold two downgrades.
func tooMany(t *testing.T) *shop {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.served.replace("desksync.yaml", "downgrades: {count: 10, share: 0.5%, arr: 500k}", "downgrades: {count: 1}")
	x.export("subscriptions.csv", "Ultimate (self-managed),400", "Starter,400")
	x.export("subscriptions.csv", "Silver,40", "Starter,40")
	x.later(time.Minute)
	x.run(exitRefused, "reconcile")
	x.heardOf("before", alert.Held, "begun")
	x.heardOf("before", alert.Downgrade, "")
	x.later(time.Minute)
	return x
}

func approves(t *testing.T) {
	t.Helper()
	x := tooMany(t)
	x.run(exitOK, "approve", "2", "--reason", "they cancelled")
	x.heardOf("at once", alert.Held, "begun, over")
	x.told(tells{kind: alert.Downgrade, what: "2 organizations were downgraded", who: "Dreadco", cmd: "desksync runs show 3", arr: 113280, since: "2026-11-21 09:02"})
	x.later(time.Hour)
	x.run(exitOK, "reconcile")
	x.heardOf("after the next run", alert.Held, "begun, over")
	x.heardOf("after the next run", alert.Downgrade, "begun")
}

func rejects(t *testing.T) {
	t.Helper()
	x := tooMany(t)
	x.run(exitOK, "reject", "2", "--reason", "a mistake in the CRM")
	x.heardOf("at once", alert.Held, "begun, over")
	x.later(time.Hour)
	x.run(exitOK, "reconcile")
	x.heardOf("after the next run", alert.Held, "begun, over")
	x.heardOf("after the next run", alert.Downgrade, "")
}

func resolves(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.export("accounts.csv", "hooli.example", "hooli.example;wonka.example")
	x.later(time.Minute)
	x.run(exitPartly, "reconcile")
	x.heardOf("before", alert.Conflict, "begun")
	x.later(time.Minute)
	x.run(exitOK, "conflicts", "resolve", x.number(x.run(exitFound, "conflicts")), "--to", "001Aa00000WONK1IAP", "--reason", "it is theirs")
	x.heardOf("at once", alert.Conflict, "begun, over")
	x.later(time.Hour)
	x.run(exitOK, "reconcile")
	x.heardOf("after the next run", alert.Conflict, "begun, over")
}

func applies(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.export("subscriptions.csv", "Ultimate (self-managed),400", "Starter,400")
	saved := filepath.Join(x.dir, "saved.json")
	x.run(exitFound, "diff", "--save", saved)
	x.heardOf("before", alert.Downgrade, "")
	x.run(exitOK, "apply", saved)
	x.told(tells{kind: alert.Downgrade, what: "1 organization was downgraded", who: "Dreadco", cmd: "desksync runs show 3", arr: 103680, since: "2026-11-21 09:00"})
}

// undoes takes back a downgrade that was told: who undoes knows what they do, and what is
// put back is no drift.
func undoes(t *testing.T) {
	t.Helper()
	x := newShop(t)
	x.run(exitOK, "reconcile")
	x.export("subscriptions.csv", "Ultimate (self-managed),400", "Starter,400")
	x.later(time.Minute)
	x.run(exitOK, "reconcile")
	x.later(time.Minute)
	x.run(exitOK, "undo", "2", "--yes")
	x.later(time.Hour)
	x.run(exitOK, "reconcile")
	x.heardOf("after the next run", alert.Downgrade, "begun")
	x.heardOf("after the next run", alert.Drift, "")
}
