package extsort_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/internal/extsort"
	"github.com/desksync/desksync/internal/fault"
)

const tiny = 1 // the least memory a Sorter accepts: spills after half a mebibyte

type pair struct{ key, value string }

// collect adds all pairs, and returns what comes back and how much was spilled.
func collect(t interface{ Fatal(...any) }, opt extsort.Options, in []pair) ([]pair, int64) {
	s := extsort.New(opt)
	defer func() {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	for _, p := range in {
		if err := s.Add([]byte(p.key), []byte(p.value)); err != nil {
			t.Fatal(err)
		}
	}
	var out []pair
	for r, err := range s.Sorted(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, pair{string(r.Key), string(r.Value)})
	}
	return out, s.Spilled()
}

func sorted(in []pair) []pair {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	return out
}

func TestSorted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		n, pad int
		spills bool
		key    func(i int) string
	}{
		"nothing":                            {0, 0, false, nil},
		"one record":                         {1, 10, false, func(int) string { return "a" }},
		"a few in memory":                    {1000, 10, false, shuffled},
		"many on disk":                       {40_000, 100, true, shuffled},
		"keys of one long beginning":         {40_000, 100, true, func(i int) string { return strings.Repeat("x", 50) + shuffled(i) }},
		"equal keys keep their order":        {40_000, 100, true, func(i int) string { return fmt.Sprint(i % 7) }},
		"empty keys":                         {20_000, 100, true, func(int) string { return "" }},
		"keys that are beginnings of others": {20_000, 100, true, func(i int) string { return strings.Repeat("a", i%20) + strings.Repeat("\x00", i%3) }},
		"records larger than any buffer":     {40, 400_000, true, shuffled},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := make([]pair, tt.n)
			for i := range in {
				in[i] = pair{tt.key(i), fmt.Sprint(i) + strings.Repeat(".", tt.pad)}
			}
			got, spilled := collect(t, extsort.Options{Memory: tiny, Dir: t.TempDir()}, in)
			if want := sorted(in); !slices.Equal(got, want) {
				t.Errorf("%d records came back as %d, or in another order", len(want), len(got))
			}
			if (spilled > 0) != tt.spills {
				t.Errorf("spilled %d bytes, want any: %v", spilled, tt.spills)
			}
		})
	}
}

func shuffled(i int) string { return fmt.Sprintf("%08d", i*7919%100_003) }

func TestSortedAnything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringOfN(rapid.SampledFrom([]rune("ab\x00é")), 0, 12, -1)
		keys := rapid.SliceOfN(key, 0, 50).Draw(t, "keys")
		pad := strings.Repeat("p", rapid.SampledFrom([]int{0, 60_000}).Draw(t, "pad"))
		in := make([]pair, len(keys))
		for i, k := range keys {
			in[i] = pair{k, fmt.Sprint(i, pad)}
		}
		if got, _ := collect(t, extsort.Options{Memory: tiny, Dir: dir}, in); !slices.Equal(got, sorted(in)) {
			t.Fatalf("keys %q come back in another order", keys)
		}
	})
}

func TestNothingStaysOnDisk(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*extsort.Sorter){
		"closed before sorting": func(*extsort.Sorter) {},
		"sorted to the end": func(s *extsort.Sorter) {
			for range s.Sorted(context.Background()) {
			}
		},
		"left in the middle": func(s *extsort.Sorter) {
			for range s.Sorted(context.Background()) {
				break
			}
		},
	}
	for name, use := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := extsort.New(extsort.Options{Memory: tiny, Dir: dir})
			fill(t, s)
			use(s)
			if err := errors.Join(s.Close(), s.Close()); err != nil {
				t.Fatal(err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%d files are left in the temporary directory", len(left))
			}
		})
	}
}

// TestKilledLeavesNothing looks at the directory while the file is in use.
func TestKilledLeavesNothing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("an open file keeps its name on Windows")
	}
	dir := t.TempDir()
	s := extsort.New(extsort.Options{Memory: tiny, Dir: dir})
	defer s.Close()
	fill(t, s)
	for range s.Sorted(t.Context()) {
		if left, _ := os.ReadDir(dir); len(left) > 0 || s.Spilled() == 0 {
			t.Errorf("%d files have a name while %d bytes are spilled", len(left), s.Spilled())
		}
		break
	}
}

func fill(t *testing.T, s *extsort.Sorter) {
	t.Helper()
	value := make([]byte, 100)
	for i := range 20_000 {
		if err := s.Add(binary.BigEndian.AppendUint64(nil, uint64(i*7919)), value); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	for name, spills := range map[string]bool{"in memory": false, "on disk": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := extsort.New(extsort.Options{Memory: tiny, Dir: t.TempDir()})
			defer s.Close()
			_ = s.Add([]byte("a"), nil)
			if spills {
				fill(t, s)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			var last error
			n := 0
			for _, err := range s.Sorted(ctx) {
				last = err
				n++
			}
			if n != 1 || !errors.Is(last, context.Canceled) {
				t.Errorf("got %d yields, the last with %v; want one with context.Canceled", n, last)
			}
		})
	}
}

func TestNoTemporaryDirectory(t *testing.T) {
	t.Parallel()
	s := extsort.New(extsort.Options{Memory: tiny, Dir: filepath.Join(t.TempDir(), "missing")})
	defer s.Close()
	var err error
	for i := 0; i < 100 && err == nil; i++ {
		err = s.Add([]byte("k"), bytes.Repeat([]byte("v"), 100_000))
	}
	if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "free some room there") {
		t.Errorf("got %v, want an unavailable fault that says what to do", err)
	}
	for _, again := range s.Sorted(t.Context()) {
		if again == nil {
			t.Fatal("a record after a failure: the others are lost")
		}
	}
}

// BenchmarkSort sorts 5 million records of 200 bytes: a gigabyte.
func BenchmarkSort(b *testing.B) {
	const records = 5_000_000
	for b.Loop() {
		s := extsort.New(extsort.Options{Dir: b.TempDir()})
		load(b, s, records)
		n := 0
		for _, err := range s.Sorted(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if err := s.Close(); err != nil || n != records {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(records*b.N)/b.Elapsed().Seconds(), "records/s")
}

// load adds records with keys of 37 bytes, as pairs of Salesforce ids are.
func load(b *testing.B, s *extsort.Sorter, records int) {
	b.Helper()
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	rnd := rand.New(rand.NewPCG(1, 2))
	key, value := []byte("001Aa0000000000AAA\x00003Aa0000000000AAA"), make([]byte, 200-37)
	for range records {
		for j := 9; j < 15; j++ {
			key[j], key[19+j] = digits[rnd.IntN(62)], digits[rnd.IntN(62)]
		}
		if err := s.Add(key, value); err != nil {
			b.Fatal(err)
		}
	}
}
