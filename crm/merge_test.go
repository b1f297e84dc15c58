package crm_test

import (
	"slices"
	"testing"

	"github.com/desksync/desksync/crm"
)

func TestAChainOfMergesEndsAtItsLastWinner(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		into map[string]string
		want []crm.Merge
	}{
		"nothing merged":              {map[string]string{"A": "", "B": ""}, nil},
		"one":                         {map[string]string{"A": "B"}, []crm.Merge{{Loser: "A", Winner: "B"}}},
		"three into one":              {map[string]string{"A": "D", "B": "D", "C": "D"}, []crm.Merge{{Loser: "A", Winner: "D"}, {Loser: "B", Winner: "D"}, {Loser: "C", Winner: "D"}}},
		"a chain":                     {map[string]string{"A": "B", "B": "C", "C": "D"}, []crm.Merge{{Loser: "A", Winner: "D"}, {Loser: "B", Winner: "D"}, {Loser: "C", Winner: "D"}}},
		"the winner was deleted":      {map[string]string{"A": "B", "B": ""}, []crm.Merge{{Loser: "A", Winner: "B"}}},
		"a circle":                    {map[string]string{"A": "B", "B": "A"}, nil},
		"into itself":                 {map[string]string{"A": "A", "B": "A"}, nil},
		"a circle behind, and beside": {map[string]string{"A": "B", "B": "C", "C": "B", "D": "E"}, []crm.Merge{{Loser: "D", Winner: "E"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := crm.Winners(tt.into); !slices.Equal(got, tt.want) {
				t.Errorf("Winners(%v) = %v, want %v", tt.into, got, tt.want)
			}
		})
	}
}
