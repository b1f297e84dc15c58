package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/internal/fault"
)

// The exit codes are interface: scripts and supervisors act on them.
const (
	exitOK          = 0   // in step or applied, held fields included
	exitFailed      = 1   // failed
	exitUsage       = 2   // wrong flags or configuration
	exitPartly      = 3   // partly applied, or conflicts
	exitFound       = 4   // diff or drift found something to do or held
	exitRefused     = 5   // a guard, another run, a wrong environment, everything moved
	exitInterrupted = 130 // interrupted
)

const exitHelp = `Exit codes:
  0    in step or applied (held fields included)
  1    failed
  2    wrong flags or configuration
  3    partly applied, or conflicts
  4    diff or drift found something to do or held
  5    refused: a guard, another run, a wrong environment, everything moved
  130  interrupted`

// exitError ends the program with a code; what is to be said was said already,
// unless there is a cause.
type exitError struct {
	code  int
	cause error
}

func (e *exitError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.cause.Error()
}

func (e *exitError) Unwrap() error { return e.cause }

// exit returns an error that ends the program with a code and without words.
func exit(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}

// usage is an error of flags or configuration.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// refused is an error of asking for what must not be done.
func refused(format string, args ...any) error {
	return &exitError{exitRefused, fmt.Errorf(format, args...)}
}

// codeOf is the exit code of an error.
func codeOf(err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	if _, ok := errors.AsType[config.Problems](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*wire.Mistake](err); ok {
		return exitUsage
	}
	if fault.KindOf(err) == fault.Unsafe {
		return exitRefused
	}
	return exitFailed
}
