//go:build killpoints

package main

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/desksync/desksync/sync/schedule"
)

// Built with the tag killpoints, the program kills itself where the environment says
// so: DESKSYNC_KILL=POINT:N:MICROSECONDS dies that long after the Nth time it passes a
// point, and with :INT behind it is interrupted instead, as by Ctrl-C;
// DESKSYNC_KILL=count:FILE writes how often each point was passed. DESKSYNC_LEASE is how
// long a silent process is waited for, as if each ran on a machine of its own.
func init() { //nolint:gochecknoinits // only in binaries that tests build
	killpoints = func(a *app) {
		if lease, err := time.ParseDuration(os.Getenv("DESKSYNC_LEASE")); err == nil {
			alone(a, lease)
		}
		word := os.Getenv("DESKSYNC_KILL")
		if file, ok := strings.CutPrefix(word, "count:"); ok {
			a.checkpoint = countPoints(file)
			return
		}
		signal := syscall.SIGKILL
		word, interrupts := strings.CutSuffix(word, ":INT")
		if interrupts {
			signal = syscall.SIGINT
		}
		parts := strings.Split(word, ":")
		if len(parts) != 3 {
			return
		}
		nth, _ := strconv.ParseInt(parts[1], 10, 64)
		wait, _ := strconv.Atoi(parts[2])
		var passed atomic.Int64
		a.checkpoint = func(point string) {
			if point == parts[0] && passed.Add(1) == nth {
				go die(time.Duration(wait)*time.Microsecond, signal)
			}
		}
	}
}

// alone lets a process know nothing of others but what the database says.
func alone(a *app, lease time.Duration) {
	nobody := func(string) bool { return false }
	a.lease, a.dead = lease, nobody
	a.daemon = func(o *schedule.Options) {
		o.Lease, o.Dead, o.Sweep, o.Slice, o.Ask = lease, nobody, lease/4, lease, lease/4
		o.Timeout, o.Rescue = 2*lease, 3*lease
	}
}

func die(after time.Duration, signal syscall.Signal) {
	time.Sleep(after)
	_ = syscall.Kill(os.Getpid(), signal)
}

func countPoints(file string) func(string) {
	lines := make(chan string, 1024)
	out, err := os.Create(file)
	if err != nil {
		return nil
	}
	go func() {
		for l := range lines {
			_, _ = out.WriteString(l + "\n")
		}
	}()
	return func(point string) { lines <- point }
}
