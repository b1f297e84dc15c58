package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/examples"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// calledAs is how the program under test names itself, up to the command.
var calledAs = regexp.MustCompile(`more: .* runs`)

// TestADiffOfManyChangesStaysReadable prints 100,000 changes, of which each
// thousandth is drift, as diff does.
func TestADiffOfManyChangesStaysReadable(t *testing.T) {
	t.Parallel()
	const many = 100_000
	run := storeMany(t, many)
	tests := map[string]struct {
		flags diffFlags
		json  bool
		heads int // organizations shown
		last  string
	}{
		"by default":        {diffFlags{max: 1000}, false, 1000, "… and 99,000 more: desksync runs show 1 --max 0"},
		"a cause":           {diffFlags{max: 1000, filter: deltaFilter{causes: []string{"drifted"}}}, false, 100, ""},
		"a field":           {diffFlags{max: 10, filter: deltaFilter{fields: []string{"arr"}}}, false, 10, "… and 99,890 more: desksync runs show 1 --max 0 --field arr"},
		"a field of no one": {diffFlags{max: 10, filter: deltaFilter{fields: []string{"seats"}}}, false, 0, ""},
		"for programs":      {diffFlags{max: 10}, true, many, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := run(t, tt.flags, tt.json)
			lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
			if filter := tt.flags.filter.String(); filter != "" {
				if sum := lines[len(lines)-1]; !strings.HasPrefix(sum, strings.TrimSpace(filter)+": ") || !strings.HasSuffix(sum, " of 100,000 changes; the sums of the run count all") {
					t.Errorf("the line below the list is %q", sum)
				}
				lines = append([]string{""}, lines[:len(lines)-1]...) // the list alone
			}
			n := strings.Count(out, "001Bb")
			if tt.json {
				n = len(lines)
			}
			if n != tt.heads {
				t.Errorf("%d organizations are shown, want %d", n, tt.heads)
			}
			if most := max(3*tt.heads, 1) + 1; !tt.json && len(lines) > most {
				t.Errorf("%d lines, want at most %d", len(lines), most)
			}
			if last := calledAs.ReplaceAllString(lines[len(lines)-1], "more: desksync runs"); tt.last != "" && last != tt.last || tt.last == "" && strings.HasPrefix(last, "…") {
				t.Errorf("the last line is %q, want %q", last, tt.last)
			}
		})
	}
}

// storeMany fills a journal with the changes of a diff, and returns what prints it.
func storeMany(t *testing.T, n int) func(*testing.T, diffFlags, bool) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"desksync.yaml", "overrides.yaml"} {
		text, err := fs.ReadFile(examples.Demo(), name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := errors.Join(err, os.WriteFile(filepath.Join(dir, name), text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	open := func(t *testing.T, json bool, fn func(*session) error) string {
		t.Helper()
		var out bytes.Buffer
		a := &app{config: filepath.Join(dir, "desksync.yaml"), now: func() time.Time { return at }, out: &out, err: &out, json: json}
		if err := a.with(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	open(t, false, func(s *session) error {
		pipe, err := s.journal.Pipeline(t.Context(), "customers", "crm", "support")
		if err != nil {
			return err
		}
		run, err := s.journal.Begin(t.Context(), journal.RunSpec{Pipeline: pipe.ID, Target: "support", Mode: journal.Diff, Holder: "test", Day: day.Of(at)})
		for from := 0; from < n && err == nil; from += 1000 {
			err = s.journal.AddChanges(t.Context(), run, thousandChanges(from))
		}
		return err
	})
	return func(t *testing.T, f diffFlags, json bool) string {
		t.Helper()
		return open(t, json, func(s *session) error {
			return s.printChanges(t.Context(), 1, f.filter.view(s, "customers", 1, f.max))
		})
	}
}

// thousandChanges are a thousand organizations with one field to write each; the
// first of them drifted, and is held.
func thousandChanges(from int) []journal.ChangeRow {
	out := make([]journal.ChangeRow, 1000)
	for i := range out {
		key := fmt.Sprintf("001Bb%010d", from+i)
		d := helpdesk.Delta{Field: "field:arr", Have: helpdesk.TextOf("1"), Want: helpdesk.TextOf("2"), Cause: helpdesk.Moved}
		if i == 0 {
			d.Field, d.Cause, d.Hold = helpdesk.Name, helpdesk.Drifted, changeset.Hold(changeset.HoldPolicy, "on_drift")
		}
		c := helpdesk.Change{
			Op: helpdesk.Update, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: key}, Account: key,
			Name: fmt.Sprintf("Company %d", from+i), Deltas: []helpdesk.Delta{d},
		}
		out[i] = journal.ChangeRow{Rank: 1, Seq: int64(from + i + 1), Account: key, Kind: c.Ref.Kind, Key: key, Op: c.Op, Body: c.Pack(nil)}
	}
	return out
}
