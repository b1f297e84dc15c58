package schedule

import (
	"fmt"
	"hash/fnv"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/desksync/desksync/internal/fault"
)

// Entry is one line of a pipeline's schedule.
type Entry struct {
	Pipeline string
	Kind     Kind
	Spec     string // as written, and its zone
	Target   string // pipelines of one target form a line: one at a time makes a pass; empty: a line of its own
	cron     cron.Schedule
	zone     *time.Location
	jitter   time.Duration
}

// NewEntry reads a cron entry of five fields whose times are those of zone. Jitter is
// how long after a nominal time a run begins at the latest.
func NewEntry(pipeline string, kind Kind, spec string, zone *time.Location, jitter time.Duration) (Entry, error) {
	s, err := cron.ParseStandard(spec)
	if err != nil {
		return Entry{}, fault.New("schedule.entry", fault.Invalid, fmt.Errorf("%s: %q is no cron entry: %w", pipeline, spec, err))
	}
	if c, ok := s.(cron.ConstantDelaySchedule); ok {
		s = even(c.Delay)
	}
	return Entry{Pipeline: pipeline, Kind: kind, Spec: spec + " " + zone.String(), cron: s, zone: zone, jitter: jitter}, nil
}

// even is "@every" at times that all replicas know: multiples of it since 1970.
type even time.Duration

func (e even) Next(t time.Time) time.Time {
	return t.Truncate(time.Duration(e)).Add(time.Duration(e))
}

// Next is the first nominal time after t. Where clocks are put forward, a time that they
// skip is kept by the clock before: 02:30 comes at 03:30. Where they are put back, a time
// that comes twice counts once, unless the clock before has one at that moment too: each
// of the two hours has its runs of every hour.
func (e Entry) Next(t time.Time) time.Time {
	t = t.In(e.zone)
	next := e.cron.Next(t)
	for e.cameBefore(next) {
		next = e.cron.Next(next)
	}
	for at := t; !next.IsZero(); {
		start, end := at.ZoneBounds()
		if s := e.skipped(start, t); !s.IsZero() && s.Before(next) {
			return s
		}
		if end.IsZero() || !end.Before(next) {
			break
		}
		at = end
	}
	return next
}

// cameBefore reports that a nominal time stands on clocks that were just put back, and was
// there already.
func (e Entry) cameBefore(n time.Time) bool {
	start, _ := n.ZoneBounds()
	forward, before := putForward(start)
	return forward < 0 && n.Sub(start) < -forward && !e.cron.Next(n.Add(-time.Second).In(before)).Equal(n)
}

// skipped is the first time after t which the clocks skip that were put forward at start;
// zero if there is none.
func (e Entry) skipped(start, t time.Time) time.Time {
	forward, before := putForward(start)
	if forward <= 0 {
		return time.Time{}
	}
	if last := start.Add(-time.Second); t.Before(last) {
		t = last
	}
	if s := e.cron.Next(t.In(before)); s.Before(start.Add(forward)) {
		return s.In(e.zone)
	}
	return time.Time{}
}

// putForward is by how much clocks are put forward at an instant, and what they showed before.
func putForward(at time.Time) (time.Duration, *time.Location) {
	if at.IsZero() {
		return 0, nil
	}
	name, was := at.Add(-time.Second).Zone()
	_, is := at.Zone()
	return time.Duration(is-was) * time.Second, time.FixedZone(name, was)
}

// reaches are how far back Newest looks, one after the other, so that a daemon that was
// off for a year does not count each minute of it.
var reaches = []time.Duration{time.Hour, 24 * time.Hour, 31 * 24 * time.Hour, 5 * 366 * 24 * time.Hour}

// Newest is the last nominal time after one instant and not after another; zero if
// there is none. However many lie between, that one stands for all.
func (e Entry) Newest(after, now time.Time) time.Time {
	for _, reach := range reaches {
		from := now.Add(-reach)
		if from.Before(after) {
			from = after
		}
		if found := e.last(from, now); !found.IsZero() || from.Equal(after) {
			return found
		}
	}
	return time.Time{}
}

func (e Entry) last(from, now time.Time) (found time.Time) {
	for t := e.Next(from); !t.IsZero() && !t.After(now); t = e.Next(t) {
		found = t
	}
	return found
}

// tick is the tick of a nominal time. The jitter depends on nothing but the tick, so
// that all replicas agree about it.
func (e Entry) tick(nominal time.Time) Tick {
	t := Tick{Pipeline: e.Pipeline, Kind: e.Kind, Nominal: nominal, Due: nominal, Spec: e.Spec}
	if e.jitter > 0 {
		h := fnv.New64a()
		fmt.Fprint(h, e.Pipeline, e.Kind, nominal.Unix())
		t.Due = nominal.Add(time.Duration(h.Sum64() % uint64(e.jitter)))
	}
	return t
}
