package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// finding is one complaint of the linter.
type finding struct{ linter, file, text string }

// lint runs the arrows and the forbidden calls over dir, with the configuration there.
func lint(ctx context.Context, bin, dir string) ([]finding, error) {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, bin, "run", "--enable-only", "depguard,forbidigo", "--output.json.path", "stdout", "--show-stats=false", "./...")
	cmd.Dir = dir
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		return nil, fmt.Errorf("lintcheck: the linter did not complain about what was planted: %w\n%s%s", err, out.Bytes(), said.Bytes())
	}
	return parse(out.Bytes())
}

func parse(report []byte) ([]finding, error) {
	var r struct {
		Issues []struct {
			FromLinter, Text string
			Pos              struct{ Filename string }
		}
	}
	if err := json.NewDecoder(bytes.NewReader(report)).Decode(&r); err != nil {
		return nil, fmt.Errorf("lintcheck: the linter's report cannot be read: %w", err)
	}
	var found []finding
	for _, i := range r.Issues {
		found = append(found, finding{i.FromLinter, filepath.ToSlash(i.Pos.Filename), i.Text})
	}
	return found, nil
}
