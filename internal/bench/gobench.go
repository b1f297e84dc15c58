package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// goBenchmark is one result line of `go test -bench`: the metrics by unit.
type goBenchmark struct {
	Name    string
	Metrics map[string]float64
}

var benchLine = regexp.MustCompile(`^(Benchmark\S+?)(?:-\d+)?\s+\d+\s+(.+)$`)

// parseBench reads the output of `go test -bench -json`. The name of a benchmark
// and its figures come as two events, so that the output is put together first.
// Lines that are no event, such as news of the go command, are passed over.
func parseBench(r io.Reader) ([]goBenchmark, error) {
	var text strings.Builder
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct{ Action, Output string }
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Action == "output" {
			text.WriteString(event.Output)
		}
	}
	return benchLines(text.String()), lines.Err()
}

// benchLines reads the lines that benchmarks print.
func benchLines(text string) (out []goBenchmark) {
	for line := range strings.Lines(text) {
		if m := benchLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			out = append(out, goBenchmark{m[1], metrics(m[2])})
		}
	}
	return out
}

// metrics reads "1234 ns/op  40000 accounts/s".
func metrics(text string) map[string]float64 {
	parts := strings.Fields(text)
	out := make(map[string]float64, len(parts)/2)
	for i := 0; i+1 < len(parts); i += 2 {
		if v, err := strconv.ParseFloat(parts[i], 64); err == nil {
			out[parts[i+1]] = v
		}
	}
	return out
}

// rate is how many accounts a benchmark handles in a second: as it reports itself,
// or one for each operation.
func (g goBenchmark) rate() (float64, bool) {
	if v, ok := g.Metrics["accounts/s"]; ok {
		return v, true
	}
	if ns := g.Metrics["ns/op"]; ns > 0 {
		return 1e9 / ns, true
	}
	return 0, false
}

// onlyThis matches one benchmark, or one below another: Name/below.
func onlyThis(name string) string { return "^" + strings.ReplaceAll(name, "/", "$/^") + "$" }

// goBench runs one benchmark of a package on one core, b.runs times.
func (b *Bench) goBench(ctx context.Context, pkg, name string) ([]goBenchmark, error) {
	var out bytes.Buffer
	_, err := b.child(ctx, &out, []int{0}, ".", "go", "test", "-json", "-run", "^$", "-bench", onlyThis(name), "-cpu", "1",
		"-count", strconv.Itoa(b.runs), pkg)
	if err != nil {
		return nil, err
	}
	found, err := parseBench(&out)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%s has no benchmark %s; name the one to run with -map", pkg, name)
	}
	return found, err
}
