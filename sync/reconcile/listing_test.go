package reconcile_test

import (
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
)

// TestAKindWithAFeedIsListedNowAndThen: what a feed did not show is found by a listing,
// which is made when the last one is old enough; between listings the feed is all that is
// asked.
func TestAKindWithAFeedIsListedNowAndThen(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const week = 7 * 24 * time.Hour
		w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{Capabilities: func(c *helpdesk.Capabilities) {
			c.ListEvery = map[helpdesk.Kind]time.Duration{helpdesk.Organization: week}
		}})
		w.run()
		if n := w.listings(); n != 1 {
			w.Errorf("the first run lists organizations %d times", n)
		}
		for range 6 {
			w.clock.Move(oneDay)
			w.desk.ClearLog()
			w.run()
			if n := w.listings(); n != 0 {
				w.Errorf("within a week they are listed %d times again", n)
			}
		}
		w.clock.Move(oneDay)
		w.desk.ClearLog()
		w.run()
		if n := w.listings(); n != 1 {
			w.Errorf("after a week they are listed %d times, want once", n)
		}
	})
}

// listings counts how often all organizations were asked for.
func (w *world) listings() (n int) {
	for _, r := range w.desk.Log() {
		if r.Op == "objects" && r.Ref.Kind == helpdesk.Organization && r.Since == "" {
			n++
		}
	}
	return n
}
