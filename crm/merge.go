package crm

import (
	"context"
	"maps"
	"slices"
)

// Merge is an account that was merged away, and the one that stands for it now.
type Merge struct{ Loser, Winner string }

// Merges is a Source that knows which accounts were merged into which. Each loser is
// also among those that Tombstones.Deleted returns.
type Merges interface {
	// Merged lists the accounts that were merged away by the id of the loser. Where a
	// winner was merged later, its winner stands in its place. What Deleted read just
	// before may be told again.
	Merged(ctx context.Context) ([]Merge, error)
}

// Winners resolves chains of merges: into maps each account that went to the one it
// was merged into, or to nothing where it was only deleted; such a one ends a chain.
// Whoever ends in a circle is left out.
func Winners(into map[string]string) []Merge {
	var out []Merge
	for _, loser := range slices.Sorted(maps.Keys(into)) {
		winner, hops := into[loser], 0
		for into[winner] != "" && hops <= len(into) {
			winner, hops = into[winner], hops+1
		}
		if winner != "" && hops <= len(into) {
			out = append(out, Merge{loser, winner})
		}
	}
	return out
}
