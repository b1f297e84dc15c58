package crm

import (
	"fmt"
	"strconv"
	"strings"
)

// maxExponent bounds what a number with an exponent may expand to: hostile text
// must not fill memory.
const maxExponent = 30

// Count writes a whole number as the messages of sources do: 11,204.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// canonicalNumber moves the decimal point in the text itself, so that no digit is
// lost to binary floats: no exponent, no plus, no needless zeros.
func canonicalNumber(s string) (string, error) {
	sign, digits := "", strings.TrimPrefix(s, "+")
	if len(digits) == len(s) && strings.HasPrefix(s, "-") {
		sign, digits = "-", s[1:]
	}
	mantissa, exponent, hasExponent := cutAny(digits, "eE")
	whole, frac, _ := strings.Cut(mantissa, ".")
	shift := 0
	if hasExponent {
		n, err := strconv.Atoi(exponent)
		if err != nil || n > maxExponent || n < -maxExponent {
			return "", notNumber(s)
		}
		shift = n
	}
	if whole+frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return "", notNumber(s)
	}
	whole, frac = movePoint(whole, frac, shift)
	whole, frac = strings.TrimLeft(whole, "0"), strings.TrimRight(frac, "0")
	switch {
	case whole == "" && frac == "":
		return "0", nil
	case frac == "":
		return sign + whole, nil
	case whole == "":
		whole = "0"
	}
	return sign + whole + "." + frac, nil
}

func movePoint(whole, frac string, shift int) (string, string) {
	if shift >= 0 {
		frac += strings.Repeat("0", max(0, shift-len(frac)))
		return whole + frac[:shift], frac[shift:]
	}
	whole = strings.Repeat("0", max(0, -shift-len(whole))) + whole
	cut := len(whole) + shift
	return whole[:cut], whole[cut:] + frac
}

func cutAny(s, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func notNumber(s string) error {
	if strings.ContainsAny(s, ",'’ ") {
		return fmt.Errorf("%q is not a number; export it without thousands separators and with a decimal point", s)
	}
	return fmt.Errorf("%q is not a number", s)
}
