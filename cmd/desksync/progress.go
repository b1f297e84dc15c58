package main

import (
	"fmt"
	"io"
	"time"

	"github.com/desksync/desksync/sync/reconcile"
)

// progress tells the phase, how far it is, the rate and the time left: on a terminal
// in one line that is rewritten, elsewhere in plain lines that are rare enough for
// a log. What takes less than the time between two lines is not worth one.
type progress struct {
	w        io.Writer
	now      func() time.Time
	terminal bool
	phase    string
	since    time.Time // when the phase began, or the first of what it counts came
	from     int       // what was counted by then
	shown    time.Time
}

const (
	refresh = 200 * time.Millisecond // on a terminal
	apart   = 10 * time.Second       // between plain lines
)

func newProgress(w io.Writer, now func() time.Time, terminal bool) *progress {
	p := &progress{w: w, now: now, terminal: terminal}
	if !terminal {
		p.shown = now()
	}
	return p
}

func (p *progress) show(x reconcile.Progress) {
	now := p.now()
	if x.Plan != nil {
		p.plan(x)
		p.phase = "" // nothing is counted while a job is waited for
		return
	}
	if x.Phase != p.phase {
		p.phase, p.since, p.from = x.Phase, now, x.Done
	}
	if p.terminal {
		p.rewrite(x, now)
		return
	}
	if now.Sub(p.shown) >= apart {
		p.shown = now
		fmt.Fprintln(p.w, p.line(x, now.Sub(p.since)))
	}
}

// plan says what a read will cost, in a line that stays.
func (p *progress) plan(x reconcile.Progress) {
	rows := "an unknown number of rows"
	if x.Plan.Rows >= 0 {
		rows = count(x.Plan.Rows, "row")
	}
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	way := x.Plan.Way
	if x.Plan.Why != "" {
		way += " because " + x.Plan.Why
	}
	fmt.Fprintf(p.w, "%s: %s by %s, at least %s\n", x.Phase, rows, way, count(x.Plan.Calls, "call"))
}

func (p *progress) rewrite(x reconcile.Progress, now time.Time) {
	done := x.Total > 0 && x.Done >= x.Total
	if now.Sub(p.shown) < refresh && !done {
		return
	}
	p.shown = now
	fmt.Fprintf(p.w, "\r\x1b[K%s", p.line(x, now.Sub(p.since)))
	if done {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func (p *progress) line(x reconcile.Progress, took time.Duration) string {
	rate := 0.0
	if took > 0 {
		rate = float64(x.Done-p.from) / took.Seconds()
	}
	text := fmt.Sprintf("%s  %s", x.Phase, comma(x.Done))
	if x.Total > 0 {
		text += " of " + comma(x.Total)
	}
	if rate < 1 {
		return text
	}
	text += fmt.Sprintf("  %s/s", comma(int(rate)))
	if left := x.Total - x.Done; x.Total > 0 && left > 0 {
		text += "  " + (time.Duration(float64(left)/rate) * time.Second).String() + " left"
	}
	return text
}
