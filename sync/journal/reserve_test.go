package journal

import (
	"reflect"
	"testing"
	"time"
)

// parts go with so many calls.
func parts(calls int) map[string]int {
	if calls < 5 {
		return nil
	}
	return map[string]int{"exports": calls}
}

// TestCallsAreReservedBeforeAllOthers: who asks and wants nothing leaves nothing behind.
func TestCallsAreReservedBeforeAllOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		reserve := func(j *Journal, owner string, calls int, want ...Reservation) {
			t.Helper()
			var got []Reservation
			err := j.Reserve(t.Context(), "support", owner, time.Minute, func(others []Reservation) Reservation {
				got = others
				return Reservation{Calls: calls, Limit: 100 * calls, Parts: parts(calls)}
			})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s is told %v, %v; want %v", owner, got, err, want)
			}
		}
		other := d.open()
		reserve(d.Journal, "one", 7)
		d.clock.Move(10 * time.Second)
		reserve(d.Journal, "one", 7)
		d.clock.Move(10 * time.Second)
		reserve(other, "two", 3, Reservation{"one", 0, 20 * time.Second, 7, 700, parts(7)}, Reservation{"one", 1, 10 * time.Second, 7, 700, parts(7)})
		d.ok(other.Reserve(t.Context(), "elsewhere", "two", time.Minute, func(others []Reservation) Reservation {
			if len(others) > 0 {
				t.Errorf("of another target: %v", others)
			}
			return Reservation{Calls: 3}
		}))
		d.clock.Move(40 * time.Second)
		reserve(d.Journal, "one", 7, Reservation{"two", 0, 40 * time.Second, 3, 300, parts(3)})
		reserve(other, "idle", 0, Reservation{"one", 1, 50 * time.Second, 7, 700, parts(7)}, Reservation{"two", 0, 40 * time.Second, 3, 300, parts(3)}, Reservation{"one", 2, 0, 7, 700, parts(7)})
		reserve(other, "three", 1, Reservation{"one", 1, 50 * time.Second, 7, 700, parts(7)}, Reservation{"two", 0, 40 * time.Second, 3, 300, parts(3)}, Reservation{"one", 2, 0, 7, 700, parts(7)})
	})
}

// TestAClockThatJumpsKeepsLocksSound: after an hour forward the lock may be taken over,
// and who held it writes nothing more; after an hour back a dead holder's lock does not stay for
// that hour, and a live one's does once it says that it lives.
func TestAClockThatJumpsKeepsLocksSound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		second := d.spec()
		second.Holder = "two"
		first := d.begin()
		d.clock.Move(time.Hour)
		next, err := d.Begin(t.Context(), second)
		d.ok(err)
		if err := d.Beat(t.Context(), first); err == nil {
			t.Error("two runs hold the target after the clock jumped forward")
		}
		d.clock.Move(-time.Hour)
		d.ok(d.Beat(t.Context(), next))
		if by, err := d.Held(t.Context(), "support"); err != nil || by == nil || by.Run != next.ID {
			t.Errorf("after the clock jumped back the target is held by %v, %v", by, err)
		}
		if _, err := d.Begin(t.Context(), second); err == nil {
			t.Error("a lock whose holder lives was taken after the clock jumped back")
		}
		d.clock.Move(-time.Hour)
		if by, err := d.Held(t.Context(), "support"); err != nil || by != nil {
			t.Errorf("a holder that says nothing keeps its lock for an hour: %v, %v", by, err)
		}
		last, err := d.Begin(t.Context(), second)
		d.ok(err)
		d.finish(last)
	})
}
