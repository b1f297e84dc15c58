package salesforce

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/desksync/desksync/crm"
)

// canonical is crm.Canonical, and the same text whether it came as JSON or as CSV: no
// zero bytes, line ends as \n.
func canonical(t crm.Type, text string, opt *Options) (string, error) {
	if plain, ok := quick(t, text, opt.Location == time.UTC); ok {
		return plain, nil
	}
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("%q is not UTF-8", clip(strings.ToValidUTF8(text, "?")))
	}
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	if strings.IndexByte(text, '\r') >= 0 {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	return crm.Canonical(t, text, opt.Location)
}

// quick is canonical for the spellings that Salesforce uses nearly always; it allocates
// nothing, and reports false for what it does not know.
func quick(t crm.Type, s string, utc bool) (string, bool) {
	if s == "" {
		return s, true
	}
	switch t {
	case crm.Text:
		return s, isPrintable(s)
	case crm.Bool:
		return s, s == "true" || s == "false"
	case crm.Number, crm.Money:
		whole := strings.TrimSuffix(s, ".0")
		return whole, isWhole(whole)
	case crm.Date:
		if len(s) == len(time.DateOnly) {
			return s, isDay(s)
		}
		return s[:min(len(s), len(time.DateOnly))], utc && isStamp(s)
	default:
		apart := s[0] != ';' && s[len(s)-1] != ';' && !strings.Contains(s, ";;")
		return s, apart && isPrintable(s) && !strings.ContainsAny(s, " \n")
	}
}

func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x7f || s[i] < ' ' && s[i] != '\n' {
			return false
		}
	}
	return true
}

func isWhole(s string) bool {
	return isDigits(s) && (len(s) == 1 || s[0] != '0')
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isDay accepts YYYY-MM-DD of the years 1000 to 2999, but for the last day of a leap
// year's February.
func isDay(s string) bool {
	if s[4] != '-' || s[7] != '-' || s[0] != '1' && s[0] != '2' || !isDigits(s[:4]) || !isDigits(s[5:7]) || !isDigits(s[8:]) {
		return false
	}
	month := int(s[5]-'0')*10 + int(s[6]-'0')
	return month >= 1 && month <= 12 && s[8:] >= "01" && s[8:] <= lastDay[month-1]
}

var lastDay = [...]string{"31", "28", "31", "30", "31", "30", "31", "31", "30", "31", "30", "31"}

// isStamp accepts 2026-01-31T08:15:00.000Z, and +0000 instead of Z: Bulk writes the one,
// REST the other.
func isStamp(s string) bool {
	const clock = len("2026-01-31T08:15:00.000")
	if len(s) <= clock || s[clock:] != "Z" && s[clock:] != "+0000" || !isDay(s[:10]) {
		return false
	}
	t := s[10:clock]
	digits := isDigits(t[1:3]) && isDigits(t[4:6]) && isDigits(t[7:9]) && isDigits(t[10:])
	return digits && t[0] == 'T' && t[3] == ':' && t[6] == ':' && t[9] == '.' && t[1:3] < "24" && t[4:6] < "60" && t[7:9] < "60"
}
