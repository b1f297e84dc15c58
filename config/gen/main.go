// Command gen writes what follows from the shape of the configuration: the JSON
// schemas for editors and the reference for people. It runs in the repository's
// root; a test says when a file is stale.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
)

//go:generate go run .

func main() {
	err := toRoot()
	var files map[string][]byte
	if err == nil {
		files, err = generate()
	}
	for name, content := range files {
		if err == nil {
			err = os.WriteFile(name, content, 0o644) //nolint:gosec // for everyone to read
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// toRoot goes up to the folder of go.mod.
func toRoot() error {
	for range 10 {
		if _, err := os.Stat("go.mod"); err == nil {
			return nil
		}
		if err := os.Chdir(".."); err != nil {
			return err
		}
	}
	return errors.New("no go.mod above this folder")
}

// generate returns the generated files by name.
func generate() (map[string][]byte, error) {
	file, err := schemaOf("desksync.schema.json", "desksync configuration", new(config.File))
	if err != nil {
		return nil, err
	}
	overrides, err := schemaOf("examples/overrides.schema.json", "desksync overrides", new([]config.Override))
	if err != nil {
		return nil, err
	}
	cases, err := schemaOf("examples/case.schema.json", "desksync case", new(casefile.Case))
	if err != nil {
		return nil, err
	}
	reference, err := configurationPage()
	if err != nil {
		return nil, err
	}
	page, err := casesPage()
	return map[string][]byte{
		"desksync.schema.json":               file,
		"config/schema.json":                 file,
		"examples/demo/desksync.schema.json": file,
		"examples/overrides.schema.json":     overrides,
		"examples/case.schema.json":          cases,
		"docs/configuration.md":              reference,
		"docs/cases.md":                      page,
	}, err
}
