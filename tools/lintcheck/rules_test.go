package main

import "testing"

func TestWithin(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pattern, file string
		want          bool
	}{
		"a file of the room":        {"sync/changeset/**", "sync/changeset/diff.go", true},
		"a file below the room":     {"sync/changeset/**", "sync/changeset/a/b/diff.go", true},
		"another room":              {"sync/changeset/**", "sync/journal/diff.go", false},
		"a room that begins alike":  {"crm/**", "crmgen/a.go", false},
		"an adapter":                {"crm/*/**", "crm/csvfile/read.go", true},
		"the vocabulary itself":     {"crm/*/**", "crm/id.go", false},
		"a file by extension":       {"crm/*.go", "crm/id.go", true},
		"an adapter's by extension": {"crm/*.go", "crm/csvfile/read.go", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := within(tt.pattern, tt.file); got != tt.want {
				t.Errorf("within(%s, %s) = %v, want %v", tt.pattern, tt.file, got, tt.want)
			}
		})
	}
}

func TestOnlyWhatSpokeCounts(t *testing.T) {
	t.Parallel()
	if err := verdict(ruleset{}, nil); err == nil {
		t.Error("a linter that said nothing passed")
	}
}
