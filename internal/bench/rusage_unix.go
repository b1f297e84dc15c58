//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak reads the largest resident memory out of a child's rusage. The kernel
// counts in KiB, that of Apple in bytes (getrusage(2)). On Linux a child begins
// with the peak of the process that started it, so that this program keeps itself
// small and shows its own.
func peak(sys any) int64 {
	u, ok := sys.(*syscall.Rusage)
	if !ok || u == nil {
		return 0
	}
	return inBytes(int64(u.Maxrss), runtime.GOOS) //nolint:unconvert // 32 bits wide on some systems
}

func inBytes(maxrss int64, goos string) int64 {
	if goos == "darwin" || goos == "ios" {
		return maxrss
	}
	return maxrss * 1024
}

// ownPeak is the largest resident memory of this process so far.
func ownPeak() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return peak(&u)
}

// askToCount has a daemon that counts print what it counted.
func askToCount(p *os.Process) error { return p.Signal(syscall.SIGUSR1) }
