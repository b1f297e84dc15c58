package strict

import (
	"fmt"
	"strings"

	"github.com/adrg/strutil"
	"github.com/adrg/strutil/metrics"
)

// unlike is the similarity below which a suggestion would only confuse.
const unlike = 0.55

// Closest returns the word most like s, or nothing if none is near.
func Closest(s string, words []string) string {
	best, score := "", unlike
	dice := &metrics.SorensenDice{NgramSize: 2}
	for _, w := range words {
		near := strutil.Similarity(strings.ToLower(s), strings.ToLower(w), dice)
		near = max(near, typo(strings.ToLower(s), strings.ToLower(w)))
		if near > score {
			best, score = w, near
		}
	}
	return best
}

// typo finds near misses in words too short for pairs of letters.
func typo(a, b string) float64 {
	if len(a) < 2 || len(b) < 2 {
		return 0
	}
	return strutil.Similarity(a, b, metrics.NewJaro()) - 0.25
}

// unknown reports a key that has no meaning, and returns the key that was
// probably meant.
func (d *Document) unknown(e Entry, known []string) string {
	fix := "known here: " + list(known, "and")
	meant := Closest(e.Key, known)
	if meant != "" {
		fix = "did you mean " + meant + "?"
	}
	if len(known) == 0 {
		fix = "remove it"
	}
	d.ReportKey(e.Value.path, fmt.Sprintf("unknown key %q", e.Key), fix)
	return meant
}
