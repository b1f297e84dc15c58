package crm_test

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	kolkata := time.FixedZone("IST", 5*3600+1800)
	newYork := time.FixedZone("EST", -5*3600)
	tests := map[string]struct {
		typ           crm.Type
		in, want, err string
		loc           *time.Location
	}{
		"text stays as it is":             {typ: crm.Text, in: " =1+1 ", want: " =1+1 "},
		"nothing stays nothing":           {typ: crm.Number, in: "  "},
		"a whole number":                  {typ: crm.Number, in: "0042", want: "42"},
		"an exponent":                     {typ: crm.Money, in: "3.00E+07", want: "30000000"},
		"a negative exponent":             {typ: crm.Number, in: "125e-2", want: "1.25"},
		"an exponent before the point":    {typ: crm.Number, in: "1e-3", want: "0.001"},
		"an exponent within the fraction": {typ: crm.Number, in: "1.23456E2", want: "123.456"},
		"no digit is lost":                {typ: crm.Money, in: "12345678901234567890.10", want: "12345678901234567890.1"},
		"minus zero":                      {typ: crm.Number, in: "-0.0", want: "0"},
		"a plus":                          {typ: crm.Number, in: "+5", want: "5"},
		"a fraction alone":                {typ: crm.Number, in: "-.5", want: "-0.5"},
		"thousands separators":            {typ: crm.Money, in: "1,234.50", err: `"1,234.50" is not a number; export it without thousands separators and with a decimal point`},
		"words":                           {typ: crm.Number, in: "many", err: `"many" is not a number`},
		"a huge exponent":                 {typ: crm.Number, in: "1e999999999", err: `"1e999999999" is not a number`},
		"two signs":                       {typ: crm.Number, in: "+-5", err: `"+-5" is not a number`},
		"a sign alone":                    {typ: crm.Number, in: "-", err: `"-" is not a number`},
		"true in capitals":                {typ: crm.Bool, in: "TRUE", want: "true"},
		"a report's zero":                 {typ: crm.Bool, in: "0", want: "false"},
		"no checkbox":                     {typ: crm.Bool, in: "maybe", err: `"maybe" is not a checkbox value; true or false was expected`},
		"choices":                         {typ: crm.Multi, in: " four; ;six ", want: "four;six"},
		"a date":                          {typ: crm.Date, in: "2026-11-20", want: "2026-11-20"},
		"a leap day that is none":         {typ: crm.Date, in: "2026-02-29", err: `"2026-02-29" is not a date; write YYYY-MM-DD`},
		"a time without a zone":           {typ: crm.Date, in: "2026-11-20 23:59:59", want: "2026-11-20", loc: kolkata},
		"minutes are enough":              {typ: crm.Date, in: "2026-11-20 23:59", want: "2026-11-20"},
		"Bulk API, east of Greenwich":     {typ: crm.Date, in: "2026-11-20T22:30:00.000Z", want: "2026-11-21", loc: kolkata},
		"REST API, west of Greenwich":     {typ: crm.Date, in: "2026-11-20T02:30:00.000+0000", want: "2026-11-19", loc: newYork},
		"a zone, read in UTC":             {typ: crm.Date, in: "2026-11-20T23:30:00-05:00", want: "2026-11-21"},
		"UTC by name":                     {typ: crm.Date, in: "2026-11-20 22:30:00 UTC", want: "2026-11-21", loc: kolkata},
		"midnight UTC is a plain date":    {typ: crm.Date, in: "2026-11-20T00:00:00.000Z", want: "2026-11-20", loc: newYork},
		"midnight elsewhere is not":       {typ: crm.Date, in: "2026-11-20T00:00:00+05:30", want: "2026-11-19"},
		"something behind the date":       {typ: crm.Date, in: "2026-11-20x", err: `"2026-11-20x" is not a date; write YYYY-MM-DD`},
		"no clock behind the date":        {typ: crm.Date, in: "2026-11-20 noon", err: `"2026-11-20 noon" is not a date; write YYYY-MM-DD`},
		"too short for a date":            {typ: crm.Date, in: "2026", err: `"2026" is not a date; write YYYY-MM-DD`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := crm.Canonical(tt.typ, tt.in, tt.loc)
			if got != tt.want || text(err) != tt.err {
				t.Errorf("Canonical(%d, %q) = %q, %v; want %q, %q", tt.typ, tt.in, got, err, tt.want, tt.err)
			}
		})
	}
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"3.00E+07", "-0.10", "1e-30", "2026-11-20T22:30:00.000+0000", "2026-02-30", "TRUE", "a;b;;c", "1,2", "."} {
		for typ := range 6 {
			f.Add(uint8(typ), s)
		}
	}
	f.Fuzz(func(t *testing.T, typ uint8, s string) {
		got, err := crm.Canonical(crm.Type(typ%6), s, nil)
		if err != nil {
			return
		}
		if again, err := crm.Canonical(crm.Type(typ%6), got, nil); err != nil || again != got {
			t.Fatalf("Canonical(%d, %q) = %q, which becomes %q, %v", typ%6, s, got, again, err)
		}
		if got == "" || crm.Type(typ%6) != crm.Number {
			return
		}
		want, ok := new(big.Rat).SetString(strings.TrimSpace(s))
		if have, _ := new(big.Rat).SetString(got); !ok || have.Cmp(want) != 0 {
			t.Fatalf("Canonical(number, %q) = %q: another number", s, got)
		}
	})
}
