package helpdesk

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxExponent bounds what a number with an exponent may expand to: no money or
// seat count has more digits, and hostile text must not fill memory.
const maxExponent = 30

// parseNumber reads a decimal, with or without exponent, without passing through
// binary floats: 0.1 stays 0.1 and 3.00E+07 becomes 30000000.
func parseNumber(t Type, s string) (Value, error) {
	if text, ok := plainInteger(s); ok {
		return Value{t, text}, nil
	}
	text, ok := plainDecimal(s)
	if !ok {
		text, ok = decimalText(s)
	}
	if !ok {
		return Value{}, fmt.Errorf("%q is not a number", s)
	}
	if t == Integer && strings.Contains(text, ".") {
		return Value{}, fmt.Errorf("%q is not a whole number", s)
	}
	return Value{t, text}, nil
}

// dust is what remains of sums of floats; it is nothing.
const dust = 1e-30

// DecimalOf returns a decimal value; what is not finite, or beyond any sum of money,
// is the empty value.
func DecimalOf(f float64) Value {
	if math.Abs(f) < dust {
		f = 0
	}
	v, err := parseNumber(Decimal, strconv.FormatFloat(f, 'f', -1, 64))
	if err != nil {
		return Value{}
	}
	return v
}

// plainInteger serves the common case without big numbers.
func plainInteger(s string) (string, bool) {
	if len(s) > 18 || s[0] == '+' {
		return "", false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return "", false
	}
	return strconv.FormatInt(n, 10), true
}

// plainDecimal serves the other common case: digits, a point, digits.
func plainDecimal(s string) (string, bool) {
	whole, frac, ok := strings.Cut(s, ".")
	number := strings.TrimPrefix(whole, "-")
	if !ok || len(s) > maxExponent || number == "" || number[0] == '0' && number != "0" || frac == "" {
		return "", false
	}
	if strings.Trim(number, "0123456789") != "" || strings.Trim(frac, "0123456789") != "" {
		return "", false
	}
	frac = strings.TrimRight(frac, "0")
	switch {
	case frac != "":
		return whole + "." + frac, true
	case number == "0":
		return "0", true
	default:
		return whole, true
	}
}

func decimalText(s string) (string, bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if len(mantissa) > 2*maxExponent || !digits(mantissa) {
		return "", false
	}
	if exponent != "" {
		n, err := strconv.Atoi(exponent)
		if err != nil || n > maxExponent || n < -maxExponent {
			return "", false
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return "", false
	}
	text := r.FloatString(2 * maxExponent)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" || text == "" {
		text = "0"
	}
	return text, true
}

// digits reports whether s is an optional sign, digits and at most one point.
func digits(s string) bool {
	s = strings.TrimLeft(s, "+-")
	whole, frac, _ := strings.Cut(s, ".")
	return whole+frac != "" && strings.Trim(whole+frac, "0123456789") == ""
}
