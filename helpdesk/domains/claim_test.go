package domains_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/helpdesk/domains"
)

var (
	nabeel = domains.Claim{Domain: "awesome-company.com", ID: "119", Name: "Nabeel's Awesome Company", Key: "001Aa000003DGb2IAG"}
	jason  = domains.Claim{Domain: "awesome-company.com", ID: "123", Name: "Jason's Awesome Company", Key: "001Aa000004QmX1IAK"}
)

func TestOneDomainOnTwoOrganizations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tie   domains.Tie
		owner string // "": nobody
		says  string
	}{
		"by default nobody is attached":    {domains.Nobody, "", `claimed by "Nabeel's Awesome Company" (119) and "Jason's Awesome Company" (123); nobody is attached by it (tie: nobody)`},
		"the conflict shows both ways out": {domains.Nobody, "", `set tie: lowest_id, which gives it to "Nabeel's Awesome Company" (119), or tie: alphabetical, which gives it to "Jason's Awesome Company" (123)`},
		"the lowest id is 119":             {domains.LowestID, "119", `"Nabeel's Awesome Company" (119) has it by tie: lowest_id`},
		"the first by name is 123":         {domains.Alphabetical, "123", `"Jason's Awesome Company" (123) has it by tie: alphabetical`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, claims := range [][]domains.Claim{{nabeel, jason}, {jason, nabeel}, {jason, nabeel, jason}} {
				got := domains.Settle(tt.tie, claims)
				if got.Owned != (tt.owner != "") || got.Owner.ID != tt.owner || len(got.Claims) != 2 {
					t.Errorf("Settle(%v, %v) = %+v; want owner %q of 2 claims", tt.tie, claims, got, tt.owner)
				}
				if !strings.Contains(got.Reason(), tt.says) {
					t.Errorf("Reason() = %q; want it to say %q", got.Reason(), tt.says)
				}
			}
		})
	}
}

func TestSettleOrder(t *testing.T) {
	t.Parallel()
	claim := func(id, name, key string) domains.Claim {
		return domains.Claim{Domain: "acme.com", ID: id, Name: name, Key: key}
	}
	tests := map[string]struct {
		tie   domains.Tie
		a, b  domains.Claim
		owner domains.Claim
	}{
		"ids are numbers where both are":           {domains.LowestID, claim("123", "A", ""), claim("99", "B", ""), claim("99", "B", "")},
		"leading zeros do not make an id larger":   {domains.LowestID, claim("0099", "A", ""), claim("123", "B", ""), claim("0099", "A", "")},
		"ids beyond 64 bits are still numbers":     {domains.LowestID, claim("99999999999999999999999", "A", ""), claim("100000000000000000000000", "B", ""), claim("99999999999999999999999", "A", "")},
		"ids of letters compare as bytes":          {domains.LowestID, claim("b", "A", ""), claim("a", "B", ""), claim("a", "B", "")},
		"numbers come before ids of letters":       {domains.LowestID, claim("1x", "A", ""), claim("9", "B", ""), claim("9", "B", "")},
		"an organization to be created comes last": {domains.LowestID, claim("", "A", "001A"), claim("999", "B", "001B"), claim("999", "B", "001B")},
		"of two to be created the lower key":       {domains.LowestID, claim("", "A", "001B"), claim("", "B", "001A"), claim("", "B", "001A")},
		"names compare without regard to case":     {domains.Alphabetical, claim("1", "acme labs", ""), claim("2", "ACME", ""), claim("2", "ACME", "")},
		"names compare without regard to spacing":  {domains.Alphabetical, claim("1", " Zeta", ""), claim("2", "Acme", ""), claim("2", "Acme", "")},
		"of one name the lowest id":                {domains.Alphabetical, claim("20", "Acme", ""), claim("3", "ACME", ""), claim("3", "ACME", "")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, claims := range [][]domains.Claim{{tt.a, tt.b}, {tt.b, tt.a}} {
				if got := domains.Settle(tt.tie, claims); got.Owner != tt.owner || !got.Owned || !got.Contested() {
					t.Errorf("Settle(%v, %v) gives it to %v of %d; want %v of 2", tt.tie, claims, got.Owner, len(got.Claims), tt.owner)
				}
			}
		})
	}
}

func TestAnOrganizationNeverTiesWithItself(t *testing.T) {
	t.Parallel()
	claims := []domains.Claim{
		{Domain: "acme.com", Name: "Acme", Key: "001A"},
		{Domain: "acme.com", Name: "Acme", ID: "7"},
		{Domain: "acme.com", Name: "Acme", Key: "001A", ID: "7"},
	}
	got := domains.Settle(domains.Nobody, claims)
	if !got.Owned || got.Owner != claims[2] || got.Contested() {
		t.Errorf("Settle(%v) = %+v; want it owned by the one organization", claims, got)
	}
	if want := `acme.com is claimed by "Acme" (7) alone`; got.Reason() != want {
		t.Errorf("Reason() = %q; want %q", got.Reason(), want)
	}
}

func TestReasonOfManyStaysShort(t *testing.T) {
	t.Parallel()
	var claims []domains.Claim
	for _, id := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		claims = append(claims, domains.Claim{Domain: "acme.com", ID: id, Name: "Acme"})
	}
	if got := domains.Settle(domains.Nobody, claims).Reason(); !strings.Contains(got, `"Acme" (5) and 2 more;`) {
		t.Errorf("Reason() = %q; want the first five and 2 more", got)
	}
}

func TestSettleOfNothingOwnsNothing(t *testing.T) {
	t.Parallel()
	if got := domains.Settle(domains.LowestID, nil); got.Owned || got.Domain != "" {
		t.Errorf("Settle(nil) = %+v; want nothing owned", got)
	}
}

func TestResolveRulesOnEachDomainInOrder(t *testing.T) {
	t.Parallel()
	other := domains.Claim{Domain: "acme.com", ID: "5", Name: "Acme", Key: "001B"}
	got := domains.Resolve(domains.Nobody, []domains.Claim{jason, other, nabeel})
	if len(got) != 2 || got[0].Domain != "acme.com" || !got[0].Owned || got[1].Domain != "awesome-company.com" || got[1].Owned {
		t.Errorf("Resolve = %+v; want acme.com owned, then awesome-company.com in conflict", got)
	}
}

func TestParseTie(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]domains.Tie{"": domains.Nobody, "nobody": domains.Nobody, "lowest_id": domains.LowestID, "alphabetical": domains.Alphabetical} {
		if got, err := domains.ParseTie(name); err != nil || got != want {
			t.Errorf("ParseTie(%q) = %v, %v; want %v", name, got, err, want)
		}
	}
	if _, err := domains.ParseTie("first"); err == nil || !strings.Contains(err.Error(), "nobody, lowest_id, alphabetical") {
		t.Errorf("ParseTie(first): %v; want the choices", err)
	}
}

func TestPropertySettleDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		claims := rapid.SliceOfN(claimGen, 0, 8).Draw(t, "claims")
		tie := domains.Tie(rapid.IntRange(0, 2).Draw(t, "tie"))
		other := rapid.Permutation(claims).Draw(t, "other")
		got, want := domains.Resolve(tie, other), domains.Resolve(tie, claims)
		if !slices.EqualFunc(got, want, sameRuling) {
			t.Fatalf("Resolve(%v, %v) = %+v; in another order %+v", tie, claims, want, got)
		}
	})
}

func sameRuling(a, b domains.Ruling) bool {
	return a.Domain == b.Domain && a.Owned == b.Owned && a.Owner == b.Owner && slices.Equal(a.Claims, b.Claims)
}

var claimGen = rapid.Custom(func(t *rapid.T) domains.Claim {
	return domains.Claim{
		Domain: rapid.SampledFrom([]string{"acme.com", "eu.acme.com"}).Draw(t, "domain"),
		ID:     rapid.SampledFrom([]string{"", "9", "10", "010", "1x", "x"}).Draw(t, "id"),
		Name:   rapid.SampledFrom([]string{"Acme", "ACME", "Beta"}).Draw(t, "name"),
		Key:    rapid.SampledFrom([]string{"", "001A", "001B"}).Draw(t, "key"),
	}
})
