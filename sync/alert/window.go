package alert

import (
	"slices"
	"time"
)

// silent reports whether nothing is told of a condition now.
func (p *Policy) silent(c *Condition, now time.Time) bool {
	return slices.ContainsFunc(p.Silences, func(s Silence) bool {
		return (s.Below == Info || c.Severity < s.Below) && concerns(s.Kinds, s.Pipelines, c) && s.covers(now)
	})
}

// covers reports whether the clock on the wall lies in the window, on a day on which that
// begins. An hour that comes twice is in it twice.
func (s *Silence) covers(now time.Time) bool {
	local := now.In(zone(s.Location))
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
	begun := local.Weekday()
	switch overnight := s.To <= s.From; {
	case overnight && clock < s.To:
		begun = (begun + 6) % 7 // the day before
	case clock < s.From, !overnight && clock >= s.To:
		return false
	}
	return len(s.Days) == 0 || slices.Contains(s.Days, begun)
}

// keeps reports whether something mild that is due since a time waits for the digest.
func (d *Digest) keeps(c *Condition, since, now time.Time) bool {
	return d.On && c.Severity < d.Below && !d.last(now).After(since)
}

// last is the newest time of a digest that is not later than now.
func (d *Digest) last(now time.Time) time.Time {
	local := now.In(zone(d.Location))
	if at := wall(local, d.At); !at.After(now) {
		return at
	}
	return wall(local.AddDate(0, 0, -1), d.At)
}

// wall is a time of the day, since midnight, on the day of t.
func wall(t time.Time, clock time.Duration) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, int(clock/time.Minute), 0, 0, t.Location())
}

func zone(l *time.Location) *time.Location {
	if l == nil {
		return time.UTC
	}
	return l
}
