package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestWrongFlags: one sentence that names the command, and what may have been meant.
func TestWrongFlags(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"diff --jsn":         "desksync diff has no flag --jsn; did you mean --json?",
		"diff --zebra":       "desksync diff has no flag --zebra; see desksync diff --help",
		"diff -x":            "desksync diff has no flag -x; see desksync diff --help",
		"diff --config":      "--config wants a value; see desksync diff --help",
		"--config":           "--config wants a value; see desksync --help",
		"diff --quiet=maybe": `--quiet: "maybe" is not true or false; see desksync diff --help`,
		"demo --act two":     `--act: "two" is not a whole number; see desksync demo --help`,
		"completion fishh":   `desksync completion has no command "fishh"; did you mean fish?`,
		"help frob":          `desksync has no command "frob"; see desksync --help`,
		"help runs shwo":     `desksync runs has no command "shwo"; did you mean show?`,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			a := &app{in: strings.NewReader(""), out: &out, err: &errs}
			if code := a.execute(t.Context(), strings.Fields(line)); code != exitUsage || errs.String() != want+"\n" || out.Len() > 0 {
				t.Errorf("desksync %s exits %d and says %q; want exit %d and %q", line, code, errs.String()+out.String(), exitUsage, want)
			}
		})
	}
}
