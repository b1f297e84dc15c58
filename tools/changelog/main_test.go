package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

const good = "Enhancement: Undo a run\n\nIt stayed.\n\nIt goes.\n"

func TestEntries(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, body, want string }{
		"well-formed":        {"undo-a-run.md", good, ""},
		"more paragraphs":    {"undo.md", good + "\nAnd more.\n", ""},
		"need is imperative": {"need.md", strings.Replace(good, "Undo", "Need", 1), ""},
		"pass is imperative": {"pass.md", strings.Replace(good, "Undo", "Pass", 1), ""},
		"name":               {"Undo.md", good, "small letters and hyphens"},
		"kind":               {"undo.md", strings.Replace(good, "Enhancement", "Feature", 1), `begins with "Feature"`},
		"no title":           {"undo.md", strings.Replace(good, "Undo a run", "", 1), "the title is missing"},
		"small letter":       {"undo.md", strings.Replace(good, "Undo", "undo", 1), "small letter"},
		"full stop":          {"undo.md", strings.Replace(good, "run", "run.", 1), "full stop"},
		"too long":           {"undo.md", strings.Replace(good, "run", strings.Repeat("run ", 30), 1), "at most 80"},
		"past tense":         {"undo.md", strings.Replace(good, "Undo", "Added undo of", 1), "not an imperative"},
		"gerund":             {"undo.md", strings.Replace(good, "Undo", "Adding undo of", 1), "not an imperative"},
		"third person":       {"undo.md", strings.Replace(good, "Undo", "Adds undo of", 1), "not an imperative"},
		"no blank line":      {"undo.md", strings.Replace(good, "run\n", "run", 1), "a blank line is missing"},
		"one paragraph":      {"undo.md", strings.Replace(good, "\n\nIt goes.", "", 1), "one paragraph"},
		"an empty file":      {"undo.md", "", "the title is missing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{folder + "/" + tt.name: {Data: []byte(tt.body)}}
			err := run(&strings.Builder{}, fsys, []string{"check"})
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("check of %q = %v, want %q", tt.body, err, tt.want)
			}
		})
	}
}

func TestPrintBeginsWithWhatMattersMost(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		folder + "/a.md": {Data: []byte(good)},
		folder + "/b.md": {Data: []byte(strings.Replace(good, "Enhancement", "Security", 1))},
	}
	var b strings.Builder
	if err := run(&b, fsys, []string{"print"}); err != nil || !strings.HasPrefix(b.String(), "## Security: Undo a run\n\nIt stayed.\n") {
		t.Errorf("print = %q, %v", b.String(), err)
	}
	if err := run(&b, fsys, nil); err == nil {
		t.Error("no command, and no error")
	}
}
