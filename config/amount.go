package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Span is a length of time in calendar years and days, such as 3y1d.
type Span struct{ Years, Days int }

// maxDays keeps spans within what a calendar can hold.
const maxDays = 100_000

// UnmarshalText reads 15d, 2w, 3y or 3y1d.
func (s *Span) UnmarshalText(b []byte) error {
	rest, out := string(b), Span{}
	units := "ywd" // in this order, each once
	for rest != "" {
		i := strings.IndexAny(rest, "ywd")
		at := -1
		if i > 0 {
			at = strings.IndexByte(units, rest[i])
		}
		if at < 0 || strings.Trim(rest[:i], "0123456789") != "" || i > 6 {
			return notSpan(b)
		}
		n, err := strconv.Atoi(rest[:i])
		if err != nil || !out.add(rest[i], n) {
			return notSpan(b)
		}
		rest, units = rest[i+1:], units[at+1:]
	}
	if len(b) == 0 {
		return notSpan(b)
	}
	*s = out
	return nil
}

func (s *Span) add(unit byte, n int) bool {
	switch unit {
	case 'y':
		s.Years = n
	case 'w':
		s.Days += 7 * n
	default:
		s.Days += n
	}
	return s.Days <= maxDays && s.Years <= maxDays/366
}

func notSpan(b []byte) error {
	return fmt.Errorf("%q is not a length of time; write days, weeks or years, such as 15d, 2w or 3y1d", b)
}

// String renders 3y1d; nothing is 0d.
func (s Span) String() string {
	out := ""
	if s.Years > 0 {
		out = strconv.Itoa(s.Years) + "y"
	}
	if s.Days > 0 || out == "" {
		out += strconv.Itoa(s.Days) + "d"
	}
	return out
}

// IsZero reports whether no time passes.
func (s Span) IsZero() bool { return s == Span{} }

// AtLeast is the span as a duration, years taken as leap years.
func (s Span) AtLeast() time.Duration {
	return time.Duration(min(s.Years*366+s.Days, maxDays)) * 24 * time.Hour
}

// Wait is a number of days to wait, or never.
type Wait struct {
	Never bool
	Days  int
}

// UnmarshalText reads never, 30d or 6w.
func (w *Wait) UnmarshalText(b []byte) error {
	if string(b) == "never" {
		*w = Wait{Never: true}
		return nil
	}
	var s Span
	if err := s.UnmarshalText(b); err != nil || s.Years > 0 {
		return fmt.Errorf("%q is not a time to wait; write never, or days such as 30d", b)
	}
	*w = Wait{Days: s.Days}
	return nil
}

// String renders never or 30d.
func (w Wait) String() string {
	if w.Never {
		return "never"
	}
	return Span{Days: w.Days}.String()
}

// Share is a part of a whole, from 0 to 1; the file writes 0.5%.
type Share float64

// UnmarshalText reads a percentage from 0% to 100%.
func (s *Share) UnmarshalText(b []byte) error {
	text, ok := strings.CutSuffix(strings.TrimSpace(string(b)), "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if !ok || err != nil || math.IsNaN(f) || !plainNumber(strings.TrimSpace(text)) {
		return fmt.Errorf("%q is not a share; write a percentage such as 5%%", b)
	}
	if f < 0 || f > 100 {
		return fmt.Errorf("%s is out of range; write 0%% to 100%%", b)
	}
	*s = Share(f / 100)
	return nil
}

// String renders 0.5%.
func (s Share) String() string {
	return strconv.FormatFloat(math.Round(float64(s)*1e8)/1e6, 'f', -1, 64) + "%"
}

// Amount is money in the base currency.
type Amount float64

var errAmount = errors.New("write a number such as 500000, 500_000, 500k or 1.5M")

// UnmarshalText reads 500000, 500_000, 500k or 1.5M.
func (a *Amount) UnmarshalText(b []byte) error {
	text, factor := strings.ReplaceAll(string(b), "_", ""), 1.0
	if t, ok := strings.CutSuffix(text, "k"); ok {
		text, factor = t, 1e3
	} else if t, ok := strings.CutSuffix(text, "M"); ok {
		text, factor = t, 1e6
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !plainNumber(text) {
		return fmt.Errorf("%q is not an amount; %w", b, errAmount)
	}
	if f < 0 || f*factor > 1e15 {
		return fmt.Errorf("%s is out of range; %w", b, errAmount)
	}
	*a = Amount(f * factor)
	return nil
}

// String renders the amount without exponent.
func (a Amount) String() string { return strconv.FormatFloat(float64(a), 'f', -1, 64) }

// Rate is what one unit of a currency is worth in the base currency.
type Rate float64

// UnmarshalText reads a number above 0.
func (r *Rate) UnmarshalText(b []byte) error {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !plainNumber(string(b)) || f <= 0 || math.IsInf(f, 0) {
		return fmt.Errorf("%q is not a rate; write a number above 0, such as 1.08", b)
	}
	*r = Rate(f)
	return nil
}

// plainNumber refuses what ParseFloat takes beyond digits: 0x1p3, Inf, 1e9.
func plainNumber(s string) bool {
	return strings.Trim(strings.TrimPrefix(s, "-"), "0123456789.") == "" && s != ""
}

// Currency is a currency's code of three capital letters.
type Currency string

// UnmarshalText reads USD and the like.
func (c *Currency) UnmarshalText(b []byte) error {
	if len(b) != 3 || strings.Trim(string(b), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return fmt.Errorf("%q is not a currency; write its code of three capital letters, such as USD", b)
	}
	*c = Currency(b)
	return nil
}
