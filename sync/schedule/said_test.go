package schedule

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
)

// lines are what a daemon logs, while it logs it.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) list() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(l.text.String()), "\n")
}

// TestADatabaseThatCannotBeWrittenIsSaidOnce: while nothing is due a look only reads, and what
// River says of each of its own writes is not passed on.
func TestADatabaseThatCannotBeWrittenIsSaidOnce(t *testing.T) {
	t.Parallel()
	c, r, log := ten(), &runner{}, &lines{}
	opt := quick("a", c)
	opt.Log = zerolog.New(log).Level(zerolog.InfoLevel)
	d, _ := start(t, ready.SQLite(t), r, opt, every(t, "customers", Delta, "*/10 * * * *"))
	until(t, "the entry is known", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.last) == 1 })
	d.store.db.MustExec(`PRAGMA query_only = 1`)
	until(t, "it is noticed", func() bool { return d.Trouble() != nil })
	looked := d.Looked()
	for range 20 {
		c.Move(1)
		until(t, "another look", func() bool { return d.Looked().After(looked) })
		looked = d.Looked()
		if d.Trouble() == nil {
			t.Fatalf("the trouble is forgotten while it lasts:\n%s", strings.Join(log.list(), "\n"))
		}
	}
	d.store.db.MustExec(`PRAGMA query_only = 0`)
	until(t, "it is over", func() bool { return d.Trouble() == nil })
	got := log.list()
	if len(got) != 2 || !strings.Contains(got[0], "the database cannot be written") || !strings.Contains(got[1], "the queue is looked after again") {
		t.Errorf("logged\n%s\nwant one line when it began and one when it was over", strings.Join(got, "\n"))
	}
}
