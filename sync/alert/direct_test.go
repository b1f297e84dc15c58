package alert_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/alert"
)

var diskFull = fault.New("schedule.probe", fault.Unavailable, errors.New("no room is left on the disk of the database (desksync.db)"))

// direct is what tells of the journal in an office that has none: it asks nothing of it.
type direct struct {
	*office
	*alert.Direct
	teller *alert.Teller
}

func newDirect(t *testing.T) *direct {
	t.Helper()
	o := newOffice(t, ready.SQLite(t))
	d := &direct{office: o, Direct: &alert.Direct{}, teller: o.teller()}
	o.ok(o.journal.Close())
	return d
}

// look looks once a minute, so many times.
func (d *direct) look(why error, times int) {
	d.t.Helper()
	for range times {
		d.clock.Move(time.Minute)
		d.ok(d.Journal(d.t.Context(), d.teller, why))
	}
}

// said by the chat and the pager, which must be the same.
func (d *direct) said() string {
	if chat, pager := d.chat.said(), d.pager.said(); chat != pager {
		return "chat: " + chat + "; pager: " + pager
	}
	return d.chat.said()
}

// TestAJournalThatCannotBeUsedIsToldWithoutIt: once when that has lasted, once when it is
// over, and in one alert.
func TestAJournalThatCannotBeUsedIsToldWithoutIt(t *testing.T) {
	t.Parallel()
	d := newDirect(t)
	d.look(diskFull, 2)
	if got := d.said(); got != "" {
		t.Fatalf("told %q of what may be over in a moment", got)
	}
	d.look(diskFull, 600)
	d.look(nil, 10)
	if got := d.said(); got != "begun journal, over journal" {
		t.Fatalf("told %q", got)
	}
	begun, over := d.chat.heard[0].Parts[0].Condition, d.chat.heard[1].Parts[0].Condition
	if begun.Key != "journal" || over.Key != begun.Key || begun.Severity != alert.Critical || !begun.Since.Equal(start.Add(time.Minute)) || !over.Since.Equal(begun.Since) {
		t.Errorf("begun %+v, over %+v", begun, over)
	}
	if text := d.chat.heard[0].Text(); !strings.Contains(text, "no room is left on the disk of the database (desksync.db). ") || !strings.Contains(text, "Check: desksync ready.") {
		t.Errorf("it says %q", text)
	}
	d.look(diskFull, 20)
	d.look(nil, 1)
	if got := d.said(); got != "begun journal, over journal" {
		t.Errorf("within half an hour told %q again", got)
	}
}

// TestWhatAChannelDoesNotTakeOfTheJournalIsOfferedAgain: under the same id, in its order, and
// the other channel does not wait.
func TestWhatAChannelDoesNotTakeOfTheJournalIsOfferedAgain(t *testing.T) {
	t.Parallel()
	d := newDirect(t)
	d.chat.fail(fault.New("chat", fault.Unavailable, errors.New("away")))
	d.look(diskFull, 5)
	d.look(nil, 1)
	if chat, pager := d.chat.said(), d.pager.said(); chat != "" || pager != "begun journal, over journal" {
		t.Fatalf("the chat heard %q, the pager %q", chat, pager)
	}
	d.chat.fail(nil)
	d.look(nil, 30)
	if got := d.said(); got != "begun journal, over journal" {
		t.Errorf("told %q", got)
	}
}

// TestWhatAChannelRefusesOfTheJournalIsGivenUp after as many tries as any other message.
func TestWhatAChannelRefusesOfTheJournalIsGivenUp(t *testing.T) {
	t.Parallel()
	d := newDirect(t)
	d.chat.fail(fault.New("chat", fault.Denied, errors.New("no")))
	d.look(diskFull, 60)
	d.look(nil, 1)
	d.chat.fail(nil)
	d.look(nil, 60)
	if got := d.chat.said(); got != "over journal" {
		t.Errorf("the chat heard %q", got)
	}
}

// TestSilenceIsKeptForTheJournal: what holds at its end is told then.
func TestSilenceIsKeptForTheJournal(t *testing.T) {
	t.Parallel()
	d := newDirect(t)
	at := time.Duration(start.Hour())*time.Hour + time.Duration(start.Minute())*time.Minute
	d.opt.Policy.Silences = []alert.Silence{{From: at, To: at + time.Hour}}
	d.teller = d.office.teller()
	d.look(diskFull, 59)
	if got := d.said(); got != "" {
		t.Fatalf("told %q within the silence", got)
	}
	d.look(diskFull, 2)
	if got := d.said(); got != "begun journal" {
		t.Errorf("told %q at its end", got)
	}
}
