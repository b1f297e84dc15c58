// Command withpostgres runs a command beside a throw-away PostgreSQL and stops that
// when the command ends: withpostgres go test ./... The command finds the server in
// the environment; a server named there already is used instead.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/desksync/desksync/internal/dbx/dbtest"
)

func main() {
	code, err := run(context.Background(), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
	}
	os.Exit(code)
}

func run(ctx context.Context, args []string) (code int, err error) {
	if len(args) == 0 {
		return 2, errors.New("name the command to run, such as: withpostgres go test ./sla")
	}
	if os.Getenv(dbtest.Env) == "" {
		cluster, err := dbtest.Start(ctx)
		if err != nil {
			return 1, err
		}
		defer func() { err = errors.Join(err, cluster.Stop(context.WithoutCancel(ctx))) }()
		if err := os.Setenv(dbtest.Env, cluster.DSN); err != nil {
			return 1, err
		}
	}
	return command(ctx, args)
}

// command runs args with our terminal; an interrupt is for it to answer.
func command(ctx context.Context, args []string) (int, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	go func() {
		for s := range signals {
			_ = cmd.Process.Signal(s) // gone already: Wait says how
		}
	}()
	err := cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
