package helpdesk

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDecimals(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "0.0": "0", "-0.00": "0", "+5": "5", "007": "7", "31200.00": "31200", "3.00E+07": "30000000", "1e3": "1000",
		"1E-3": "0.001", "-12.50": "-12.5", ".5": "0.5", "5.": "5", "1e30": "1000000000000000000000000000000", "100": "100", "1000.0": "1000",
		"123456789012345678901234567890.123": "123456789012345678901234567890.123", "999999999999999999": "999999999999999999",
		"1234567890123456789": "1234567890123456789", "-9223372036854775809": "-9223372036854775809", "0e5": "0", "1e+3": "1000",
	} {
		v, err := Parse(Decimal, in)
		if err != nil || v.Text() != want || v.Type() != Decimal {
			t.Errorf("Parse(decimal, %q) = %#v, %v; want %s", in, v, err, want)
		}
	}
}

func TestNoNumbers(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"e", "1e", "e5", "1e5e5", "1e31", "1e-31", "1e999999999999", "--5", "+-5", "1,000", "1.2.3", "0x10", "1/3", "1_000", "Inf", "NaN", "1 000", ".", "-", "-.",
		"٣", "1e3.5", "5-", strings.Repeat("9", 61), "1p3", "1i", "0b1", "$5", "5%",
	} {
		if v, err := Parse(Decimal, in); err == nil {
			t.Errorf("Parse(decimal, %q) = %#v", in, v)
		}
	}
}

func TestDecimalOf(t *testing.T) {
	t.Parallel()
	tenth, fifth := 0.1, 0.2
	for want, in := range map[string]float64{
		"0.1": tenth, "31200": 31200, "-2.5": -2.5, "0.30000000000000004": tenth + fifth, "1000000000000000000000": 1e21,
	} {
		if got := DecimalOf(in); got.Text() != want || got.Type() != Decimal {
			t.Errorf("DecimalOf(%v) = %#v, want %s", in, got, want)
		}
	}
	for name, in := range map[string]float64{"not a number": math.NaN(), "infinite": math.Inf(1), "below all": math.Inf(-1), "beyond all money": 1e300} {
		if got := DecimalOf(in); got != (Value{}) {
			t.Errorf("%s: DecimalOf = %#v, want empty", name, got)
		}
	}
	for name, in := range map[string]float64{"zero": 0, "minus zero": math.Copysign(0, -1), "the smallest float": 5e-324, "the dust of a sum": -1e-70} {
		if got := DecimalOf(in); got.Text() != "0" {
			t.Errorf("%s: DecimalOf = %#v, want 0", name, got)
		}
	}
}

func TestFloatsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64Range(-1e15, 1e15).Filter(func(f float64) bool { return f == 0 || math.Abs(f) > 1e-25 }).Draw(t, "f")
		if got, err := strconv.ParseFloat(DecimalOf(f).Text(), 64); err != nil || got != f {
			t.Fatalf("%v became %v, %v", f, got, err)
		}
	})
}

// TestDecimalsKeepTheirMeaning: the canonical text is the same number, exactly.
func TestDecimalsKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`-?[0-9]{1,15}(\.[0-9]{1,15})?([eE][+-]?(0?[0-9]|1[0-9]|2[0-9]))?`).Draw(t, "number")
		v, err := Parse(Decimal, s)
		if err != nil {
			t.Fatal(err)
		}
		was, _ := new(big.Rat).SetString(s)
		is, ok := new(big.Rat).SetString(v.Text())
		if !ok || was.Cmp(is) != 0 {
			t.Fatalf("%s became %s", s, v.Text())
		}
		if strings.ContainsAny(v.Text(), "eE+") || strings.Contains(v.Text(), ".") && strings.HasSuffix(v.Text(), "0") {
			t.Fatalf("%s became %s, which is not canonical", s, v.Text())
		}
	})
}
