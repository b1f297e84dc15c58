package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata")

func TestVerdict(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		row  Row
		want string
	}{
		"a time below its goal passes":                    {Row{Unit: Seconds, Goal: atMost(6), Values: []float64{5.9}}, "pass"},
		"a time at its goal passes":                       {Row{Unit: Seconds, Goal: atMost(6), Values: []float64{6}}, "pass"},
		"a time above its goal misses":                    {Row{Unit: Seconds, Goal: atMost(6), Values: []float64{6.1}}, "miss"},
		"one slow run of three does not count":            {Row{Unit: Seconds, Goal: atMost(6), Values: []float64{5, 90, 5.5}}, "pass"},
		"a rate below its goal misses":                    {Row{Unit: PerSecond, Goal: atLeast(25_000), Values: []float64{24_999}}, "miss"},
		"one write in one of three runs misses":           {Row{Unit: Count, Goal: exactly(0), Values: []float64{0, 1, 0}}, "miss"},
		"no write in any run passes":                      {Row{Unit: Count, Goal: exactly(0), Values: []float64{0, 0, 0}}, "pass"},
		"what has no goal has no verdict":                 {Row{Unit: Seconds, Values: []float64{3}}, ""},
		"what could not be measured is an error":          {Row{Err: "no product"}, "error"},
		"a figure without values is an error":             {Row{Goal: atMost(1)}, "error"},
		"an error stands even where values were measured": {Row{Goal: atMost(1), Values: []float64{0}, Err: "died"}, "error"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.row.Verdict(); got != tt.want {
				t.Errorf("Verdict of %+v = %q; want %q", tt.row, got, tt.want)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := (Row{Values: tt.values}).Median(); got != tt.want {
			t.Errorf("Median of %v = %v; want %v", tt.values, got, tt.want)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value float64
		unit  Unit
		want  string
	}{
		{5.994, Seconds, "5.99 s"},
		{61.25, Seconds, "61.2 s"},
		{160 * mib, Bytes, "160 MiB"},
		{24 << 30, Bytes, "24.0 GiB"},
		{31204.4, PerSecond, "31,204/s"},
		{999, Count, "999"},
		{1234567, Count, "1,234,567"},
		{-1000, Count, "-1,000"},
	} {
		if got := format(tt.value, tt.unit); got != tt.want {
			t.Errorf("format(%v, %s) = %q; want %q", tt.value, tt.unit, got, tt.want)
		}
	}
}

// sample is a sheet with every kind of row.
func sample() (Machine, []*Row) {
	var s Sheet
	for _, v := range []float64{5.1, 6.2, 5.4} {
		s.Add("The main job", "second run", "wall", Seconds, atMost(6), v)
		s.Add("The main job", "second run", "user", Seconds, Goal{}, v*1.5)
		s.Add("The main job", "second run", "peak memory", Bytes, atMost(128*mib), 130*mib)
		s.Add("The main job", "second run", "writes", Count, exactly(0), 0).Note = "by the store's own counter"
	}
	s.Add("The main job", "rules", "accounts", PerSecond, atLeast(25_000), 31_204)
	s.Fail("Another job", "first load", errors.New("the product does not build"))
	m := Machine{
		CPU: "A Processor", Cores: 2, Memory: 24 << 30, Go: "go1.26 linux/amd64, CGO_ENABLED=0", SQLite: "3.53.0", Postgres: "17.1 (as given)",
		Accounts: 100_000, Runs: 3, Own: 20 * mib, At: "2026-11-21 19:00 UTC",
	}
	return m, s.rows
}

func TestTable(t *testing.T) {
	t.Parallel()
	m, rows := sample()
	var out bytes.Buffer
	if err := writeTable(&out, m, rows); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "table.txt")
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the table is\n%s\nwant\n%s", out.String(), want)
	}
}

func TestJSONHasMediansAndVerdicts(t *testing.T) {
	t.Parallel()
	m, rows := sample()
	var out bytes.Buffer
	if err := writeJSON(&out, m, rows); err != nil {
		t.Fatal(err)
	}
	var got report
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("writeJSON wrote %s: %v", out.String(), err)
	}
	first, last := got.Rows[0], got.Rows[len(got.Rows)-1]
	if got.Machine != m || first.Median != 5.4 || first.Verdict != "pass" || last.Verdict != "error" || last.Err == "" {
		t.Errorf("writeJSON: first %+v, last %+v", first, last)
	}
}

func TestAFailedWriteIsTold(t *testing.T) {
	t.Parallel()
	m, rows := sample()
	if err := writeTable(full{}, m, rows); !errors.Is(err, errFull) {
		t.Errorf("writeTable on a full disk: %v; want that it is full", err)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestBadCountsMissesAndErrors(t *testing.T) {
	t.Parallel()
	_, rows := sample()
	if got := (&Sheet{rows}).Bad(); got != 2 {
		t.Errorf("Bad() = %d; want 2: peak memory and the load that was not measured", got)
	}
}
