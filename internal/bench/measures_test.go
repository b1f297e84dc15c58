package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/desksync/desksync/internal/crmgen"
)

// beProduct stands in for desksync: its first reconcile fills the store; later ones
// find what was edited. A busy one writes where nothing has changed, a blind one
// sees no edit.
func beProduct(kind string) int {
	if os.Args[1] == "drift" {
		return 0
	}
	if err := reconcileLike(kind, os.Args[3]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func reconcileLike(kind, config string) error {
	text, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	var file struct {
		Sources map[string]struct{ Dir string }
		Targets map[string]struct{ Database string }
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return err
	}
	charge, _, err := crmgen.ChangeLastCharge(file.Sources["crm"].Dir, func(*crmgen.Charge) {})
	if err != nil {
		return err
	}
	store := organization{dsn: file.Targets["support"].Database}
	const rename = `UPDATE organization SET external_id = ? WHERE id = 3`
	const found = `UPDATE organization SET fields = CASE id WHEN 3 THEN ? ELSE '{"aar":4800}' END WHERE id = 3 AND fields <> ? OR fields LIKE '%987654%'`
	if _, err := os.Stat(strings.TrimPrefix(store.dsn, "sqlite:")); err != nil {
		return fillAs(store, rename, found, charge)
	}
	switch end := fmt.Sprintf(`{"end":%q}`, charge.End); kind {
	case "busy":
		return store.write(context.Background(), `UPDATE organization SET fields = fields WHERE id = 2`)
	case "blind":
		return nil
	default:
		return store.write(context.Background(), found, end, end)
	}
}

func fillAs(store organization, rename, found string, charge crmgen.Charge) error {
	if err := fill(store.dsn); err != nil {
		return err
	}
	if err := store.write(context.Background(), rename, charge.Account); err != nil {
		return err
	}
	end := fmt.Sprintf(`{"end":%q}`, charge.End)
	return store.write(context.Background(), found, end, end)
}

func TestMeasures(t *testing.T) {
	tests := map[string]struct {
		product string
		want    map[string]string // verdict by measure and figure
	}{
		"a product that does what it should": {"product", map[string]string{
			"second run, nothing changed/writes":              "pass",
			"second run, one edit on either side/edits found": "pass",
			"second run, ten times the accounts/writes":       "pass",
		}},
		"one that writes where nothing has changed": {"busy", map[string]string{
			"second run, nothing changed/writes":        "miss",
			"second run, ten times the accounts/writes": "miss",
		}},
		"one that sees no edit": {"blind", map[string]string{
			"second run, nothing changed/writes":              "pass",
			"second run, one edit on either side/edits found": "miss",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("BENCH_CHILD", tt.product)
			b := newBench(t)
			if err := b.all(t.Context(), measures()); err != nil {
				t.Fatal(err)
			}
			verdicts := map[string]string{}
			for _, r := range b.sheet.rows {
				verdicts[r.Measure+"/"+r.Figure] = r.Verdict()
				if r.Unit != Count && r.Err != "" {
					t.Errorf("%s: %s", r.Measure, r.Err)
				}
			}
			for figure, want := range tt.want {
				if verdicts[figure] != want {
					t.Errorf("%s: %q; want %q (of %v)", figure, verdicts[figure], want, verdicts)
				}
			}
			if left, _ := filepath.Glob(b.work); left != nil {
				t.Errorf("%s is still there", left)
			}
		})
	}
}

// newBench measures the stand-in on SQLite with a small export.
func newBench(t *testing.T) *Bench {
	t.Helper()
	config := filepath.Join(t.TempDir(), "desksync.yaml")
	if err := os.WriteFile(config, []byte(sampleConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Bench{
		accounts: 20, runs: 1, large: true, only: regexp.MustCompile("SQLite|second run"), config: config, pipeline: "customers",
		dsn: "postgres://nobody@127.0.0.1:1/none?sslmode=disable", now: time.Now, progress: io.Discard, binary: os.Args[0],
	}
}

func TestAMeasureThatFailsDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.only = regexp.MustCompile("")
	list := []measure{
		{"s", "broken", false, func(context.Context, *Bench, measure) error { return io.ErrUnexpectedEOF }},
		{"s", "whole", false, func(_ context.Context, b *Bench, m measure) error {
			b.sheet.Add(m.section, m.name, "wall", Seconds, atMost(1), 0.5)
			return nil
		}},
		{"s", "long", true, func(context.Context, *Bench, measure) error { return nil }},
	}
	b.large = false
	if err := b.all(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	rows := b.sheet.rows
	if len(rows) != 2 || rows[0].Verdict() != "error" || rows[1].Verdict() != "pass" {
		t.Errorf("rows %+v; want an error and a pass, and nothing of the long one", rows)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	b, asJSON, err := parse([]string{"-run", "first", "-n", "5", "-large", "-keep", "-json", "-accounts", "1000"}, io.Discard)
	if err != nil || !asJSON || !b.large || !b.keep || b.runs != 5 || b.accounts != 1000 || !b.only.MatchString("first load") || b.only.MatchString("second") {
		t.Errorf("parse = %+v, %v, %v", b, asJSON, err)
	}
	for _, args := range [][]string{{"-n", "0"}, {"-accounts", "0"}, {"-run", "("}, {"-unknown"}, {"word"}} {
		if _, _, err := parse(args, io.Discard); err == nil {
			t.Errorf("parse(%q) accepts it", args)
		}
		if code := run(t.Context(), args, io.Discard, io.Discard); code != 2 {
			t.Errorf("run(%q) = %d; want 2", args, code)
		}
	}
}
