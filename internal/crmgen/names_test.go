package crmgen

import (
	"slices"
	"testing"
)

// TestNamesOfSeveralRounds goes on after all combinations of words are used up.
func TestNamesOfSeveralRounds(t *testing.T) {
	t.Parallel()
	n := 2 * len(leads) * len(things) * len(forms)
	names := make([]string, n)
	for i := range names {
		names[i] = plainName(i)
	}
	slices.Sort(names)
	if distinct := len(slices.Compact(names)); distinct != n {
		t.Errorf("%d accounts have %d names", n, distinct)
	}
}
