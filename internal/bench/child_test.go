package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain lets the tests run this binary as a child: it takes memory, prints and
// ends as it is told.
func TestMain(m *testing.M) {
	switch os.Getenv("BENCH_CHILD") {
	case "1":
		os.Exit(beChild()) //nolint:forbidigo // this is main of the child
	case "product", "busy", "blind":
		os.Exit(beProduct(os.Getenv("BENCH_CHILD"))) //nolint:forbidigo // this is main of the child
	}
	m.Run()
}

const childMemory = 96 << 20

func beChild() int {
	block := make([]byte, childMemory)
	for i := 0; i < len(block); i += 1024 {
		block[i] = 1
	}
	_, _ = fmt.Fprintln(os.Stdout, "first line\nlast words", block[1024])
	return 3
}

func TestChildIsMeasured(t *testing.T) {
	t.Setenv("BENCH_CHILD", "1")
	b := &Bench{now: time.Now}
	var log bytes.Buffer
	u, err := b.child(context.Background(), &log, []int{0, 3}, t.TempDir(), os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if u.Wall <= 0 || u.User+u.Sys <= 0 || u.User+u.Sys > time.Minute {
		t.Errorf("usage %+v; want times above zero", u)
	}
	if u.Peak != 0 && (u.Peak < childMemory || u.Peak > childMemory+512<<20) {
		t.Errorf("peak %s; want about the %s that the child took", format(float64(u.Peak), Bytes), format(childMemory, Bytes))
	}
	if !strings.Contains(log.String(), "last words") {
		t.Errorf("the log has %q; want what the child printed", log.String())
	}
}

func TestChildThatFailsIsQuoted(t *testing.T) {
	t.Setenv("BENCH_CHILD", "1")
	b := &Bench{now: time.Now}
	_, err := b.child(context.Background(), io.Discard, []int{0}, t.TempDir(), os.Args[0])
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "last words 1") {
		t.Errorf("child: %v; want its exit code and its last words", err)
	}
	if _, err := b.child(context.Background(), io.Discard, []int{0}, t.TempDir(), "./no-such-program"); err == nil || !strings.Contains(err.Error(), "does not start") {
		t.Errorf("child of no program: %v; want that it does not start", err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	last := &tail{}
	for n := range 10_000 {
		_, _ = fmt.Fprintf(last, "line %d\r\n", n)
	}
	if got := last.String(); len(last.buf) > tailSize || !strings.HasPrefix(got, "line 9995 | ") || !strings.HasSuffix(got, "line 9999") {
		t.Errorf("tail = %q (%d bytes); want the last five lines", got, len(last.buf))
	}
	if got := (&tail{}).String(); got != "it printed nothing" {
		t.Errorf("tail of nothing = %q", got)
	}
}
