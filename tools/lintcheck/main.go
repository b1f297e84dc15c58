// Command lintcheck sees the linter fail: it plants one offence against every arrow
// and every forbidden call of .golangci.yml in a module of its own, runs the linter
// there, and complains about each rule that did not speak. It also names packages
// that no arrow covers. Usage, at the root of the repository: lintcheck GOLANGCI-LINT
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("lintcheck: name the golangci-lint to run")
	}
	rules, err := readRules(".golangci.yml")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "lintcheck-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := plantAll(dir); err != nil {
		return err
	}
	said, err := lint(ctx, args[0], dir)
	if err != nil {
		return err
	}
	return errors.Join(verdict(rules, said), uncovered(".", rules))
}

// plantAll lays out a module with our go.mod and configuration, and the offences.
func plantAll(dir string) error {
	files := offences()
	for _, name := range []string{"go.mod", "go.sum", ".golangci.yml"} {
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files[name] = string(body)
	}
	for name, body := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			return err
		}
	}
	return nil
}
