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
		"an hour that is there twice":     {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z"},
		"an hour that is not there":       {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", "2026-03-29T01:30:00Z"},
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

// TestDaysOnWhichClocksAreChanged lists the times of such a day and the next one: nothing
// of a day is left out, and nothing of it comes twice.
func TestDaysOnWhichClocksAreChanged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spec, zone, after string
		want              []string
	}{
		"forward, within the hour that is skipped": {"30 2 * * *", "Europe/Berlin", "2026-03-28T01:30:00Z", []string{"2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"}},
		"forward, its first moment":                {"0 2 * * *", "Europe/Berlin", "2026-03-28T02:00:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"}},
		"forward, asked within the hour after":     {"30 2 * * *", "Europe/Berlin", "2026-03-29T01:10:00Z", []string{"2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"}},
		"forward, just after it":                   {"30 2 * * *", "Europe/Berlin", "2026-03-29T01:30:00Z", []string{"2026-03-30T00:30:00Z"}},
		"forward, every hour":                      {"5 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", []string{"2026-03-29T00:05:00Z", "2026-03-29T01:05:00Z", "2026-03-29T02:05:00Z"}},
		"forward, the hour after":                  {"15 3 * * *", "Europe/Berlin", "2026-03-28T02:15:00Z", []string{"2026-03-29T01:15:00Z", "2026-03-30T01:15:00Z"}},
		"forward, at midnight":                     {"@daily", "Africa/Cairo", "2026-04-22T22:00:00Z", []string{"2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"}},
		"forward, once a year on another day":      {"0 12 1 6 *", "Europe/Berlin", "2026-01-01T00:00:00Z", []string{"2026-06-01T10:00:00Z", "2027-06-01T10:00:00Z"}},
		"back, within the hour that comes twice":   {"30 2 * * *", "Europe/Berlin", "2026-10-24T00:30:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		"back, asked between the two":              {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", []string{"2026-10-26T01:30:00Z"}},
		"back, every hour":                         {"5 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", []string{"2026-10-25T00:05:00Z", "2026-10-25T01:05:00Z", "2026-10-25T02:05:00Z"}},
		"back, every ten minutes":                  {"*/10 * * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", []string{"2026-10-25T00:50:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:10:00Z"}},
		"back, by half an hour":                    {"45 1 * * *", "Australia/Lord_Howe", "2026-04-03T15:00:00Z", []string{"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"}},
		"no clock is changed":                      {"30 2 * * *", "Asia/Kolkata", "2026-03-28T21:00:00Z", []string{"2026-03-29T21:00:00Z", "2026-03-30T21:00:00Z"}},
		"a day that never comes":                   {"30 2 30 2 *", "Europe/Berlin", "2026-03-28T21:00:00Z", []string{"0001-01-01T00:00:00Z"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, after := entry(t, tt.spec, tt.zone, 0), at(t, tt.after)
			for _, want := range tt.want {
				next := e.Next(after)
				if !next.Equal(at(t, want)) {
					t.Errorf("after %s comes %s, want %s", after.UTC(), next.UTC(), want)
				}
				after = next
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
