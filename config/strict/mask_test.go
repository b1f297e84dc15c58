package strict

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMask(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ src, want string }{ // want: ¦ for a hidden colon, ¡ for a hidden mark
		"a ternary behind a key":              {"aar: a ? 0 : b", "aar: a ? 0 ¦ b"},
		"a ternary in a list":                 {"- a: x ? y : z", "- a: x ? y ¦ z"},
		"two ternaries":                       {"k: a ? 1 : b ? 2 : 3", "k: a ? 1 ¦ b ? 2 ¦ 3"},
		"a colon that is a mistake stays":     {"a: foo: bar", "a: foo: bar"},
		"a key with a colon in braces":        {"w: {field:level: x, tag:gold: true}", "w: {field¦level: x, tag¦gold: true}"},
		"a list of names with colons":         {"u: [field:a, tag:b]", "u: [field¦a, tag¦b]"},
		"quoted keys in braces stay":          {`a: {"b":1, 'c':2}`, `a: {"b":1, 'c':2}`},
		"an address":                          {"dsn: postgres://h/db", "dsn: postgres¦//h/db"},
		"quoted text stays":                   {`a: "x ? y : z" # b ? c : d`, `a: "x ? y : z" # b ? c : d`},
		"single quotes with an escape":        {`a: 'it''s ? x : y'`, `a: 'it''s ? x : y'`},
		"a not in front":                      {"who: !contact.Left", "who: ¡contact.Left"},
		"a not with brackets":                 {"who: !(a or b)", "who: ¡(a or b)"},
		"a tag of YAML stays":                 {"a: !!str x", "a: !!str x"},
		"a comment stays":                     {"# a ? b : c\na: 1", "# a ? b : c\na: 1"},
		"a comment behind a value stays":      {"a: 1 # b ? c : d", "a: 1 # b ? c : d"},
		"a block of text stays":               {"a: |\n  x ? y : z\n\n  q: !w\nb: c ? 1 : 2", "a: |\n  x ? y : z\n\n  q: !w\nb: c ? 1 ¦ 2"},
		"a folded block in a list stays":      {"- a: >-\n    x ? y : z\n  b: c ? 1 : 2", "- a: >-\n    x ? y : z\n  b: c ? 1 ¦ 2"},
		"nested keys stay":                    {"a:\n  b:\n    c: 1", "a:\n  b:\n    c: 1"},
		"braces over lines":                   {"a: {x: 1,\n  tag:y: 2}\nb: 1", "a: {x: 1,\n  tag¦y: 2}\nb: 1"},
		"an anchor before a ternary":          {"a: &x p ? q : r", "a: &x p ? q ¦ r"},
		"an apostrophe inside a name":         {"n: {a: Nabeel's Co, tag:b: 1}", "n: {a: Nabeel's Co, tag¦b: 1}"},
		"a ternary inside braces":             {"f: {value: a ? 0 : b, owner: crm}", "f: {value: a ? 0 ¦ b, owner: crm}"},
		"optional chaining is not a ternary?": {"a: x?.y", "a: x?.y"},
	}
	show := strings.NewReplacer(string(maskedColon), "¦", string(maskedBang), "¡")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mask(tt.src)
			if show.Replace(got) != tt.want {
				t.Errorf("mask(%q) = %q, want %q", tt.src, show.Replace(got), tt.want)
			}
			if unmask(got) != tt.src {
				t.Errorf("unmask(mask(%q)) = %q", tt.src, unmask(got))
			}
		})
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"a: b ? c : d", "{a:b: c}", "a: |\n b\n", "- !x\n- 'y", "?0", "\"", "[", "&", "a: >\n", "\t#", "a:\r\n  b: !c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		got := mask(s)
		if unmask(got) != s && !strings.ContainsAny(s, string(maskedColon)+string(maskedBang)) {
			t.Errorf("unmask(mask(%q)) = %q", s, unmask(got))
		}
		if utf8.RuneCountInString(got) != utf8.RuneCountInString(s) {
			t.Errorf("mask(%q) moved the columns: %q", s, got)
		}
	})
}
