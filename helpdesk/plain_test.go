package helpdesk

import (
	"testing"

	"pgregory.net/rapid"
)

// The short way to a number must agree with the long one wherever it is taken.
func TestThePlainDecimalIsTheExactOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`-?[0-9]{0,12}\.?[0-9]{0,12}`).Draw(t, "number")
		short, taken := plainDecimal(s)
		if !taken {
			return
		}
		if exact, ok := decimalText(s); !ok || short != exact {
			t.Fatalf("plainDecimal(%q) = %q, decimalText = %q, %v", s, short, exact, ok)
		}
	})
}
