package strict

import (
	"fmt"
	"strings"

	"github.com/adrg/strutil/metrics"

	"github.com/desksync/desksync/internal/near"
)

// alike is the similarity from which a short word is a slip of another: dns for dsn.
const alike = 0.8

// Closest returns the word most like s, or nothing if none is near.
func Closest(s string, words []string) string {
	if best := near.Name(s, words); best != "" || len(s) < 2 {
		return best
	}
	slip := metrics.NewJaro()
	slip.CaseSensitive = false
	best, score := "", alike
	for _, w := range words {
		if similar := slip.Compare(strings.ToLower(s), w); similar > score && len(w) < 6 {
			best, score = w, similar
		}
	}
	return best
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
