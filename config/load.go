package config

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/desksync/desksync/config/strict"
)

// Problem is one fault of a file; Problems are all of them.
type (
	Problem  = strict.Problem
	Problems = strict.Problems
)

// Load reads the configuration file and checks it as far as a file alone can be
// checked. The error is Problems: all of them, in the order of the lines.
func Load(path string) (*File, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, Problems{{File: path, Msg: "cannot be read: " + cause(err), Fix: "name another file with --config, or write one with `desksync init`"}}
	}
	return Parse(path, src)
}

// Parse is Load for a text already read; relative paths begin where name stands.
func Parse(name string, src []byte) (*File, error) {
	doc, err := strict.Parse(name, src)
	if err != nil {
		return nil, err
	}
	f := &File{doc: doc}
	if f.fromFuture() {
		return nil, doc.Err()
	}
	doc.Decode(f)
	f.check()
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// fromFuture refuses a file of a newer format before its new keys are reported
// as unknown.
func (f *File) fromFuture() bool {
	for _, e := range f.doc.Root().Entries() {
		if e.Key != "version" || e.Value.Kind() != strict.Number || e.Value.Text() == fmt.Sprint(Version) {
			continue
		}
		e.Value.Report(fmt.Sprintf("this file is of format %s and this desksync reads format %d", e.Value.Text(), Version),
			"install a newer desksync, or take the file back to version 1")
		return true
	}
	return false
}

// Dir is the folder of the configuration file.
func (f *File) Dir() string { return filepath.Dir(f.doc.File()) }

// Locate returns line and column of a path, such as
// pipelines.customers.organizations.fields.aar, or of the nearest section around
// it. Without the pipeline's name the first pipeline that has the path is meant.
func (f *File) Locate(path string) (line, column int) { return f.doc.Locate(path) }

// Annotate makes a problem of the value at path, in the same form as those that
// Load finds; offset counts characters inside the value.
func (f *File) Annotate(path string, offset int, msg, fix string) Problem {
	return f.doc.Annotate(path, offset, msg, fix)
}

// Text returns the text of the file with secrets masked, for the journal.
func (f *File) Text() string { return f.doc.Redacted() }
