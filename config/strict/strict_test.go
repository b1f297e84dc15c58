package strict

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/internal/fault"
)

type shape struct {
	Name  string   `yaml:"name" jsonschema:"required" need:"say what it is called"`
	Kind  string   `yaml:"kind" jsonschema:"enum=small,enum=large,default=small"`
	Count int      `yaml:"count" jsonschema:"minimum=1,maximum=9,default=3"`
	On    bool     `yaml:"on" jsonschema:"default=true"`
	Ratio float64  `yaml:"ratio"`
	List  []string `yaml:"list"`
	Inner inner    `yaml:"inner"`
	Maybe *inner   `yaml:"maybe"`
	More  []inner  `yaml:"more"`
	Skip  string   `yaml:"-"`
}

type inner struct {
	Key   string `yaml:"key"`
	Level int    `yaml:"level" jsonschema:"default=7"`
}

func decode(src string) (shape, Problems) {
	var s shape
	d, err := Parse("f.yaml", []byte(src))
	if err != nil {
		return s, Of(err)
	}
	d.Decode(&s)
	return s, Of(d.Err())
}

func TestDecode(t *testing.T) {
	t.Parallel()
	src := "\ufeffname: \"a:b\"\r\nkind: large\r\ncount: 4\r\non: false\r\nratio: 1_000.5\r\nlist: [x, 'y']\r\nmaybe: {key: k}\r\nmore:\r\n- key: one\r\n- {key: two, level: 1}\r\n"
	got, ps := decode(src)
	if ps != nil {
		t.Fatal(ps)
	}
	want := shape{
		Name: "a:b", Kind: "large", Count: 4, Ratio: 1000.5, List: []string{"x", "y"}, Inner: inner{Level: 7},
		Maybe: &inner{Key: "k", Level: 7}, More: []inner{{"one", 7}, {"two", 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, ps := decode("name: x")
	if want := (shape{Name: "x", Kind: "small", Count: 3, On: true, Inner: inner{Level: 7}}); ps != nil || !cmp.Equal(want, got) {
		t.Errorf("decode = %+v, %v, want %+v", got, ps, want)
	}
}

func TestAnchors(t *testing.T) {
	t.Parallel()
	got, ps := decode("x-base: &base {key: k, level: 2}\nname: n\ninner: *base\nmaybe: {<<: *base, level: 3}\nmore: [{<<: [*base]}]\n")
	if ps != nil {
		t.Fatal(ps)
	}
	want := []inner{{"k", 2}, {"k", 3}, {"k", 2}}
	if diff := cmp.Diff(want, []inner{got.Inner, *got.Maybe, got.More[0]}); diff != "" {
		t.Error(diff)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		src  string
		want []string
	}{
		"unknown key":                 {"nmae: x\nname: y", []string{`f.yaml:1:1: nmae: unknown key "nmae"; did you mean name?`}},
		"unknown key, nothing near":   {"name: y\ninner: {qqq: 1}", []string{`f.yaml:2:9: inner.qqq: unknown key "qqq"; known here: key and level`}},
		"required":                    {"kind: small", []string{`f.yaml: name is required; say what it is called`}},
		"all at once":                 {"knd: small\ncount: x\non: 1", []string{`f.yaml:1:1: knd: unknown key "knd"; did you mean kind?`, `f.yaml:2:8: count: "x" is text; it should be a whole number`, `f.yaml:3:5: on: is a number; it should be true or false`, `f.yaml: name is required; say what it is called`}},
		"twice":                       {"name: a\nkind: large\nname: b", []string{`f.yaml:3:1: name: "name" stands here twice, first on line 1; remove one of them`}},
		"not a choice":                {"name: a\nkind: larg", []string{`f.yaml:2:7: kind: "larg" is not a choice; write small or large; did you mean large?`}},
		"out of range":                {"name: a\ncount: 10", []string{`f.yaml:2:8: count: 10 is out of range; write 9 or less`}},
		"below the range":             {"name: a\ncount: 0", []string{`f.yaml:2:8: count: 0 is out of range; write 1 or more`}},
		"a number for text":           {"name: 12", []string{`f.yaml:1:7: name: 12 is a number; it should be text: put it in quotes`}},
		"nothing":                     {"name:", []string{`f.yaml:1:1: name: is empty; give it a value, text, or remove the line`}},
		"nothing for a section":       {"name: a\ninner:", []string{`f.yaml:2:1: inner: is empty; give it a value, a mapping with key and level, or remove the line`}},
		"a list for text":             {"name: [a]", []string{`f.yaml:1:1: name: is a list; it should be text`}},
		"text for a list":             {"name: a\nlist: b", []string{`f.yaml:2:7: list: "b" is text; it should be a list`}},
		"inside a list":               {"name: a\nmore:\n  - {key: k}\n  - {kye: k}", []string{`f.yaml:4:6: more[1].kye: unknown key "kye"; did you mean key?`}},
		"a number in a list of texts": {"name: a\nlist: [b, 3]", []string{`f.yaml:2:11: list[1]: 3 is a number; it should be text: put it in quotes`}},
		"no such anchor":              {"name: a\ninner: *x", []string{`f.yaml:2:8: inner: *x names no anchor of this file; define it with &x`, `f.yaml:2:1: inner: is empty; give it a value, a mapping with key and level, or remove the line`}},
		"a YAML tag":                  {"name: !!str a", []string{`f.yaml:1:7: name: the YAML tag !!str means nothing here; remove it, or put the value in quotes`}},
		"a merge of no mapping":       {"name: a\ninner: {<<: 3}", []string{`f.yaml:2:13: inner: << merges what is no mapping; give it an alias of a mapping, such as <<: *name`}},
		"no YAML":                     {"name: [a", []string{`f.yaml:1:7: is not YAML here: sequence end token ']' not found; see the line above the caret, and the one before it`}},
		"a tab":                       {"inner:\n\tkey: a", []string{"f.yaml:2:1: is not YAML here: found character '\t' that cannot start any token; indent with spaces, not tabs"}},
		"a colon in a value":          {"name: a: b", []string{`f.yaml:1:7: is not YAML here: mapping value is not allowed in this context; put a value that holds a colon and a space in quotes`}},
		"quotes and then more":        {`name: "PP: " + b`, []string{`f.yaml:1:14: is not YAML here: value is not allowed in this context. map key-value is pre-defined; put an expression that begins with a quoted text in quotes as a whole: '…'`}},
		"two documents":               {"name: a\n---\nname: b", []string{`f.yaml:3:1: a second document begins here; one file holds one document; remove the line ---`}},
		"another encoding":            {"name: a\nlist: [caf\xe9]", []string{"f.yaml:2:11: is not UTF-8; save the file with the encoding UTF-8"}},
		"UTF-16":                      {"\xff\xfen\x00", []string{"f.yaml:1:1: is not UTF-8; save the file with the encoding UTF-8"}},
		"zero bytes":                  {"n\x00a\x00", []string{"f.yaml:1:2: is not UTF-8; save the file with the encoding UTF-8"}},
		"an empty file":               {"# nothing\n", []string{"f.yaml: holds no settings; see `desksync init` for a file to begin with"}},
		"a list for a file":           {"- a", []string{"f.yaml: holds no settings; see `desksync init` for a file to begin with"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, ps := decode(tt.src)
			var got []string
			for _, p := range ps {
				got = append(got, p.Error())
			}
			if diff := cmp.Diff(sortedCopy(tt.want), sortedCopy(got)); diff != "" {
				t.Errorf("%s\n%s", tt.src, diff)
			}
		})
	}
}

func TestTooMuch(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("x-0: &a0 {key: k}\n")
	for i := range 30 {
		fmt.Fprintf(&b, "x-%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i)
	}
	b.WriteString("name: n\nmore: *a30\n")
	_, ps := decode(b.String())
	if !strings.Contains(ps.Error(), "is a list") && !strings.Contains(ps.Error(), "unfolds to too much") {
		t.Errorf("thirty aliases of four each were taken: %v", ps)
	}
	_, ps = decode("name: n\ninner: &x {key: *x}\n")
	if ps == nil {
		t.Error("an alias that holds itself was taken")
	}
}

func TestInside(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		src          string
		offset       int
		line, column int
	}{
		"plain":                      {"name: abc + def", 6, 1, 13},
		"plain with a ternary":       {"name: a ? b : c", 8, 1, 15},
		"double quotes":              {`name: "abc"`, 1, 1, 9},
		"behind an escape":           {`name: "a\tbc"`, 2, 1, 11},
		"behind a long escape":       {`name: "\u00e4bc"`, 1, 1, 14},
		"single quotes":              {`name: 'it''s x'`, 3, 1, 12},
		"a literal block":            {"name: |\n  ab\n  cd", 3, 3, 3},
		"a literal block, in a line": {"name: |\n  ab\n  cd", 4, 3, 4},
		"a folded block":             {"name: >-\n  ab\n  cd", 4, 3, 4},
		"plain over two lines":       {"name: ab\n  cd", 3, 2, 3},
		"behind the end":             {"name: ab", 2, 1, 9},
		"letters of two bytes":       {"name: äöü", 2, 1, 9},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Parse("f.yaml", []byte(tt.src))
			if err != nil {
				t.Fatal(err)
			}
			d.Decode(new(shape))
			p := d.Annotate("name", tt.offset, "", "")
			if p.Line != tt.line || p.Column != tt.column {
				t.Errorf("character %d of %q stands at %d:%d, want %d:%d", tt.offset, tt.src, p.Line, p.Column, tt.line, tt.column)
			}
		})
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	d, err := Parse("f.yaml", []byte("name: a\nmore:\n  - key: k\n    level: 3\n"))
	if err != nil {
		t.Fatal(err)
	}
	d.Decode(new(shape))
	d.Alias("also.there", "more[0]")
	tests := map[string][2]int{
		"name": {1, 7}, "more": {2, 1}, "more[0]": {3, 5}, "more[0].level": {4, 12}, "more[0].unknown": {3, 5},
		"more[9].key": {2, 1}, "nowhere.at.all": {1, 1}, "also.there.level": {4, 12}, "also.there": {3, 5},
	}
	for path, want := range tests {
		line, column := d.Locate(path)
		if [2]int{line, column} != want {
			t.Errorf("Locate(%q) = %d:%d, want %v", path, line, column, want)
		}
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		p     Problem
		width int
		want  string
	}{
		"with a caret": {
			Problem{File: "f.yaml", Line: 41, Column: 3, Path: "pipelines.customers.organizations.name", Msg: "is wrong", Fix: "mend it", Excerpt: "abcdef"},
			0,
			"f.yaml:41:3: organizations.name: is wrong; mend it\n   41 | abcdef\n          ^",
		},
		"cut to the screen": {
			Problem{File: "f.yaml", Line: 1, Column: 60, Msg: "is wrong", Excerpt: strings.Repeat("0123456789", 10)},
			38,
			"f.yaml:1:60: is wrong\n    1 | …5678901234567890123456789012…\n                       ^",
		},
		"without a place": {Problem{File: "f.yaml", Msg: "cannot be read"}, 0, "f.yaml: cannot be read"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tt.p.Render(tt.width)
			if got != tt.want {
				t.Errorf("Render =\n%s\nwant\n%s", got, tt.want)
			}
			for _, line := range strings.Split(got, "\n")[1:] {
				if n := len([]rune(line)); tt.width > 0 && n > tt.width {
					t.Errorf("%q is %d wide, the screen %d", line, n, tt.width)
				}
			}
		})
	}
}

func TestCaretStaysUnderItsCharacter(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("abcdefghi ", 12)
	runes := []rune(line)
	for column := 1; column <= len(runes); column++ {
		text, at := window(line, column, 40)
		if got := []rune(text); got[at-1] != runes[column-1] {
			t.Fatalf("column %d of %q is %q under the caret of %q", column, line, string(got[at-1]), text)
		}
	}
}

func TestExcerptsHideSecrets(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"dsn: postgres://u:hunter2@db/x": "dsn: postgres://u:*******@db/x",
		"client_secret: hunter2":         "client_secret: *******",
		`token: "hunter2", b: c`:         `token: "*******", b: c`,
		"client_secret: ${ZD_SECRET}":    "client_secret: ${ZD_SECRET}",
		"password: file:/run/pw":         "password: file:/run/pw",
		"name: nothing to hide":          "name: nothing to hide",
	}
	for line, want := range tests {
		if got := redact(line); got != want {
			t.Errorf("redact(%q) = %q, want %q", line, got, want)
		}
	}
}

func TestProblemsAreInvalidInput(t *testing.T) {
	t.Parallel()
	_, ps := decode("x: 1")
	if err := fmt.Errorf("outer: %w", ps); fault.KindOf(err) != fault.Invalid || len(Of(err)) != len(ps) {
		t.Errorf("KindOf = %v, Of = %d problems, want invalid and %d", fault.KindOf(err), len(Of(err)), len(ps))
	}
	if Of(errors.New("other")) != nil {
		t.Error("an error that is no Problems has some")
	}
}

func TestReportOnce(t *testing.T) {
	t.Parallel()
	d, err := Parse("f.yaml", []byte("name: a"))
	if err != nil {
		t.Fatal(err)
	}
	d.Decode(new(shape))
	d.ReportOnce("name", 0, "first", "")
	d.ReportOnce("name", 0, "second", "")
	if got := d.Problems(); len(got) != 1 || got[0].Msg != "first" {
		t.Errorf("two reports of one place gave %v", got)
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	s := shape{More: []inner{{Key: "k"}}}
	for path, value := range map[string]string{"kind": "large", "maybe.key": "x y", "inner.level": "4", "on": "true", "list": "[a, b]"} {
		if err := Set(&s, path, value); err != nil {
			t.Errorf("Set(%s, %s): %v", path, value, err)
		}
	}
	want := shape{Kind: "large", Maybe: &inner{"x y", 7}, Inner: inner{Level: 4}, On: true, List: []string{"a", "b"}, More: s.More}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	for path, value := range map[string]string{"knid": "large", "kind": "lrge", "inner.level": "x"} {
		if err := Set(&s, path, value); err == nil {
			t.Errorf("Set(%s, %s) was taken", path, value)
		}
	}
}

func TestClosest(t *testing.T) {
	t.Parallel()
	words := []string{"on_found", "on_drift", "dsn", "guards", "organizations"}
	for word, want := range map[string]string{"on_fund": "on_found", "dns": "dsn", "guard": "guards", "organisations": "organizations", "xyz": "", "": ""} {
		if got := Closest(word, words); got != want {
			t.Errorf("Closest(%q) = %q, want %q", word, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"name: a", "a: &x [*x]", "{", "- -", "name: |\n a", "more: [{key: k}]", "<<: *a", "? a\n: b", "a: !b", "name: \"\\u\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		_, ps := decode(src)
		for _, p := range ps {
			_ = p.Render(40)
			if p.Msg == "" {
				t.Errorf("%q has a problem that says nothing: %+v", src, p)
			}
		}
	})
}

func sortedCopy(list []string) []string {
	out := append([]string{}, list...)
	for i := range out {
		for j := i + 1; j < len(out); j++ {
			if out[j] < out[i] {
				out[i], out[j] = out[j], out[i]
			}
		}
	}
	return out
}
