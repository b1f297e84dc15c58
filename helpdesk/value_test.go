package helpdesk

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/internal/day"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typ  Type
		text string
		want Value
		err  string
	}{
		"text keeps its spaces":              {Text, " a b ", Value{Text, " a b "}, ""},
		"only spaces are empty":              {Text, " \t\n", Value{}, ""},
		"nothing is empty in every type":     {Date, "", Value{}, ""},
		"an option loses its spaces":         {Choice, " gold ", Value{Choice, "gold"}, ""},
		"an integer":                         {Integer, " 007 ", Value{Integer, "7"}, ""},
		"an integer with a zero fraction":    {Integer, "25.00", Value{Integer, "25"}, ""},
		"an integer with an exponent":        {Integer, "3.00E+07", Value{Integer, "30000000"}, ""},
		"a fraction is no integer":           {Integer, "2.5", Value{}, `"2.5" is not a whole number`},
		"a decimal":                          {Decimal, "0.10", Value{Decimal, "0.1"}, ""},
		"text is no number":                  {Decimal, "ten", Value{}, `"ten" is not a number`},
		"a checkbox as Salesforce writes it": {Bool, "TRUE", Value{Bool, "true"}, ""},
		"a checkbox as reports write it":     {Bool, "1", Value{Bool, "true"}, ""},
		"a checkbox in words":                {Bool, "No", Value{Bool, "false"}, ""},
		"no checkbox":                        {Bool, "maybe", Value{}, `"maybe" is not a checkbox value; write true or false`},
		"a day":                              {Date, " 2026-11-21", Value{Date, "2026-11-21"}, ""},
		"no day":                             {Date, "2026-02-30", Value{}, `"2026-02-30" is not a day; write YYYY-MM-DD`},
		"a type that nothing is read as":     {Nothing, "x", Value{}, `"x" cannot be read as nothing`},
		"a type from the future":             {Type(99), "x", Value{}, `"x" cannot be read as type 99`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(tt.typ, tt.text)
			if got != tt.want || message(err) != tt.err {
				t.Errorf("Parse(%s, %q) = %#v, %q; want %#v, %q", tt.typ, tt.text, got, message(err), tt.want, tt.err)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestConstructors(t *testing.T) {
	t.Parallel()
	tests := []struct{ got, want Value }{
		{TextOf(""), Value{}},
		{TextOf("a"), Value{Text, "a"}},
		{ChoiceOf(""), Value{}},
		{ChoiceOf("a"), Value{Choice, "a"}},
		{IntOf(-3), Value{Integer, "-3"}},
		{IntOf(0), Value{Integer, "0"}},
		{BoolOf(true), Value{Bool, "true"}},
		{BoolOf(false), Value{Bool, "false"}},
		{DateOf(0), Value{}},
		{DateOf(day.MustParse("2026-11-21")), Value{Date, "2026-11-21"}},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %#v, want %#v", tt.got, tt.want)
		}
	}
}

func TestWhatValuesSayOfThemselves(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		v                 Value
		empty, zero, true bool
		text, shown       string
	}{
		"empty":        {Value{}, true, true, false, "", "–"},
		"nothing":      {None, false, false, false, "", "–"},
		"text":         {TextOf("0"), false, false, false, "0", "0"},
		"zero":         {IntOf(0), false, true, false, "0", "0"},
		"decimal zero": {DecimalOf(0), false, true, false, "0", "0"},
		"false":        {BoolOf(false), false, true, false, "false", "false"},
		"true":         {BoolOf(true), false, false, true, "true", "true"},
		"text true":    {TextOf("true"), false, false, false, "true", "true"},
	}
	for name, tt := range tests {
		v := tt.v
		if v.IsEmpty() != tt.empty || v.IsZero() != tt.zero || v.True() != tt.true || v.Text() != tt.text || v.String() != tt.shown {
			t.Errorf("%s: IsEmpty %t, IsZero %t, True %t, Text %q, String %q; want %+v", name, v.IsEmpty(), v.IsZero(), v.True(), v.Text(), v.String(), tt)
		}
	}
}

func TestValueAsJSON(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]Value{
		"null": {}, `"a\"b"`: TextOf(`a"b`), "31200": IntOf(31200), "0.1": DecimalOf(0.1), "true": BoolOf(true), `"gold"`: ChoiceOf("gold"),
		`"2026-11-21"`: DateOf(day.MustParse("2026-11-21")), `"31200"`: TextOf("31200"),
	} {
		if got, err := json.Marshal(v); err != nil || string(got) != want {
			t.Errorf("%#v is %s in JSON (%v), want %s", v, got, err, want)
		}
	}
	if got, err := json.Marshal(None); err != nil || string(got) != "null" {
		t.Errorf("nothing is %s in JSON (%v)", got, err)
	}
}

func TestStoredValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Value{
		"": {}, "text:a:b": TextOf("a:b"), "decimal:31200": DecimalOf(31200), "dropdown:gold": ChoiceOf("gold"), "checkbox:false": BoolOf(false),
		"date:2026-11-21": DateOf(day.MustParse("2026-11-21")), "nothing:": None, "integer:-3": IntOf(-3), "text: ": TextOf(" "),
	} {
		var got Value
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q reads as %#v (%v), want %#v", text, got, err, want)
		}
		if back, err := want.MarshalText(); err != nil || string(back) != text {
			t.Errorf("%#v is stored as %q (%v), want %q", want, back, err, text)
		}
	}
}

func TestDamagedStoredValues(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"gold", "money:5", ":x", "empty:", "empty:x", "integer:abc", "integer:007", "integer:2.5", "decimal:1e3", "decimal:", "checkbox:yes", "checkbox:",
		"date:yesterday", "date:", "nothing:x", "text:", "dropdown:",
	} {
		v := TextOf("before")
		if err := v.UnmarshalText([]byte(text)); err == nil || v != (Value{}) {
			t.Errorf("%q reads as %#v, %v; want an error and nothing", text, v, err)
		} else if !strings.Contains(err.Error(), "text:gold") {
			t.Errorf("%q: the error %q does not say what is expected", text, err)
		}
	}
}

func TestTypeNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for typ := Empty; typ <= Nothing; typ++ {
		if s := typ.String(); s == "" || seen[s] {
			t.Errorf("type %d is called %q", typ, s)
		} else {
			seen[s] = true
		}
	}
	if got := Type(200).String(); got != "type 200" {
		t.Errorf("an unknown type is called %q", got)
	}
}

// anyValue draws canonical values of every type.
func anyValue() *rapid.Generator[Value] {
	return rapid.OneOf(
		rapid.SampledFrom([]Value{{}, None, BoolOf(true), BoolOf(false)}),
		rapid.Map(rapid.String(), TextOf),
		rapid.Map(rapid.StringMatching(`[a-z_]+`), ChoiceOf),
		rapid.Map(rapid.Int64(), IntOf),
		rapid.Map(rapid.Float64Range(-1e12, 1e12), DecimalOf),
		rapid.Map(rapid.Int32Range(1, 3_000_000), func(n int32) Value { return DateOf(day.Day(n)) }),
	)
}

func TestValuesRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue().Draw(t, "value")
		stored, err := v.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Value
		if err := back.UnmarshalText(stored); err != nil || back != v {
			t.Fatalf("%#v is stored as %q and reads as %#v (%v)", v, stored, back, err)
		}
		if j, err := json.Marshal(v); err != nil || !json.Valid(j) {
			t.Fatalf("%#v is %s in JSON (%v)", v, j, err)
		}
	})
}

func TestCompareIsATotalOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyValue().Draw(t, "a"), anyValue().Draw(t, "b"), anyValue().Draw(t, "c")
		if (a.Compare(b) == 0) != (a == b) || a.Compare(b) != -b.Compare(a) {
			t.Fatalf("%#v and %#v compare as %d and %d", a, b, a.Compare(b), b.Compare(a))
		}
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 && a.Compare(c) > 0 {
			t.Fatalf("%#v ≤ %#v ≤ %#v, and not %#v ≤ %#v", a, b, c, a, c)
		}
	})
}

// FuzzParse: what parses is canonical, survives storing, and parses to itself.
func FuzzParse(f *testing.F) {
	for typ := range uint8(Nothing) + 1 {
		for _, s := range []string{"", " ", "gold", "0", "-0", "007", "1e3", "3.00E+07", "1e-400", "9e999999999", "0x10", "1/3", "+5", "--5", ".5", "5.", "true", "2026-11-21", "\x00\xff", "1_000", "٣", "Inf", "NaN"} {
			f.Add(typ, s)
		}
	}
	f.Fuzz(func(t *testing.T, typ uint8, s string) {
		v, err := Parse(Type(typ), s)
		if err != nil {
			if v != (Value{}) {
				t.Fatalf("Parse(%d, %q) fails with the value %#v", typ, s, v)
			}
			return
		}
		if v.IsEmpty() != (strings.TrimSpace(s) == "") {
			t.Fatalf("Parse(%d, %q) = %#v", typ, s, v)
		}
		if again, err := Parse(Type(typ), v.Text()); err != nil || again != v {
			t.Fatalf("Parse(%d, %q) = %#v, which parses to %#v (%v)", typ, s, v, again, err)
		}
		var back Value
		stored, err := v.MarshalText()
		if err != nil || back.UnmarshalText(stored) != nil || back != v {
			t.Fatalf("%#v is stored as %q and reads as %#v", v, stored, back)
		}
		if j, err := json.Marshal(v); err != nil || !json.Valid(j) {
			t.Fatalf("%#v is %s in JSON (%v)", v, j, err)
		}
	})
}

// FuzzUnmarshalText: what reads is canonical and stores back as it was.
func FuzzUnmarshalText(f *testing.F) {
	for _, s := range []string{"", "text:gold", "empty:", "integer:5", "decimal:0.1", "checkbox:true", "date:2026-11-21", "nothing:", "type 9:x", "dropdown:a:b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var v Value
		if v.UnmarshalText([]byte(s)) != nil {
			return
		}
		if back, err := v.MarshalText(); err != nil || string(back) != s {
			t.Fatalf("%q reads as %#v and is stored as %q (%v)", s, v, back, err)
		}
		if j, err := json.Marshal(v); err != nil || !json.Valid(j) {
			t.Fatalf("%q reads as %#v, which is %s in JSON (%v)", s, v, j, err)
		}
	})
}
