package crm

import (
	"fmt"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/day"
)

// Canonical returns the one spelling that a Record uses for a value of type t:
// 30000000 for 3.00E+07, 2026-11-20 for 2026-11-20T22:30:00.000+0000, true for
// TRUE. A time with a zone becomes the calendar day it is in loc; nil means UTC.
func Canonical(t Type, s string, loc *time.Location) (string, error) {
	if t == Text {
		return s, nil
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	switch t {
	case Number, Money:
		return canonicalNumber(s)
	case Bool:
		return canonicalBool(s)
	case Date:
		return canonicalDate(s, loc)
	default:
		return canonicalMulti(s), nil
	}
}

func canonicalBool(s string) (string, error) {
	switch strings.ToLower(s) {
	case "true", "1", "yes":
		return "true", nil
	case "false", "0", "no":
		return "false", nil
	default:
		return "", fmt.Errorf("%q is not a checkbox value; true or false was expected", s)
	}
}

// canonicalMulti keeps the order of the choices, which is the CRM's.
func canonicalMulti(s string) string {
	var out []string
	for choice := range strings.SplitSeq(s, ";") {
		if choice = strings.TrimSpace(choice); choice != "" {
			out = append(out, choice)
		}
	}
	return strings.Join(out, ";")
}

// clocks are the spellings of the time behind a date: Bulk API "Z", REST API
// "+0000", spreadsheets without a zone.
var clocks = []struct {
	layout string
	zoned  bool
}{
	{"15:04:05Z07:00", true},
	{"15:04:05Z0700", true},
	{"15:04Z07:00", true},
	{"15:04Z0700", true},
	{"15:04:05", false},
	{"15:04", false},
}

func canonicalDate(s string, loc *time.Location) (string, error) {
	if len(s) < len(time.DateOnly) {
		return "", notDate(s)
	}
	date, clock := s[:10], s[10:]
	if _, err := day.Parse(date); err != nil {
		return "", notDate(s)
	}
	if clock == "" {
		return date, nil
	}
	if clock[0] != 'T' && clock[0] != ' ' {
		return "", notDate(s)
	}
	if name, ok := strings.CutSuffix(clock, " UTC"); ok {
		clock = name + "Z"
	}
	for _, c := range clocks {
		if at, err := time.Parse(time.DateOnly+" "+c.layout, date+" "+clock[1:]); err == nil {
			return dateIn(at, c.zoned, loc), nil
		}
	}
	return "", notDate(s)
}

// dateIn returns the calendar day of an instant. Without a zone it is the day as
// written, and so it is at midnight UTC sharp: the way exports write a plain date.
func dateIn(at time.Time, zoned bool, loc *time.Location) string {
	_, offset := at.Zone()
	plain := offset == 0 && at.Truncate(24*time.Hour).Equal(at)
	if !zoned || plain {
		return at.Format(time.DateOnly)
	}
	if loc == nil {
		loc = time.UTC
	}
	return at.In(loc).Format(time.DateOnly)
}

func notDate(s string) error { return fmt.Errorf("%q is not a date; write YYYY-MM-DD", s) }
