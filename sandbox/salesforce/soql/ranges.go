package soql

import (
	"strconv"
	"strings"
	"time"
)

// rangeOf is the time a date literal covers, seen from the beginning of today.
type rangeOf func(today time.Time) (from, to time.Time)

// ranges finds a date literal of the SOQL guide (Date Formats and Date Literals); nil
// where there is none of that name. Fiscal periods are not known here.
func ranges(name string) rangeOf {
	name, count, numbered := strings.Cut(name, ":")
	if !numbered {
		return fixed(name)
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > 100_000 {
		return nil
	}
	return counted(name, n)
}

func fixed(name string) rangeOf {
	switch name {
	case "YESTERDAY":
		return days(-1, 0)
	case "TODAY":
		return days(0, 1)
	case "TOMORROW":
		return days(1, 2)
	case "LAST_90_DAYS":
		return days(-90, 1)
	case "NEXT_90_DAYS":
		return days(1, 91)
	}
	which, unit, _ := strings.Cut(name, "_")
	at, ok := map[string]int{"LAST": -1, "THIS": 0, "NEXT": 1}[which]
	if p := periods[unit+"S"]; ok && p != nil && unit != "DAY" {
		return p(at, at+1)
	}
	return nil
}

var periods = map[string]func(from, to int) rangeOf{"DAYS": days, "WEEKS": weeks, "MONTHS": months, "QUARTERS": quarters, "YEARS": years}

// counted reads LAST_N_…:n, NEXT_N_…:n and N_…_AGO:n. The last n days include today,
// as the guide says; the last n of other periods end before the current one.
func counted(name string, n int) rangeOf {
	if unit, ok := strings.CutPrefix(name, "LAST_N_"); ok {
		if unit == "DAYS" {
			return days(-n, 1)
		}
		return span(unit, -n, 0)
	}
	if unit, ok := strings.CutPrefix(name, "NEXT_N_"); ok {
		return span(unit, 1, n+1)
	}
	if unit, ok := strings.CutSuffix(name, "_AGO"); ok {
		unit, ok = strings.CutPrefix(unit, "N_")
		if ok {
			return span(unit, -n, -n+1)
		}
	}
	return nil
}

func span(unit string, from, to int) rangeOf {
	if p := periods[unit]; p != nil {
		return p(from, to)
	}
	return nil
}

func days(from, to int) rangeOf {
	return func(t time.Time) (time.Time, time.Time) { return t.AddDate(0, 0, from), t.AddDate(0, 0, to) }
}

// weeks begin on Sunday, as in the locale of the United States.
func weeks(from, to int) rangeOf {
	return func(t time.Time) (time.Time, time.Time) {
		t = t.AddDate(0, 0, -int(t.Weekday()))
		return t.AddDate(0, 0, 7*from), t.AddDate(0, 0, 7*to)
	}
}

func months(from, to int) rangeOf { return blocks(1, from, to) }

func quarters(from, to int) rangeOf { return blocks(3, from, to) }

func years(from, to int) rangeOf { return blocks(12, from, to) }

// blocks are periods of so many months, counted from January.
func blocks(size, from, to int) rangeOf {
	return func(t time.Time) (time.Time, time.Time) {
		first := time.Date(t.Year(), 1+time.Month((int(t.Month())-1)/size*size), 1, 0, 0, 0, 0, time.UTC)
		return first.AddDate(0, size*from, 0), first.AddDate(0, size*to, 0)
	}
}
