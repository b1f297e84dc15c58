package main

import (
	"bufio"
	"cmp"
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

// confirm asks on a terminal; nobody there means no.
func (a *app) confirm(format string, args ...any) bool {
	f, ok := a.in.(*os.File)
	if !ok || !isTerminal(f) || a.json {
		return false
	}
	fmt.Fprintf(a.err, format+" [y/N] ", args...)
	line, err := bufio.NewReader(f).ReadString('\n')
	return err == nil && strings.EqualFold(strings.TrimSpace(line), "y")
}
