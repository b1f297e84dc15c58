package domains_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/helpdesk/domains"
)

func itself(c domains.Claim) domains.Claim { return c }

func TestOneDomainOnTwoOrganizations(t *testing.T) {
	t.Parallel()
	nabeel := domains.Claim{ID: "119", Name: "Nabeel's Awesome Company", Key: "001Aa000003DGb2IAG"}
	jason := domains.Claim{ID: "123", Name: "Jason's Awesome Company", Key: "001Aa000004QmX1IAK"}
	for tie, want := range map[domains.Tie]domains.Claim{"": {}, domains.Nobody: {}, domains.LowestID: nabeel, domains.Alphabetical: jason} {
		for _, claims := range [][]domains.Claim{{nabeel, jason}, {jason, nabeel}} {
			if got, ok := domains.Winner(tie, claims, itself); got != want || ok != (want.ID != "") {
				t.Errorf("Winner(%q, %v) = %v, %v; want %v", tie, claims, got, ok, want)
			}
		}
	}
}

func TestWinner(t *testing.T) {
	t.Parallel()
	claim := func(id, name, key string) domains.Claim { return domains.Claim{ID: id, Name: name, Key: key} }
	tests := map[string]struct {
		tie           domains.Tie
		winner, other domains.Claim
	}{
		"ids are numbers where both are":           {domains.LowestID, claim("99", "B", ""), claim("123", "A", "")},
		"leading zeros do not make an id larger":   {domains.LowestID, claim("0099", "A", ""), claim("123", "B", "")},
		"ids beyond 64 bits are still numbers":     {domains.LowestID, claim("99999999999999999999999", "A", ""), claim("100000000000000000000000", "B", "")},
		"ids of letters compare as bytes":          {domains.LowestID, claim("a", "B", ""), claim("b", "A", "")},
		"numbers come before ids of letters":       {domains.LowestID, claim("9", "B", ""), claim("1x", "A", "")},
		"an organization to be created comes last": {domains.LowestID, claim("999", "B", "001B"), claim("", "A", "001A")},
		"of two to be created the lower key":       {domains.LowestID, claim("", "B", "001A"), claim("", "A", "001B")},
		"names compare without regard to case":     {domains.Alphabetical, claim("2", "ACME", ""), claim("1", "acme labs", "")},
		"names compare without regard to spacing":  {domains.Alphabetical, claim("2", "Acme", ""), claim("1", " Zeta", "")},
		"a name that nobody knows yet comes last":  {domains.Alphabetical, claim("2", "Zeta", ""), claim("", "", "001A")},
		"of one name the lowest id":                {domains.Alphabetical, claim("3", "ACME", ""), claim("20", "Acme", "")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, claims := range [][]domains.Claim{{tt.winner, tt.other}, {tt.other, tt.winner}} {
				if got, ok := domains.Winner(tt.tie, claims, itself); got != tt.winner || !ok {
					t.Errorf("Winner(%v, %v) = %v, %v; want %v", tt.tie, claims, got, ok, tt.winner)
				}
			}
		})
	}
}

func TestNobodyWinsWhatNobodyClaims(t *testing.T) {
	t.Parallel()
	if got, ok := domains.Winner(domains.LowestID, nil, itself); ok {
		t.Errorf("Winner(nil) = %v; want nobody", got)
	}
}

func TestPropertyTheOrderOfClaimsDecidesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		claims := rapid.SliceOfN(claimGen, 0, 8).Draw(t, "claims")
		tie := rapid.SampledFrom([]domains.Tie{domains.Nobody, domains.LowestID, domains.Alphabetical}).Draw(t, "tie")
		other := rapid.Permutation(slices.Clone(claims)).Draw(t, "other")
		want, wantOK := domains.Winner(tie, claims, itself)
		if got, ok := domains.Winner(tie, other, itself); got != want || ok != wantOK {
			t.Fatalf("Winner(%v, %v) = %v; in another order %v", tie, claims, want, got)
		}
	})
}

var claimGen = rapid.Custom(func(t *rapid.T) domains.Claim {
	return domains.Claim{
		ID:   rapid.SampledFrom([]string{"", "9", "10", "010", "1x", "x"}).Draw(t, "id"),
		Name: rapid.SampledFrom([]string{"", "Acme", "ACME", "Beta"}).Draw(t, "name"),
		Key:  rapid.SampledFrom([]string{"", "001A", "001B"}).Draw(t, "key"),
	}
})
