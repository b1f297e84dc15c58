package main

import (
	"strings"
	"testing"
)

func TestParseBench(t *testing.T) {
	t.Parallel()
	const text = `go: downloading example.com v1.0.0
{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Output":"goos: linux\n"}
{"Action":"output","Package":"p","Test":"BenchmarkMap","Output":"BenchmarkMap\n"}
{"Action":"output","Package":"p","Test":"BenchmarkMap","Output":"BenchmarkMap   \t"}
{"Action":"output","Package":"p","Test":"BenchmarkMap","Output":"   48920\t     24500 ns/op\t     512 B/op\t       3 allocs/op\n"}
{"Action":"output","Package":"p","Test":"BenchmarkMap/all-2","Output":"BenchmarkMap/all-2   \t"}
{"Action":"output","Package":"p","Test":"BenchmarkMap/all-2","Output":"     100\t  1e+06 ns/op\t     30000.5 accounts/s\n"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"pass","Package":"p"}
`
	got, err := parseBench(strings.NewReader(text))
	if err != nil || len(got) != 2 {
		t.Fatalf("parseBench = %+v, %v; want two results", got, err)
	}
	if rate, ok := got[0].rate(); got[0].Name != "BenchmarkMap" || !ok || int(rate) != 40_816 || got[0].Metrics["allocs/op"] != 3 {
		t.Errorf("first = %+v, %v accounts/s; want one account per operation of 24500 ns", got[0], rate)
	}
	if rate, ok := got[1].rate(); got[1].Name != "BenchmarkMap/all" || !ok || rate != 30_000.5 {
		t.Errorf("second = %+v, %v accounts/s; want the rate it reports", got[1], rate)
	}
}

func TestParseBenchOfNothing(t *testing.T) {
	t.Parallel()
	if got, err := parseBench(strings.NewReader("{\"Action\":\"output\",\"Output\":\"testing: warning: no tests to run\\n\"}\n")); err != nil || got != nil {
		t.Errorf("parseBench = %v, %v; want nothing", got, err)
	}
	if _, ok := (goBenchmark{}).rate(); ok {
		t.Error("a result without time has a rate")
	}
}
