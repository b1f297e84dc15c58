package main

import (
	"bufio"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheAuditHasEveryDecision has people decide in every way there is: each stands in the
// export as a line of JSON, with who, when and why.
func TestTheAuditHasEveryDecision(t *testing.T) {
	t.Parallel()
	x := newShop(t)
	x.served.replace("desksync.yaml", "on_drift: correct ", "on_drift: hold    ")
	x.run(exitOK, "reconcile")
	x.run(exitOK, "override", "set", "001Aa00000WONK1IAP", "seats", "12", "--reason", "why-override")
	names := []string{"Ace Tomato", "Hooli", "Soylent Corp", "Umbrella University"}
	for i, how := range []string{"keep", "revert", "adopt", "snooze"} {
		x.later(time.Minute)
		x.sql(`UPDATE organization SET fields = json_set(fields, '$.account_owner', 'me') WHERE name = '` + names[i] + `'`)
		x.run(exitOK, "reconcile")
		args := []string{"drift", how, x.number(x.run(exitFound, "drift")), "--reason", "why-" + how}
		if how == "snooze" {
			args = append(args, "--until", "2026-12-05")
		}
		x.run(exitOK, args...)
		if how == "adopt" {
			x.run(exitOK, "override", "end", "4", "--reason", "why-end")
		}
	}
	x.later(24 * time.Hour)
	day := x.now.Format(time.DateOnly)
	x.served.replace("desksync.yaml", "downgrades: {count: 10, share: 0.5%, arr: 500k}", "downgrades: {count: 1}")
	x.export("subscriptions.csv", "Ultimate (self-managed),400", "Starter,400")
	x.export("subscriptions.csv", "Silver,40", "Starter,40")
	x.run(exitRefused, "reconcile")
	x.run(exitOK, "approve", x.newest(), "--reason", "why-approve")
	x.run(exitOK, "undo", x.newest(), "--yes")
	x.export("accounts.csv", "M. Ortiz", "N. Ortiz")
	saved := filepath.Join(x.dir, "saved.json")
	x.run(exitFound, "diff", "--save", saved)
	x.run(exitOK, "apply", saved)
	x.shrink()
	x.run(exitOK, "reconcile", "--accept-shrink")
	x.run(exitOK, "forget", "gavin@hooli.example", "--reason", "why-forget")
	whole, since := x.audit(), x.audit("--since", day)
	for _, want := range []string{
		"decision override 001Aa00000WONK1IAP seats: why-override", "decision keep ", "why-keep", "decision revert ", "why-revert", "why-adopt", "why-end", "decision snooze ", "why-snooze",
		"approve why-approve", "undo ", "decision undo ", "apply saved.json", "accept-shrink ", "forget why-forget",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("the audit has no %q:\n%s", want, whole)
		}
	}
	if strings.Contains(since, "why-keep") || !strings.Contains(since, "why-approve") {
		t.Errorf("since %s:\n%s", day, since)
	}
}

// newest is the number of the newest run.
func (x *shop) newest() string {
	x.served.Helper()
	var run struct{ Run json.Number }
	line, _, _ := strings.Cut(x.run(exitOK, "runs", "--json"), "\n")
	if err := json.Unmarshal([]byte(line), &run); err != nil || run.Run == "" {
		x.served.Fatalf("%s: %v", line, err)
	}
	return run.Run.String()
}

// audit is the export as lines of what was done, and in which words.
func (x *shop) audit(args ...string) string {
	x.served.Helper()
	var b strings.Builder
	lines := bufio.NewScanner(strings.NewReader(x.run(exitOK, append([]string{"audit", "export"}, args...)...)))
	for lines.Scan() {
		var l struct {
			At                     time.Time
			Who, What, Ref, Detail string
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil || l.Who == "" || l.At.IsZero() {
			x.served.Errorf("%s: %v", lines.Text(), err)
		}
		b.WriteString(l.What + " " + l.Detail + "\n")
	}
	return b.String()
}
