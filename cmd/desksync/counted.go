//go:build counted && unix

package main

import (
	"encoding/json"
	"os"
	"os/signal"
	"syscall"

	"github.com/desksync/desksync/internal/dbx"
)

// Built with the tag counted, the program prints on SIGUSR1, as a line of JSON, how often
// it made each statement since it began.
func init() { //nolint:gochecknoinits // only in binaries that measures build
	statements = func(a *app) {
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGUSR1)
		go func() {
			for range asked {
				_ = json.NewEncoder(a.out).Encode(dbx.Statements())
			}
		}()
	}
}
