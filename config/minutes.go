package config

import (
	"fmt"
	"strconv"
	"time"
)

// Minutes is a time from a minute to a week; the file writes 10m or 2h.
type Minutes int

const maxMinutes = 7 * 24 * 60

// UnmarshalText reads 10m or 2h.
func (m *Minutes) UnmarshalText(b []byte) error {
	factor := 0
	if len(b) > 1 {
		factor = map[byte]int{'m': 1, 'h': 60}[b[len(b)-1]]
	}
	n, err := strconv.ParseUint(string(b[:max(0, len(b)-1)]), 10, 16)
	if factor == 0 || err != nil {
		return fmt.Errorf("%q is not a number of minutes or hours; write one such as 10m or 2h", b)
	}
	if n < 1 || int(n)*factor > maxMinutes {
		return fmt.Errorf("%s is out of range; write 1m to 168h", b)
	}
	*m = Minutes(int(n) * factor)
	return nil
}

// String renders 10m or 2h.
func (m Minutes) String() string {
	if m > 0 && m%60 == 0 {
		return strconv.Itoa(int(m)/60) + "h"
	}
	return strconv.Itoa(int(m)) + "m"
}

// Duration is the time itself.
func (m Minutes) Duration() time.Duration { return time.Duration(m) * time.Minute }
