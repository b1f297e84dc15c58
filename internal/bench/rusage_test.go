//go:build unix

package main

import (
	"runtime"
	"syscall"
	"testing"
)

func TestPeakOfRusage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		maxrss int64
		goos   string
		want   int64
	}{
		{131_072, "linux", 128 * mib},
		{131_072, "freebsd", 128 * mib},
		{134_217_728, "darwin", 128 * mib},
		{0, "linux", 0},
	} {
		if got := inBytes(tt.maxrss, tt.goos); got != tt.want {
			t.Errorf("inBytes(%d, %s) = %d; want %d", tt.maxrss, tt.goos, got, tt.want)
		}
	}
	u := &syscall.Rusage{Maxrss: 4096}
	if got, want := peak(u), inBytes(4096, runtime.GOOS); got != want {
		t.Errorf("peak = %d; want %d", got, want)
	}
	if peak(nil) != 0 || peak((*syscall.Rusage)(nil)) != 0 || peak("other") != 0 {
		t.Error("peak of what is no rusage is not 0")
	}
	if own := ownPeak(); own < mib {
		t.Errorf("ownPeak = %d; want what a running program takes", own)
	}
}
