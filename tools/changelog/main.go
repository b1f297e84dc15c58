// Command changelog checks the entries in changelog/unreleased, or prints them as
// one page: changelog check, changelog print. Their form stands in changelog/README.md.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

const folder = "changelog/unreleased"

func main() {
	if err := run(os.Stdout, os.DirFS("."), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(w io.Writer, fsys fs.FS, args []string) error {
	entries, err := load(fsys)
	switch {
	case len(args) != 1 || args[0] != "check" && args[0] != "print":
		return errors.New("say what to do: changelog check, or changelog print")
	case err != nil:
		return err
	case args[0] == "print":
		return page(w, entries)
	}
	return nil
}

// load reads all entries and returns all that is wrong with them.
func load(fsys fs.FS) ([]entry, error) {
	files, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return nil, err
	}
	var entries []entry
	var errs []error
	for _, f := range files {
		e, err := read(fsys, folder+"/"+f.Name())
		entries, errs = append(entries, e), append(errs, err)
	}
	return entries, errors.Join(errs...)
}

// page prints the entries, those that someone has to know first.
func page(w io.Writer, entries []entry) error {
	slices.SortStableFunc(entries, func(a, b entry) int { return slices.Index(kinds, a.kind) - slices.Index(kinds, b.kind) })
	for _, e := range entries {
		if _, err := fmt.Fprintf(w, "## %s: %s\n\n%s\n", e.kind, e.title, e.text); err != nil {
			return err
		}
	}
	return nil
}
