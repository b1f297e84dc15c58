package domains_test

import (
	"slices"
	"testing"

	"github.com/desksync/desksync/helpdesk/domains"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		list string
		want []string
	}{
		"nothing gives nothing":                   {"", nil},
		"separators only give nothing":            {" ;, \n;", nil},
		"one name":                                {"acme.com", []string{"acme.com"}},
		"a multi-select field":                    {"acme.com;eu.acme.com", []string{"acme.com", "eu.acme.com"}},
		"commas and spaces as people write them":  {"acme.com, eu.acme.com", []string{"acme.com", "eu.acme.com"}},
		"one on a line, as Windows ends them":     {"acme.com\r\neu.acme.com\r\n", []string{"acme.com", "eu.acme.com"}},
		"tabs and no-break spaces":                {"acme.com\t\u00a0eu.acme.com", []string{"acme.com", "eu.acme.com"}},
		"full-width separators":                   {"acme.com，eu.acme.com；x.example、y.example", []string{"acme.com", "eu.acme.com", "x.example", "y.example"}},
		"order and repetitions are kept":          {"b.example a.example b.example", []string{"b.example", "a.example", "b.example"}},
		"a byte order mark belongs to no name":    {"\ufeffacme.com", []string{"acme.com"}},
		"what is wrong stays for Clean to refuse": {"n/a;acme_corp", []string{"n/a", "acme_corp"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := domains.Split(tt.list); !slices.Equal(got, tt.want) {
				t.Errorf("Split(%q) = %q; want %q", tt.list, got, tt.want)
			}
		})
	}
}

func TestCleanListGivesEachNameOnceAndEveryRefusal(t *testing.T) {
	t.Parallel()
	var rules domains.Rules
	const list = "www.Beta.example; acme.com, @ACME.com\ngmail.com n/a https://eu.acme.com/x"
	names, refused := rules.CleanList(list)
	if want := []string{"acme.com", "beta.example", "eu.acme.com"}; !slices.Equal(names, want) {
		t.Errorf("CleanList(%q) = %q; want %q", list, names, want)
	}
	var reasons []domains.Reason
	for _, err := range refused {
		reasons = append(reasons, reasonOf(err))
	}
	if want := []domains.Reason{domains.FreeMail, domains.SingleLabel}; !slices.Equal(reasons, want) {
		t.Errorf("CleanList(%q) refused for %v; want %v", list, reasons, want)
	}
}
