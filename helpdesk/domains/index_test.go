package domains_test

import (
	"slices"
	"testing"

	"github.com/desksync/desksync/helpdesk/domains"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	claims := []domains.Claim{
		{Domain: "acme.com", ID: "1", Name: "Acme"},
		{Domain: "eu.acme.com", ID: "2", Name: "Acme Europe"},
		{Domain: "labs.acme.com", ID: "3", Name: "Acme Labs"},
		{Domain: "labs.acme.com", ID: "4", Name: "Acme Research"},
	}
	tests := map[string]struct {
		tie           domains.Tie
		domain, owner string // owner "": nobody
		found         bool
	}{
		"a domain is its owner's":                            {domains.Nobody, "acme.com", "1", true},
		"the longest suffix wins":                            {domains.Nobody, "eu.acme.com", "2", true},
		"below the longest suffix too":                       {domains.Nobody, "mail.eu.acme.com", "2", true},
		"any other subdomain goes to the shorter one":        {domains.Nobody, "us.acme.com", "1", true},
		"a contested suffix does not fall back to a shorter": {domains.Nobody, "labs.acme.com", "", true},
		"below a contested suffix nobody is attached":        {domains.Nobody, "x.labs.acme.com", "", true},
		"a tie that is decided attaches":                     {domains.LowestID, "x.labs.acme.com", "3", true},
		"a name that only ends alike is nobody's":            {domains.Nobody, "notacme.com", "", false},
		"what nobody claims is nobody's":                     {domains.Nobody, "example.com", "", false},
		"a top-level domain is nobody's":                     {domains.Nobody, "com", "", false},
		"no domain is nobody's":                              {domains.Nobody, "", "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, found := domains.NewIndex(tt.tie, claims).Match(tt.domain)
			if found != tt.found || got.Owner.ID != tt.owner || got.Owned != (tt.owner != "") {
				t.Errorf("Match(%q) = %+v, %v; want owner %q, %v", tt.domain, got, found, tt.owner, tt.found)
			}
		})
	}
}

func TestSuffixes(t *testing.T) {
	t.Parallel()
	if got, want := slices.Collect(domains.Suffixes("a.eu.acme.com")), []string{"a.eu.acme.com", "eu.acme.com", "acme.com"}; !slices.Equal(got, want) {
		t.Errorf("Suffixes = %q; want %q", got, want)
	}
	if got := slices.Collect(domains.Suffixes("localhost")); got != nil {
		t.Errorf("Suffixes(localhost) = %q; want none", got)
	}
}

func TestUnder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, domain string
		want         bool
	}{
		{"acme.com", "acme.com", true},
		{"eu.acme.com", "acme.com", true},
		{"notacme.com", "acme.com", false},
		{"acme.com", "eu.acme.com", false},
		{"acme.com", "", false},
	} {
		if got := domains.Under(tt.name, tt.domain); got != tt.want {
			t.Errorf("Under(%q, %q) = %v; want %v", tt.name, tt.domain, got, tt.want)
		}
	}
}
