package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/reconcile"
)

// comma renders 11204 as 11,204.
func comma(n int) string { return message.NewPrinter(language.English).Sprintf("%d", n) }

// count renders "1 account", "2 accounts".
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return comma(n) + " " + one + "s"
}

func (a *app) say(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", args...) }

// answer says a sentence for people, or what it tells as one object.
func (a *app) answer(object map[string]any, format string, args ...any) {
	if a.json {
		a.printJSON(object)
		return
	}
	a.say(format, args...)
}

// prose says a sentence; where the width is known, in lines that fit, those after
// the first set in by two more.
func (a *app) prose(indent int, format string, args ...any) {
	room := 1 << 30
	if w := a.columns(); w > 0 {
		room = w
	}
	a.wrapped(strings.Repeat(" ", indent), room, fmt.Sprintf(format, args...))
}

// wrapped prints a text behind a first word in lines that fit, all but the first set
// in by two more.
func (a *app) wrapped(first string, room int, words string) {
	left := text.StringWidth(first)
	for i, line := range wrapText(words, room-left, room-left-2) {
		if i == 0 {
			a.say("%s%s", first, line)
			continue
		}
		a.say("%s%s", strings.Repeat(" ", left+2), line)
	}
}

// wrapText breaks a text at spaces into lines of at most so many columns, the first
// of its own. A word that is wider stays whole: it is to be copied.
func wrapText(words string, first, rest int) []string {
	lines, line, at := []string{}, "", 0
	room := first
	for word := range strings.FieldsSeq(words) {
		w := text.StringWidth(word)
		switch {
		case line == "":
			line, at = word, w
		case at+1+w <= room:
			line, at = line+" "+word, at+1+w
		default:
			lines, line, at, room = append(lines, line), word, w, rest
		}
	}
	return append(lines, line)
}

// hint says what to do next; not where only results are wanted.
func (a *app) hint(format string, args ...any) {
	if !a.quiet && !a.json {
		a.prose(0, format, args...)
	}
}

// self is a command line of this program.
func (a *app) self(format string, args ...any) string {
	return selfName(a.config) + " " + fmt.Sprintf(format, args...)
}

// printHead says what was read, and what is doubtful about it.
func (a *app) printHead(r *reconcile.Report) {
	if len(r.Reads) == 0 {
		return
	}
	a.prose(0, "%s: %s → %s, %s, %s", r.Pipeline, r.Source, r.Target, readText(r), r.Day)
	if r.FullWhy != "" {
		a.prose(0, "%s was read in full, because of what changed it could not tell: %s", r.Source, r.FullWhy)
	}
	for _, read := range r.Reads {
		for _, bad := range read.Report.Skipped {
			a.prose(0, "%s: %s; %s", bad.Where, bad.What, bad.Fix)
		}
		if more := read.Report.BadRows - len(read.Report.Skipped); more > 0 {
			a.prose(0, "… and %s more of %ss skipped", count(more, "row"), read.Role)
		}
		switch {
		case read.Report.Cut:
			a.prose(0, "%s: %s: nothing was retired and nothing was written", r.Source, read.Report.Why)
		case !read.Report.Complete && !r.Since.IsZero():
			a.prose(0, "%s: not all changes of %ss were shown: %s. The next run asks for them again", r.Source, read.Role, read.Report.Why)
		case !read.Report.Complete:
			a.prose(0, "%s: the read of %ss is not complete: %s. Nothing is taken for lost", r.Source, read.Role, read.Report.Why)
		}
	}
	a.printCalls(r)
}

// printResumed says what became of earlier runs that were cut off.
func (a *app) printResumed(r *reconcile.Report) {
	for _, x := range r.Resumed {
		a.prose(0, "run %d had been cut off; it was brought to its end first: %s, %s in all", x.Run, x.State, talliedText(&x.Tally, r.Target))
	}
}

// readText says what was read, and by which of several ways: "full read of 3 accounts,
// 8 contacts (complete)", "full read of 3 accounts by REST (complete)". Of a
// delta read it counts what the source showed, changed or not.
func readText(r *reconcile.Report) string {
	var parts []string
	for _, read := range r.Reads {
		part := count(read.Rows, string(read.Role))
		if read.Report.Way != "" {
			part += " by " + read.Report.Way
		}
		parts = append(parts, part)
	}
	all := "full read of "
	if !r.Since.IsZero() {
		all = "what changed since " + r.Since.UTC().Format("2006-01-02 15:04") + ": "
	}
	all += strings.Join(parts, ", ")
	if len(r.Incomplete()) > 0 {
		return all + " (not complete)"
	}
	return all + " (complete)"
}

// printCalls says what a pass cost at the source.
func (a *app) printCalls(r *reconcile.Report) {
	if u := r.Calls; u.Max > 0 && !a.quiet {
		a.prose(0, "%s: %s; %s of its %s calls of 24 hours are used, by all together", r.Source, count(u.Calls, "call"), comma(u.Used), comma(u.Max))
	}
}

// printFailed says how far a pass came that ended with an error, which is said after.
func (a *app) printFailed(r *reconcile.Report) {
	if a.json {
		a.printJSON(reportJSON(r))
		return
	}
	a.printResumed(r)
	if r.Applied == 0 && r.Waiting == 0 {
		a.prose(0, "run %d: %s, nothing was written", r.Run, r.State)
		return
	}
	a.prose(0, "run %d: %s, %s", r.Run, r.State, outcomeText(r))
	a.printWaiting(r)
}

// printReport says what became of a pass.
func (a *app) printReport(r *reconcile.Report) {
	if a.json {
		a.printJSON(reportJSON(r))
		return
	}
	a.printHead(r)
	a.printResumed(r)
	a.printShrunk(r)
	a.printHeld(r)
	for _, f := range r.Failures {
		a.prose(0, "%s not written: %s", f.Key, fault.Plain(f.Err))
	}
	if r.Blocked() {
		return
	}
	a.prose(0, "run %d: %s, %s", r.Run, r.State, outcomeText(r))
	a.printSums(r)
	a.printOpen(r)
	a.printRaced(r)
}

// printRaced says what became of the changes under which the target moved.
func (a *app) printRaced(r *reconcile.Report) {
	switch {
	case r.Again != nil:
		a.prose(0, "%s moved meanwhile under %s; compared once more:", r.Target, count(r.Raced, "change"))
		a.printReport(r.Again)
	case r.Raced > 0:
		a.prose(0, "%s moved meanwhile under %s; the next run compares that again", r.Target, count(r.Raced, "change"))
	}
}

// printSums says what was computed, and what it means for SLAs.
func (a *app) printSums(r *reconcile.Report) {
	a.prose(0, "%s", &r.Summary)
	a.prose(0, "%s", &r.Impact)
}

// outcomeText says what became of a pass; what raced is said elsewhere.
func outcomeText(r *reconcile.Report) string {
	return talliedText(&reconcile.Tally{Written: r.Applied, Failed: r.Failed, Spared: r.Spared, Waiting: r.Waiting, Left: r.Left}, r.Target)
}

func talliedText(t *reconcile.Tally, target string) string {
	parts := []string{count(t.Written, "change") + " written"}
	for _, p := range []struct {
		n    int
		what string
	}{
		{t.Failed, "refused by " + target},
		{t.Raced, "not written because " + target + " moved meanwhile"},
		{t.Spared, "left alone because " + target + " lets no sync write them"},
		{t.Waiting, "sent and not known yet"},
		{t.Left, "left for the next run"},
	} {
		if p.n > 0 {
			parts = append(parts, comma(p.n)+" "+p.what)
		}
	}
	return joinWords(parts)
}

func (a *app) printShrunk(r *reconcile.Report) {
	for _, s := range r.Shrunk {
		a.prose(0, "%s answered %s, last time it had %s: nothing was retired and nothing was written. If that is right: desksync reconcile --accept-shrink",
			r.Source, count(s.Now, string(s.Role)), comma(s.Before))
	}
}

func (a *app) printHeld(r *reconcile.Report) {
	for _, g := range r.Tripped {
		a.prose(0, "HELD by guard %q: %s", g.Guard, g.Text)
		a.hint("approve: desksync approve %d · see them: desksync runs show %d --held", r.Run, r.Run)
	}
}

// printWaiting says what happens next with what was sent and has no outcome yet.
func (a *app) printWaiting(r *reconcile.Report) {
	if r.Waiting > 0 {
		a.prose(0, "%s still works on %s; the next run looks how that ended", r.Target, count(r.Waiting, "change"))
	}
}

// printOpen says what is not over yet, and names the commands for what waits for a
// person.
func (a *app) printOpen(r *reconcile.Report) {
	a.printWaiting(r)
	for _, n := range r.Notices {
		a.hint("%s: %s", r.Target, n.Text)
	}
	if r.Conflicts > 0 {
		a.hint("conflicts wait for a decision: desksync conflicts")
	}
	if r.Merges > 0 {
		a.hint("%s to merge, because accounts were merged in %s: desksync merges", count(r.Merges, "organization"), r.Source)
	}
	if r.Summary.Held > r.Summary.Snoozed {
		a.hint("held fields wait for a decision: desksync drift")
	}
	if r.Findings > 0 {
		a.hint("%s worth a look: desksync runs show %d --findings", count(r.Findings, "finding"), r.Run)
	}
}

func (a *app) printJSON(v any) {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		fmt.Fprintln(a.err, err)
	}
}

func joinWords(list []string) string { return strings.Join(list, ", ") }
