// Package near finds the name a person probably meant. Its answers go into
// messages; nothing is ever decided by them.
package near

import (
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
		if s := m.Compare(name, c); s > best {
			best, found = s, c
		}
	}
	return found
}

// Meant renders "; did you mean X?", or nothing if no candidate is near.
func Meant(name string, candidates []string) string {
	if n := Name(name, candidates); n != "" {
		return "; did you mean " + n + "?"
	}
	return ""
}
