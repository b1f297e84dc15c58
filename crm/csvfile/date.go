package csvfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/desksync/desksync/crm"
)

// canonical is crm.Canonical, and before it the order of day and month that
// report exports take from the user's locale.
func (s *Source) canonical(t crm.Type, v string) (string, error) {
	if t != crm.Date {
		return crm.Canonical(t, v, s.opt.Location)
	}
	iso, err := isoDate(strings.TrimSpace(v), s.opt.Dates)
	if err != nil {
		return "", err
	}
	return crm.Canonical(t, iso, s.opt.Location)
}

// isoDate rewrites 11/21/2026 or 21.11.2026; a time behind it is not part of the
// day and is dropped. Other text is returned as it is.
func isoDate(v, order string) (string, error) {
	date, _, _ := strings.Cut(v, " ")
	date = strings.TrimSuffix(date, ",")
	parts := strings.FieldsFunc(date, func(c rune) bool { return c == '/' || c == '.' })
	if len(parts) != 3 || len(parts[2]) != 4 {
		return v, nil
	}
	var n [3]int
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(p); err != nil {
			return v, nil //nolint:nilerr // not a date of this kind: the caller says what it should be
		}
	}
	switch order {
	case MonthFirst:
		n[0], n[1] = n[1], n[0]
	case ISODates:
		return "", errors.New(strconv.Quote(v) + " is a date in somebody's local order; export dates as YYYY-MM-DD, or set dates: mdy or dates: dmy")
	}
	return fmt.Sprintf("%04d-%02d-%02d", n[2], n[1], n[0]), nil
}
