package soql

import (
	"strconv"
	"strings"
	"time"
)

// Type is what a literal is.
type Type int

// The literals of SOQL. A Range is a date literal such as TODAY or LAST_N_DAYS:3.
const (
	Null Type = iota
	String
	Number
	Bool
	Date
	DateTime
	Range
)

// Value is a literal, with what belongs to its type.
type Value struct {
	Type   Type
	Text   string // as written; of a string, what it means, and to LIKE its pattern
	Number float64
	Bool   bool
	Time   time.Time // of Date (midnight UTC) and DateTime (UTC)
	At     int
	rng    rangeOf
}

// Range is the half-open time a Range covers, seen from now; days are those of UTC.
func (v Value) Range(now time.Time) (from, to time.Time) {
	now = now.UTC()
	return v.rng(time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC))
}

// value reads a literal from a token.
func value(text string, t token) (Value, error) {
	v := Value{Text: t.text, At: t.at}
	switch t.kind {
	case str:
		v.Type = String
		return v, nil
	case number:
		if v.numeric() {
			return v, nil
		}
	case word:
		if v.word() {
			return v, nil
		}
	}
	return v, unexpected(text, t)
}

func (v *Value) numeric() bool {
	if t, err := time.Parse(time.DateOnly, v.Text); err == nil {
		v.Type, v.Time = Date, t
		return true
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, v.Text); err == nil {
			v.Type, v.Time = DateTime, t.UTC()
			return true
		}
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	v.Type, v.Number = Number, f
	return err == nil && !strings.ContainsAny(v.Text, "xXpP_")
}

func (v *Value) word() bool {
	switch strings.ToLower(v.Text) {
	case "null":
		return true
	case "true", "false":
		v.Type, v.Bool = Bool, strings.EqualFold(v.Text, "true")
		return true
	}
	v.Type = Range
	v.rng = ranges(strings.ToUpper(v.Text))
	return v.rng != nil
}
