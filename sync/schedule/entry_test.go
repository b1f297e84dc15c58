package schedule

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func entry(t interface {
	Helper()
	Fatal(...any)
}, spec, zone string, jitter time.Duration,
) Entry {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEntry("customers", Delta, spec, loc, jitter)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestNewestTickStandsForAllThatWereMissed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ spec, zone, after, now, want string }{
		"nothing yet":                     {"*/10 * * * *", "UTC", "2026-11-21T10:00:00Z", "2026-11-21T10:09:59Z", ""},
		"on the second":                   {"*/10 * * * *", "UTC", "2026-11-21T10:00:00Z", "2026-11-21T10:10:00Z", "2026-11-21T10:10:00Z"},
		"an hour missed":                  {"*/10 * * * *", "UTC", "2026-11-21T10:00:00Z", "2026-11-21T11:07:00Z", "2026-11-21T11:00:00Z"},
		"a night missed":                  {"15 3 * * *", "UTC", "2026-11-20T03:15:00Z", "2026-11-21T09:00:00Z", "2026-11-21T03:15:00Z"},
		"two years missed":                {"45 4 1 1 *", "UTC", "2024-06-01T00:00:00Z", "2026-11-21T00:00:00Z", "2026-01-01T04:45:00Z"},
		"every minute for two years":      {"* * * * *", "UTC", "2024-06-01T00:00:00Z", "2026-11-21T00:00:30Z", "2026-11-21T00:00:00Z"},
		"in another zone":                 {"15 3 * * *", "Europe/Berlin", "2026-11-20T03:15:00Z", "2026-11-21T09:00:00Z", "2026-11-21T02:15:00Z"},
		"an hour that is there twice":     {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", "2026-10-25T01:30:00Z"},
		"clock before the last":           {"*/10 * * * *", "UTC", "2026-11-21T10:00:00Z", "2026-11-21T09:00:00Z", ""},
		"a day that never comes":          {"0 0 30 2 *", "UTC", "2026-11-21T10:00:00Z", "2026-11-22T10:00:00Z", ""},
		"further back than it ever looks": {"0 0 29 2 *", "UTC", "2015-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2024-02-29T00:00:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := entry(t, tt.spec, tt.zone, 0).Newest(at(t, tt.after), at(t, tt.now))
			if tt.want == "" && !got.IsZero() || tt.want != "" && !got.Equal(at(t, tt.want)) {
				t.Errorf("got %s, want %q", got, tt.want)
			}
		})
	}
}

// TestReplicasAgreeAboutTheirTicks: whenever they look, and however often, replicas name
// nominal times of the entry alone, and the same due time for each.
func TestReplicasAgreeAboutTheirTicks(t *testing.T) {
	t.Parallel()
	specs := []string{"*/10 * * * *", "15 3 * * *", "45 4 * * 6", "0 */2 1 * *", "30 2 * * *", "@every 7m", "@daily"}
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"}
	rapid.Check(t, func(t *rapid.T) {
		e := entry(t, rapid.SampledFrom(specs).Draw(t, "spec"), rapid.SampledFrom(zones).Draw(t, "zone"), time.Minute)
		now := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "now"), 0)
		after := now.Add(-time.Duration(rapid.Int64Range(0, 40*24*3600).Draw(t, "behind")) * time.Second)
		n := e.Newest(after, now)
		if n.IsZero() {
			if next := e.Next(after); !next.After(now) {
				t.Fatalf("nothing between %s and %s, and there is %s", after, now, next)
			}
			return
		}
		if !n.After(after) || n.After(now) || !e.Next(n.Add(-time.Second)).Equal(n) || !e.Next(n).After(now) {
			t.Fatalf("%s is not the last of %q between %s and %s", n, e.Spec, after, now)
		}
		a, b := e.tick(n), e.tick(n)
		if !a.Due.Equal(b.Due) || a.Due.Before(n) || !a.Due.Before(n.Add(time.Minute)) {
			t.Fatalf("due %s and %s of %s", a.Due, b.Due, n)
		}
	})
}
