package zendesk

import (
	"math"
	"slices"
	"sync"
	"time"
)

// slots are the background jobs that may be under way at once, of all calls of Apply
// together. A place is free again when its job was seen at its end, or when by what was
// seen of such jobs it should be: so the places stay taken although the jobs are asked
// about rarely. It is safe for concurrent use.
type slots struct {
	mu    sync.Mutex
	most  int
	taken []*place
	took  map[string]time.Duration // how long jobs of a sort take
	seen  map[string]int           // from how many that is known
	slack float64                  // how much longer they may take
}

// How slack begins, and what becomes of it once there were more jobs than thought.
const (
	littleSlack = 1.02
	moreSlack   = 1.1
	mostSlack   = 3
	enoughSeen  = 200 // jobs over which their time is averaged: each is known to half a second
)

// place is one job under way.
type place struct {
	sort string
	at   time.Time // when it began
}

func newSlots(most int) *slots {
	return &slots{most: most, took: map[string]time.Duration{}, seen: map[string]int{}, slack: littleSlack}
}

// take returns a place for a job that begins now, if there is one.
func (s *slots) take(sort string, now time.Time) (*place, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = slices.DeleteFunc(s.taken, func(p *place) bool {
		end := s.end(p)
		return !end.IsZero() && !end.After(now)
	})
	if len(s.taken) >= s.most {
		return nil, false
	}
	p := &place{sort: sort, at: now}
	s.taken = append(s.taken, p)
	return p, true
}

// end is when a job should be at its end; zero: nobody knows.
func (s *slots) end(p *place) time.Time {
	if took := s.took[p.sort]; took > 0 {
		return p.at.Add(time.Duration(float64(took)*s.slack) + unsure(s.seen[p.sort]))
	}
	return time.Time{}
}

// unsure is how far off the average of so many times may be. Each is known to half a
// second, so that the average of n is off by 0.3 s over the root of n, and hardly ever by
// more than three times that.
func unsure(n int) time.Duration {
	return time.Duration(float64(time.Second) / math.Sqrt(float64(n+1)))
}

// wait is how long until a place should be free; 0: nobody knows.
func (s *slots) wait(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	soonest := time.Duration(0)
	for _, p := range s.taken {
		end := s.end(p)
		if end.IsZero() {
			continue
		}
		if d := max(end.Sub(now), time.Millisecond); soonest == 0 || d < soonest {
			soonest = d
		}
	}
	return soonest
}

// leave gives a place back whose job did not begin or was seen at its end.
func (s *slots) leave(p *place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(p)
}

func (s *slots) drop(p *place) {
	for i, x := range s.taken {
		if x == p {
			s.taken = append(s.taken[:i], s.taken[i+1:]...)
			return
		}
	}
}

// ended learns from a job that was seen at its end. It took so long; where that is not
// exact it took no longer, and less is believed sooner than more.
func (s *slots) ended(p *place, took time.Duration, exact bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(p)
	took = max(took, 100*time.Millisecond)
	if exact {
		s.seen[p.sort] = min(s.seen[p.sort]+1, enoughSeen)
	}
	switch was := s.took[p.sort]; {
	case was == 0 || !exact && took < was:
		s.took[p.sort] = took
	case exact:
		s.took[p.sort] = was + (took-was)/time.Duration(s.seen[p.sort])
	}
}

// works learns from a job that was seen at work: it takes longer than until now.
func (s *slots) works(p *place, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := s.end(p)
	if end.IsZero() || end.After(now) {
		return
	}
	s.took[p.sort] += now.Sub(end)/10 + s.took[p.sort]/100
	s.drop(p)
	s.taken = append(s.taken, p) // it is still there, whatever was thought
}

// refused learns that there were more jobs under way than thought.
func (s *slots) refused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slack = min(s.slack*moreSlack, mostSlack)
}

// due is when a job should be at its end; zero: nobody knows.
func (s *slots) due(p *place) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end(p)
}
