package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Usage is what a child process took, by the kernel's own account of it.
type Usage struct {
	Wall, User, Sys time.Duration
	Peak            int64 // largest resident memory in bytes; 0 where the system does not say
}

// child runs a program to its end and measures it. What it prints goes to logTo. An
// exit code that is not among accept is an error that quotes the last lines.
func (b *Bench) child(ctx context.Context, logTo io.Writer, accept []int, dir, program string, args ...string) (Usage, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	last := &tail{}
	cmd.Stdout = io.MultiWriter(logTo, last)
	cmd.Stderr = cmd.Stdout
	start := b.now()
	err := cmd.Run()
	u := Usage{Wall: b.now().Sub(start)}
	if cmd.ProcessState == nil {
		return u, fmt.Errorf("%s does not start: %w", program, err)
	}
	u.User, u.Sys, u.Peak = cmd.ProcessState.UserTime(), cmd.ProcessState.SystemTime(), peak(cmd.ProcessState.SysUsage())
	if code := cmd.ProcessState.ExitCode(); !slices.Contains(accept, code) {
		return u, errors.Join(ctx.Err(), fmt.Errorf("%s %s ends with %s: %s", program, strings.Join(args, " "), cmd.ProcessState, last))
	}
	return u, nil
}

// tail keeps the end of what is written to it.
type tail struct{ buf []byte }

const tailSize = 2 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if extra := len(t.buf) - tailSize; extra > 0 {
		t.buf = t.buf[extra:]
	}
	return len(p), nil
}

// String is the last lines on one line.
func (t *tail) String() string {
	lines := bytes.FieldsFunc(t.buf, func(c rune) bool { return c == '\n' || c == '\r' })
	if len(lines) == 0 {
		return "it printed nothing"
	}
	return string(bytes.Join(lines[max(0, len(lines)-5):], []byte(" | ")))
}
