package zendesk

import (
	"testing"
	"time"
)

// TestAPlaceIsTakenAsLongAsItsJobTakes: messages tell the end of a job to the second, and
// after a hundred of them a place is held as long as its job takes and hardly longer.
func TestAPlaceIsTakenAsLongAsItsJobTakes(t *testing.T) {
	t.Parallel()
	const takes = 3 * time.Second
	target := start(t, nil).target(nil)
	s := newSlots(1)
	for n := range 100 {
		at := noon.Add(time.Duration(n) * 3230 * time.Millisecond)
		p, _ := s.take("create users", at)
		message := "Completed at " + at.Add(takes).UTC().Format("2006-01-02 15:04:05 -0700")
		took, exact := target.took(p, &jobStatus{Message: message}, at.Add(takes+time.Second))
		if !exact {
			t.Fatalf("%q does not tell how long it took", message)
		}
		s.ended(p, took, exact)
	}
	p, _ := s.take("create users", noon.Add(time.Hour))
	if held := s.due(p).Sub(p.at); held < takes || held > takes+takes/20+time.Second/10 {
		t.Errorf("a place is held for %s, want %s and hardly more", held, takes)
	}
}

// TestLittleSeenIsLittleBelieved: one message may be off by half a second either way.
func TestLittleSeenIsLittleBelieved(t *testing.T) {
	t.Parallel()
	for n, least := range map[int]time.Duration{1: 500 * time.Millisecond, 4: 300 * time.Millisecond} {
		s := newSlots(2)
		for range n {
			p, _ := s.take("create users", noon)
			s.ended(p, 3*time.Second, true)
		}
		p, _ := s.take("create users", noon)
		if more := s.due(p).Sub(p.at) - 3*time.Second; more < least {
			t.Errorf("after %d jobs of three seconds a place is held %s longer, want %s at least", n, more, least)
		}
	}
}
