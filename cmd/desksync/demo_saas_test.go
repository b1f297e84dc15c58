package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestTheDemonstrationBetweenTwoStandIns is the whole chain: one stand-in, the real
// commands, the other stand-in, and edits on both sides.
func TestTheDemonstrationBetweenTwoStandIns(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errs, now: time.Now, lookup: func(string) (string, bool) { return "", false }}
	if code := a.execute(t.Context(), []string{"demo", "--saas", "--dir", t.TempDir()}); code != exitOK {
		t.Fatalf("exit code %d:\n%s%s", code, &out, &errs)
	}
	said := out.String()
	for _, want := range []string{
		"made field:support_level",
		"run 1: applied, 80 changes written",
		"256,500 → 31,200               moved:",
		"premium → ultimate             drifted: edited in the helpdesk",
		`✋ "A valued customer (VIP)" kept`,
		`support: the SLA policy "Standard" stands before "Priority"`,
		"run 3: partly, 2 changes written",
		"drift keep|revert|adopt|snooze",
		"name claimed twice: Aperture Energy 6 AB",
		"1 finding about the helpdesk itself",
		"31,200 → 256,500               undone: the value before the run",
		"run 5: applied, 2 changes written",
		"✋ 256,500 → 31,200 not written",
		"nothing to do; 3 held, 1 conflict",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("nothing says %q", want)
		}
	}
	if t.Failed() {
		t.Log(said + errs.String())
	}
}
