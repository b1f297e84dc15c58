package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
	"time"
)

// TestWhatTheKernelSaysOfAProcess reads files as Linux writes them, of a program with an odd name.
func TestWhatTheKernelSaysOfAProcess(t *testing.T) {
	t.Parallel()
	proc := t.TempDir()
	for name, text := range map[string]string{
		"status":        "Name:\tdesksync\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n",
		"stat":          "4711 (desk) sync (x) S 1 4711 4711 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 9 0 100 1 2",
		"task/1/status": "Name:\tdesksync\nvoluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t9\n",
		"task/2/status": "Name:\tdesksync\nvoluntary_ctxt_switches:\t2\nnonvoluntary_ctxt_switches:\t9\n",
	} {
		file := filepath.Join(proc, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var g glimpse
	if err := g.kernel(proc); err != nil {
		t.Fatal(err)
	}
	if g.resident != 100*mib || g.peak != 200*mib || g.switches != 42 || g.cpu != 3*time.Second {
		t.Errorf("read as %+v; want 100 and 200 MiB, 42 switches, 3 s", g)
	}
	if err := g.kernel(t.TempDir()); err == nil {
		t.Error("a process that is not there was read")
	}
}

func TestWhatWasAskedBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	before := glimpse{asked: map[string]int{"BEGIN": 3, "SELECT 1": 1}}
	after := glimpse{asked: map[string]int{"BEGIN": 5, "SELECT 1": 1, "SELECT 2": 4}}
	if n := after.total() - before.total(); n != 6 {
		t.Errorf("%d statements, want 6", n)
	}
	if got := most(after.since(before)); got != "4 SELECT 2 | 2 BEGIN | 0 SELECT 1" {
		t.Errorf("most = %q", got)
	}
}

func TestTheFleetsFileNamesEachPipelineOnce(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	data := map[string]any{"Dir": "/data", "Journal": "sqlite:/data/journal.db", "Minute": 17, "Names": []string{"000", "001"}}
	if err := template.Must(template.New("fleet").Parse(fleetConfig)).Execute(&out, data); err != nil {
		t.Fatal(err)
	}
	for text, times := range map[string]int{
		"\n  team000:\n": 1, "\n  team001:\n": 1, "to: desk001\n": 1, `delta: "17 * * * *"`: 2, "\nsources:\n": 1, "\ntargets:\n": 1, "\npipelines:\n": 1, "{{": 0,
	} {
		if n := strings.Count(out.String(), text); n != times {
			t.Errorf("%q stands there %d times, want %d", text, n, times)
		}
	}
}
