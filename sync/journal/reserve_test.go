package journal

import (
	"testing"
	"time"
)

func TestCallsAreReservedBeforeAllOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		reserve := func(j *Journal, owner string, calls int, want ...Reservation) {
			t.Helper()
			got, err := j.Reserve(t.Context(), "support", Reservation{Owner: owner, Calls: calls, Limit: 100 * calls}, time.Minute)
			if err != nil || len(got) != len(want) {
				t.Fatalf("%s is told %v, %v; want %v", owner, got, err, want)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%s is told %v, want %v", owner, got, want)
				}
			}
		}
		other := d.open()
		reserve(d.Journal, "one", 7)
		d.clock.Move(10 * time.Second)
		reserve(d.Journal, "one", 7)
		d.clock.Move(10 * time.Second)
		reserve(other, "two", 3, Reservation{"one", 0, 20 * time.Second, 7, 700}, Reservation{"one", 1, 10 * time.Second, 7, 700})
		if got, err := other.Reserve(t.Context(), "elsewhere", Reservation{Owner: "two", Calls: 3}, time.Minute); err != nil || len(got) > 0 {
			t.Errorf("of another target: %v, %v", got, err)
		}
		d.clock.Move(40 * time.Second)
		reserve(d.Journal, "one", 7, Reservation{"two", 0, 40 * time.Second, 3, 300})
		reserve(other, "three", 1, Reservation{"one", 1, 50 * time.Second, 7, 700}, Reservation{"two", 0, 40 * time.Second, 3, 300}, Reservation{"one", 2, 0, 7, 700})
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
