package main

import (
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/sync/reconcile"
)

func TestProgressIsOneLineOnATerminalAndRareLinesInALog(t *testing.T) {
	t.Parallel()
	show := func(terminal bool) string {
		var out strings.Builder
		now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		p := newProgress(&out, func() time.Time { return now }, terminal)
		for done := 0; done <= 30_000; done += 500 { // 500 a second for a minute
			p.show(reconcile.Progress{Phase: "apply", Done: done, Total: 30_000})
			now = now.Add(time.Second)
		}
		return out.String()
	}
	if got, want := show(false), "apply  5,000 of 30,000  500/s  50s left\n"; !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 6 {
		t.Errorf("in a log stands\n%swant six lines, the first of them\n%s", got, want)
	}
	if got := show(true); strings.Contains(got, "\n") || !strings.HasSuffix(got, "\x1b[K") || strings.Count(got, "\r") < 60 {
		t.Errorf("on a terminal stands %q, want one line that is rewritten, and wiped at the end", got)
	}
}

// TestTheCostOfAReadIsSaidBeforeIt: in a line that stays, however soon after another.
func TestTheCostOfAReadIsSaidBeforeIt(t *testing.T) {
	t.Parallel()
	for terminal, want := range map[bool]string{false: "", true: "\r\x1b[K"} {
		var out strings.Builder
		now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		p := newProgress(&out, func() time.Time { return now }, terminal)
		p.show(reconcile.Progress{Phase: "read accounts", Total: 4301, Plan: &crm.Plan{Way: "REST", Rows: 4301, Calls: 3}})
		p.show(reconcile.Progress{Phase: "read contacts", Plan: &crm.Plan{Way: "Bulk", Rows: -1, Calls: 4, Why: "counting took too long"}})
		want += "read accounts: 4,301 rows by REST, at least 3 calls\n" + want + "read contacts: an unknown number of rows by Bulk because counting took too long, at least 4 calls\n"
		if out.String() != want {
			t.Errorf("terminal %v: %q, want %q", terminal, out.String(), want)
		}
	}
}

// TestARateDoesNotCountTheWait: a Bulk job took two minutes before its first row came.
func TestARateDoesNotCountTheWait(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	p := newProgress(&out, func() time.Time { return now }, false)
	p.show(reconcile.Progress{Phase: "read contacts", Total: 9000, Plan: &crm.Plan{Way: "Bulk", Rows: 9000, Calls: 4}})
	now = now.Add(2 * time.Minute)
	for _, done := range []int{1000, 2000} {
		p.show(reconcile.Progress{Phase: "read contacts", Done: done, Total: 9000})
		now = now.Add(10 * time.Second)
	}
	if want := "read contacts  1,000 of 9,000\nread contacts  2,000 of 9,000  100/s  1m10s left\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("%q, want it to end in %q", out.String(), want)
	}
}
