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

// Next is the first nominal time after t.
func (e Entry) Next(t time.Time) time.Time { return e.cron.Next(t.In(e.zone)) }

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
