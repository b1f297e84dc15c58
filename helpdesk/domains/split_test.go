package domains_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk/domains"
)

func TestSeparates(t *testing.T) {
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
			if got := strings.FieldsFunc(tt.list, domains.Separates); !slices.Equal(got, tt.want) {
				t.Errorf("the list %q is %q; want %q", tt.list, got, tt.want)
			}
		})
	}
}
