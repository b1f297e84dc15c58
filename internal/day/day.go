// Package day holds calendar days. Plans start and end on days, not at instants:
// a day has no clock and no zone, and comparing two of them never surprises.
package day

import (
	"fmt"
	"time"
)

// Day counts calendar days; 0001-01-01 is 1 and the zero Day is "no day". Later
// days are greater.
type Day int32

const (
	layout    = "2006-01-02"
	unixEpoch = 719163 // the Day of 1970-01-01
	seconds   = 86400
)

// Of returns the calendar day of t in t's own location.
func Of(t time.Time) Day {
	y, m, d := t.Date()
	return Date(y, m, d)
}

// Date returns the day of a calendar date; out-of-range months and days are
// normalized as time.Date does.
func Date(y int, m time.Month, d int) Day {
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/seconds + unixEpoch)
}

// Parse reads YYYY-MM-DD. An empty string is no day.
func Parse(s string) (Day, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(layout, s)
	if err != nil || Of(t) < 1 { // the calendar starts in the year 1
		return 0, fmt.Errorf("%q is not a day; write YYYY-MM-DD", s)
	}
	return Of(t), nil
}

// MustParse is Parse for constants in tests and tables.
func MustParse(s string) Day {
	d, err := Parse(s)
	if err != nil {
		panic(err) //nolint:forbidigo // a constant that does not parse is a bug in the program
	}
	return d
}

// Time returns midnight UTC of the day.
func (d Day) Time() time.Time { return time.Unix((int64(d)-unixEpoch)*seconds, 0).UTC() }

// String renders YYYY-MM-DD, and nothing for no day.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(layout)
}

// YearsBefore moves back by calendar years, as a person counts: from the 29th of
// February to the 28th where there is no other.
func (d Day) YearsBefore(n int) Day {
	y, m, dd := d.Time().Date()
	if back := Date(y-n, m, dd); back.Time().Month() == m {
		return back
	}
	return Date(y-n, m+1, 0)
}

// MarshalText renders as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads as Parse does.
func (d *Day) UnmarshalText(b []byte) error {
	v, err := Parse(string(b))
	*d = v
	return err
}
