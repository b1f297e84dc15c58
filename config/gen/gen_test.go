package main

import (
	"bytes"
	"os"
	"testing"
)

// TestGeneratedFilesAreFresh fails when a type changed and `go generate` was not run.
func TestGeneratedFilesAreFresh(t *testing.T) {
	t.Chdir("../..")
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v): run go generate ./config/gen", name, err)
		}
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	t.Chdir("../..")
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"docs/configuration.md", "docs/cases.md"} {
		for _, line := range bytes.Split(files[name], []byte("\n")) {
			if bytes.HasPrefix(line, []byte("| `")) && bytes.HasSuffix(line, []byte("|  |")) {
				t.Errorf("%s: a key without a word: %s", name, line)
			}
		}
	}
}
