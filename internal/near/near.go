// Package near finds the name a person probably meant. Its answers go into
// messages; nothing is ever decided by them.
package near

import (
	"cmp"
	"strings"

	"github.com/adrg/strutil/metrics"
)

const enough = 0.55 // Sørensen–Dice similarity from which a suggestion helps

// Name returns the candidate most like name, or nothing if none is near. Of two
// equally near the first wins.
func Name(name string, candidates []string) string {
	m := metrics.NewSorensenDice()
	m.CaseSensitive = false
	best, found := enough, ""
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		s := m.Compare(stem(name, c))
		if swapped(name, c) {
			s = 1
		}
		if s > best {
			best, found = s, c
		}
	}
	return found
}

// stem takes off the end that all names of custom fields have, where both have it: what
// is always there makes nothing alike.
func stem(a, b string) (stemA, stemB string) {
	const custom = "__c"
	x, ok := strings.CutSuffix(a, custom)
	y, ok2 := strings.CutSuffix(b, custom)
	if ok && ok2 {
		return x, y
	}
	return a, b
}

// swapped reports names that differ by two neighbouring letters which stand in the other
// order: of a short name, that leaves no pair of letters as it was.
func swapped(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if len(a) != len(b) || len(a) < 3 {
		return false
	}
	for i := range len(a) - 1 {
		if a[i] != b[i] {
			return a[:i]+a[i+1:i+2]+a[i:i+1]+a[i+2:] == b
		}
	}
	return false
}

// Meant renders "; did you mean X?", or nothing if no candidate is near.
func Meant(name string, candidates []string) string {
	if n := Name(name, candidates); n != "" {
		return "; did you mean " + n + "?"
	}
	return ""
}

// Known renders what Meant does, or else all that there is.
func Known(name string, all []string) string {
	return cmp.Or(Meant(name, all), "; known are: "+strings.Join(all, ", "))
}
