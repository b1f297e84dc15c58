package sqldesk

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func TestFieldsColumn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ doc, want string }{
		"as we write it":            {`{"a":1,"b":"x","c":true}`, `{"a":1,"b":"x","c":true}`},
		"spaced and unordered":      {" { \"b\" : \"x\" ,\n \"a\": 1.50 } ", `{"a":1.50,"b":"x"}`},
		"with escapes":              {`{"a":"q\"\\\u0041\n"}`, `{"a":"q\"\\\u0041\n"}`},
		"with nested values":        {`{"z":[1,{"y":2}],"a":null}`, `{"a":null,"z":[1,{"y":2}]}`},
		"brackets inside of a text": {`{"a":"[x]{y}"}`, `{"a":"[x]{y}"}`},
		"a key twice":               {`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		"empty":                     {`{}`, `{}`},
	}
	for name, tt := range tests {
		got, err := readEntries(tt.doc)
		if err != nil || got.write() != tt.want {
			t.Errorf("%s: %s becomes %s (%v), want %s", name, tt.doc, got.write(), err, tt.want)
		}
	}
	for _, bad := range []string{``, `{`, `[]`, `{"a"}`, `{"a":}`, `{"a":"x}`, `{"a":1,}`, `{"a":1}}`, `null x`} {
		if got, err := readEntries(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}

func TestValuesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typ  helpdesk.Type
		raw  string
		want helpdesk.Value
	}{
		"a number with an exponent":   {helpdesk.Decimal, `3.12E4`, helpdesk.DecimalOf(31200)},
		"a number as a text":          {helpdesk.Decimal, `"31200"`, helpdesk.DecimalOf(31200)},
		"a checkbox as a number":      {helpdesk.Bool, `1`, helpdesk.BoolOf(true)},
		"null":                        {helpdesk.Text, `null`, helpdesk.Value{}},
		"a text in a number field":    {helpdesk.Integer, `"many"`, helpdesk.TextOf("many")},
		"a list in a text field":      {helpdesk.Text, `[1]`, helpdesk.TextOf("[1]")},
		"an escaped text":             {helpdesk.Text, `"\u682a\n"`, helpdesk.TextOf("株\n")},
		"an empty text in a dropdown": {helpdesk.Choice, `""`, helpdesk.Value{}},
	}
	for name, tt := range tests {
		if got := (Field{Type: tt.typ}).value(tt.raw); got != tt.want {
			t.Errorf("%s: %s is %v %q, want %v %q", name, tt.raw, got.Type(), got.Text(), tt.want.Type(), tt.want.Text())
		}
	}
}

// FuzzFieldsColumn holds our reader and encoding/json together.
func FuzzFieldsColumn(f *testing.F) {
	for _, seed := range []string{`{"a":1,"b":"x"}`, `{ "b":"\"", "a":[1] }`, `{}`, `{"a":1,"a":2}`, `{"é":"\u0000"}`, `{"a":tru}`, "{\"a\":\x00}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		var want map[string]json.RawMessage
		if !plainText(doc) || json.Unmarshal([]byte(doc), &want) != nil || want == nil {
			return // no database lets such a text into the column
		}
		got, err := readEntries(doc)
		if err != nil {
			t.Fatalf("%q: %v", doc, err)
		}
		for _, e := range got {
			var a, b any
			if json.Unmarshal([]byte(e.raw), &a) != nil || json.Unmarshal(want[e.key], &b) != nil {
				t.Fatalf("%q: key %q holds %q", doc, e.key, e.raw)
			}
		}
		var again map[string]json.RawMessage
		if err := json.Unmarshal([]byte(got.write()), &again); err != nil || len(again) != len(want) {
			t.Fatalf("%q is written as %q: %v", doc, got.write(), err)
		}
	})
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "plain", "\"\\\n\t\x01", "<b>&", "\u2028株"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !plainText(s) {
			return
		}
		var back string
		if err := json.Unmarshal([]byte(quote(s)), &back); err != nil || back != s || unquote(quote(s)) != s {
			t.Fatalf("%q is quoted as %s and read back as %q (%v)", s, quote(s), back, err)
		}
	})
}

func FuzzEmails(f *testing.F) {
	for _, seed := range []string{"a@b.example, c@d.example", " A@B;\na@b ", ",,;", "no address", "a@b@c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		seen := map[string]bool{}
		for _, e := range splitEmails(list) {
			if e == "" || seen[foldEmail(e)] {
				t.Fatalf("%q gives %q empty or twice", list, e)
			}
			seen[foldEmail(e)] = true
			if goodEmail(e) && domainOf(e) == "" {
				t.Fatalf("%q is taken for an address without a domain", e)
			}
		}
	})
}

func TestSettle(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		claims  []claim
		holders map[string]int64
		lost    []int
	}{
		"a swap":                         {[]claim{{0, 1, "a", "b"}, {1, 2, "b", "a"}}, map[string]int64{"a": 1, "b": 2}, nil},
		"a chain to a new one":           {[]claim{{0, 1, "a", "b"}, {1, 2, "b", "c"}, {2, 0, "", "a"}}, map[string]int64{"a": 1, "b": 2}, nil},
		"a chain against a wall":         {[]claim{{0, 1, "a", "b"}, {1, 2, "b", "c"}}, map[string]int64{"a": 1, "b": 2, "c": 3}, []int{1, 0}},
		"two want one":                   {[]claim{{0, 0, "", "a"}, {1, 0, "", "a"}}, nil, []int{1}},
		"the holder stays":               {[]claim{{0, 0, "", "a"}}, map[string]int64{"a": 9}, []int{0}},
		"a new one does not free a text": {[]claim{{0, 0, "", "b"}, {1, 0, "", "a"}}, map[string]int64{"a": 9}, []int{1}},
		"one claim back to its own":      {[]claim{{0, 1, "a", "a"}}, map[string]int64{"a": 1}, nil},
		"nothing is wanted by two":       {[]claim{{0, 0, "", ""}, {1, 0, "", ""}}, nil, nil},
	}
	for name, tt := range tests {
		var lost []int
		for _, c := range settle(tt.claims, tt.holders) {
			lost = append(lost, c.i)
		}
		if !slices.Equal(lost, tt.lost) {
			t.Errorf("%s: %v lose, want %v", name, lost, tt.lost)
		}
	}
}
