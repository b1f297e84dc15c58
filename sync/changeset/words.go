package changeset

import (
	"math"
	"strconv"
	"strings"
)

// plural renders "1 ticket is", "3 tickets are".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// count renders 11,139.
func count(n int) string { return grouped(strconv.Itoa(n)) }

// grouped puts commas between thousands of a canonical number.
func grouped(s string) string {
	sign, rest := "", s
	if strings.HasPrefix(s, "-") {
		sign, rest = "-", s[1:]
	}
	whole, frac, dot := strings.Cut(rest, ".")
	if len(whole) < 4 {
		return s
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if dot {
		b.WriteString("." + frac)
	}
	return b.String()
}

// signs of currencies that everybody knows; others stand by their code.
var signs = map[string]string{"USD": "$", "EUR": "€", "GBP": "£"}

// Money renders an amount as short as a sentence wants it: $1.9M, $412k, $950.
// currency is a code such as USD, or nothing.
func Money(amount float64, currency string) string {
	sign, known := signs[currency]
	if !known && currency != "" {
		sign = currency + " "
	}
	minus := ""
	if amount < 0 {
		minus, amount = "-", -amount
	}
	switch {
	case amount >= 999_500:
		return minus + sign + oneDecimal(amount/1e6) + "M"
	case amount >= 999.5:
		return minus + sign + strconv.FormatFloat(math.Round(amount/1e3), 'f', -1, 64) + "k"
	default:
		return minus + sign + strconv.FormatFloat(math.Round(amount), 'f', -1, 64)
	}
}

func oneDecimal(f float64) string {
	return grouped(strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0"))
}

// percent renders a share: 0.005 is "0.5 %".
func percent(share float64) string {
	return strconv.FormatFloat(share*100, 'g', 4, 64) + " %"
}
