package day_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/internal/day"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want day.Day
		fail bool
	}{
		"the first day":       {"0001-01-01", 1, false},
		"the unix epoch":      {"1970-01-01", 719163, false},
		"a leap day":          {"2024-02-29", day.Date(2024, time.February, 29), false},
		"the last day":        {"9999-12-31", day.Date(9999, time.December, 31), false},
		"no day":              {"", 0, false},
		"no leap year":        {"2023-02-29", 0, true},
		"month 13":            {"2026-13-01", 0, true},
		"a clock behind it":   {"2026-11-21T00:00:00Z", 0, true},
		"the other way round": {"21.11.2026", 0, true},
		"one digit":           {"2026-1-1", 0, true},
		"blanks around it":    {" 2026-11-21", 0, true},
		"before the first":    {"0000-12-31", 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := day.Parse(tt.text)
			if got != tt.want || (err != nil) != tt.fail {
				t.Errorf("Parse(%q) = %d, %v, want %d, failing %v", tt.text, got, err, tt.want, tt.fail)
			}
			if tt.fail && err != nil && !strings.HasSuffix(err.Error(), "write YYYY-MM-DD") {
				t.Errorf("Parse(%q) = %v, want the remedy", tt.text, err)
			}
		})
	}
}

func TestOfIsTheDayWhereTheTimeIs(t *testing.T) {
	t.Parallel()
	instant := time.Date(2026, time.November, 21, 23, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{"UTC": "2026-11-21", "east": "2026-11-22", "west": "2026-11-21"} {
		loc := time.FixedZone(zone, map[string]int{"east": 3600, "west": -3600}[zone])
		if got := day.Of(instant.In(loc)).String(); got != want {
			t.Errorf("Of(%v) = %s, want %s", instant.In(loc), got, want)
		}
	}
}

func TestYearsBefore(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from  string
		years int
		want  string
	}{
		"three years":          {"2024-12-18", 3, "2021-12-18"},
		"from a leap day":      {"2024-02-29", 1, "2023-02-28"},
		"leap to leap":         {"2028-02-29", 4, "2024-02-29"},
		"to no leap year":      {"2104-02-29", 4, "2100-02-28"},
		"nothing":              {"2026-11-21", 0, "2026-11-21"},
		"the day after a leap": {"2024-03-01", 1, "2023-03-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := day.MustParse(tt.from).YearsBefore(tt.years).String(); got != tt.want {
				t.Errorf("%d years before %s is %s, want %s", tt.years, tt.from, got, tt.want)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	type dates struct{ From, Until day.Day }
	want := dates{From: day.MustParse("2026-11-21")}
	b, err := json.Marshal(want)
	if err != nil || string(b) != `{"From":"2026-11-21","Until":""}` {
		t.Fatalf("Marshal = %s, %v", b, err)
	}
	var got dates
	if err := json.Unmarshal(b, &got); err != nil || got != want {
		t.Errorf("Unmarshal(%s) = %v, %v, want %v", b, got, err, want)
	}
	if err := json.Unmarshal([]byte(`{"From":"soon"}`), &got); err == nil {
		t.Error("Unmarshal of a word that is no day succeeded")
	}
}

func TestDaysFollowEachOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := day.Day(rapid.Int32Range(1, 3652058).Draw(t, "day"))
		back, err := day.Parse(d.String())
		if err != nil || back != d {
			t.Fatalf("Parse(%s) = %d, %v, want %d", d, back, err, d)
		}
		if next := day.Of(d.Time().AddDate(0, 0, 1)); next != d+1 {
			t.Fatalf("the day after %s is %s", d, next)
		}
		if (d + 1).String() <= d.String() {
			t.Fatalf("%s does not sort before %s", d, d+1)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "2026-11-21", "2024-02-29", "0000-01-01", "9999-12-31", "2026-11-21T00:00:00Z", "-1-1-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := day.Parse(s); err == nil && d.String() != s {
			t.Errorf("Parse(%q) = %s", s, d)
		}
	})
}
