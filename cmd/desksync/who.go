package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"strings"
)

// who is the person at the keyboard, for the record.
func (a *app) who() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return cmp.Or(os.Getenv("USER"), "somebody")
}

// asks reports whether somebody sits at a terminal who can be asked.
func (a *app) asks() bool {
	f, ok := a.in.(*os.File)
	return ok && isTerminal(f) && !a.json
}

// confirm asks on a terminal; nobody there, or an interrupt, means no.
func (a *app) confirm(ctx context.Context, format string, args ...any) bool {
	if !a.asks() {
		return false
	}
	fmt.Fprintf(a.err, format+" [y/N] ", args...)
	answer := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(a.in).ReadString('\n')
		if err != nil {
			line = ""
		}
		answer <- line
	}()
	select {
	case line := <-answer:
		return strings.EqualFold(strings.TrimSpace(line), "y")
	case <-ctx.Done():
		return false
	}
}
