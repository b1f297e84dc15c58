package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/strict"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/secret"
)

func parsed(t *testing.T, src string) *config.File {
	t.Helper()
	f, err := config.Parse("desksync.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	src := "# reviewed\n- {account: 001Aa000003DGb2IAG, value: gold, reason: pilot, author: R. Diaz, until: 2026-12-31}\n" +
		"- account: 001Aa000003DGb2IAG\n  field: level\n  value: 12\n  reason: r\n  author: a\n  from: 2026-01-01\n"
	got, err := parsed(t, good).ParseOverrides("overrides.yaml", []byte(src))
	want := []config.Override{
		{Account: "001Aa000003DGb2IAG", Field: "plan", Value: "gold", Reason: "pilot", Author: "R. Diaz", Until: day.MustParse("2026-12-31"), Source: "overrides.yaml:2"},
		{Account: "001Aa000003DGb2IAG", Field: "level", Value: "12", Reason: "r", Author: "a", From: day.MustParse("2026-01-01"), Source: "overrides.yaml:3"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, empty := range []string{"", "[]", "# none\n"} {
		if got, err := parsed(t, good).ParseOverrides("o.yaml", []byte(empty)); err != nil || len(got) != 0 {
			t.Errorf("%q holds %v, %v", empty, got, err)
		}
	}
}

func TestOverrideFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ src, want string }{
		"no reason":        {"- {account: A, value: gold, author: x}", "o.yaml:1:3: [0]: reason is required; say why, for whoever asks in a year"},
		"no author":        {"- {account: A, value: gold, reason: x}", "o.yaml:1:3: [0]: author is required; say who decided it"},
		"an unknown plan":  {"- {account: A, value: godl, reason: x, author: y}", `o.yaml:1:23: [0].value: there is no plan "godl"; did you mean gold?`},
		"an unknown field": {"- {account: A, field: levle, value: x, reason: x, author: y}", `o.yaml:1:23: [0].field: there is no mapped field "levle"; did you mean level?`},
		"no day":           {"- {account: A, value: gold, reason: x, author: y, until: soon}", `o.yaml:1:58: [0].until: "soon" is not a day; write YYYY-MM-DD`},
		"ends too early":   {"- {account: A, value: gold, reason: x, author: y, from: 2026-02-01, until: 2026-01-01}", "o.yaml:1:3: [0]: ends on 2026-01-01, before it begins on 2026-02-01; correct from or until"},
		"twice at once": {
			"- {account: A, value: gold, reason: x, author: y, until: 2026-06-30}\n- {account: A, value: starter, reason: x, author: y, from: 2026-06-30}",
			"o.yaml:2:13: [1].account: the account has an override of plan for the same days at o.yaml:1; end one before the other begins",
		},
		"an unknown key": {"- {account: A, value: gold, reason: x, author: y, untli: 2026-06-30}", `o.yaml:1:51: [0].untli: unknown key "untli"; did you mean until?`},
		"no list":        {"account: A", `o.yaml:1:1: is a mapping; it should be a list`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parsed(t, good).ParseOverrides("o.yaml", []byte(tt.src))
			if ps := strict.Of(err); len(ps) != 1 || ps[0].Error() != tt.want {
				t.Errorf("%s\ngot  %v\nwant %s", tt.src, err, tt.want)
			}
		})
	}
}

func TestOverridesFollowOneAnother(t *testing.T) {
	t.Parallel()
	src := "- {account: A, value: gold, reason: x, author: y, until: 2026-06-30}\n- {account: A, value: starter, reason: x, author: y, from: 2026-07-01}"
	if got, err := parsed(t, good).ParseOverrides("o.yaml", []byte(src)); err != nil || len(got) != 2 {
		t.Errorf("two overrides, one after the other: %v, %v", got, err)
	}
}

func TestOverridesFile(t *testing.T) {
	t.Parallel()
	f := parsed(t, strings.Replace(good, "sla_policies:", "overrides: o.yaml\nsla_policies:", 1))
	dir := t.TempDir()
	_, err := f.LoadOverrides(secret.Source{Dir: dir})
	if err == nil || !strings.HasPrefix(err.Error(), "desksync.yaml:17:12: overrides: ") || !strings.Contains(err.Error(), "create it (an empty list is [])") {
		t.Errorf("a missing file: %v", err)
	}
	write(t, dir, "o.yaml", "- {account: A, value: gold, reason: x, author: y}")
	if got, err := f.LoadOverrides(secret.Source{Dir: dir}); err != nil || len(got) != 1 {
		t.Errorf("LoadOverrides = %v, %v", got, err)
	}
	if got, err := parsed(t, good).LoadOverrides(secret.Source{Dir: dir}); err != nil || got != nil {
		t.Errorf("without a file LoadOverrides = %v, %v", got, err)
	}
}

func TestProtected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tests := map[string]struct {
		protect, file string
		want          []config.ListedID
		problem       string
	}{
		"written out": {"[A, B]", "", []config.ListedID{{ID: "A", Where: "desksync.yaml:33"}, {ID: "B", Where: "desksync.yaml:33"}}, ""},
		"in a file":   {"file:1.csv", "\ufeff# kept\nAccount ID,why\n001A,\"a,\nb\"\n 001B\n\n", []config.ListedID{{ID: "001A", Where: filepath.Join(dir, "1.csv") + ":3"}, {ID: "001B", Where: filepath.Join(dir, "1.csv") + ":5"}}, ""},
		"no heading":  {"file:2.csv", "001A\r\n001B\r\n", []config.ListedID{{ID: "001A", Where: filepath.Join(dir, "2.csv") + ":1"}, {ID: "001B", Where: filepath.Join(dir, "2.csv") + ":2"}}, ""},
		"no file":     {"file:3.csv", "", nil, "desksync.yaml:33:34: mark.protect: "},
		"no CSV":      {"file:4.csv", "id\n\"001A\nx", nil, "desksync.yaml:33:34: mark.protect: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if file, ok := strings.CutPrefix(tt.protect, "file:"); ok && tt.file != "" {
				write(t, dir, file, tt.file)
			}
			f := parsed(t, strings.Replace(good, "mark: {field: mark}", "mark: {field: mark, protect: "+tt.protect+"}", 1))
			got, err := f.Protected("customers", f.Pipelines.Get("customers"), secret.Source{Dir: dir})
			if tt.problem != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.problem) {
					t.Errorf("got %v, want %s", err, tt.problem)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func FuzzOverrides(f *testing.F) {
	f.Add("- {account: A, value: gold, reason: x, author: y, until: 2026-06-30}")
	f.Add("[]")
	f.Add("- account: A\n  value: [x]\n- 3\n-\n")
	file, err := config.Parse("desksync.yaml", []byte(good))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		list, err := file.ParseOverrides("o.yaml", []byte(src))
		for _, o := range list {
			if o.Account == "" || o.Reason == "" || o.Author == "" || o.Source == "" {
				t.Errorf("%q gives %+v, %v", src, o, err)
			}
		}
	})
}

func FuzzProtected(f *testing.F) {
	f.Add("id\n001A\n# x\n\"001\nB\",why\n")
	f.Add("\ufeff\"")
	dir := f.TempDir()
	file, err := config.Parse("desksync.yaml", []byte(strings.Replace(good, "mark: {field: mark}", "mark: {field: mark, protect: file:ids.csv}", 1)))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		write(t, dir, "ids.csv", src)
		list, err := file.Protected("customers", file.Pipelines.Get("customers"), secret.Source{Dir: dir})
		for _, id := range list {
			if id.ID == "" || id.ID != strings.TrimSpace(id.ID) || id.Where == "" {
				t.Errorf("%q gives %+v, %v", src, id, err)
			}
		}
	})
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
