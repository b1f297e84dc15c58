package config

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/desksync/desksync/config/strict"
)

// Problem is one fault of a file.
type Problem = strict.Problem

// Problems are all faults of a file.
type Problems = strict.Problems

// Load reads the configuration file and checks it as far as a file alone can be
// checked. The error is Problems: all of them, in the order of the lines.
func Load(path string) (*File, error) { return whole(Read(path)) }

// Parse is Load for a text already read; relative paths begin where name stands.
func Parse(name string, src []byte) (*File, error) { return whole(ReadText(name, src)) }

func whole(f *File, err error) (*File, error) {
	if err == nil {
		err = f.Err()
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Read is Load for who has more to check: the file comes with the problems found
// so far (Err), and Report adds to them, so that everything is said at once. The
// error is for what cannot be read as a configuration at all.
func Read(path string) (*File, error) {
	src, err := Text(path)
	if err != nil {
		return nil, err
	}
	return ReadText(path, src)
}

// Text is what stands in the configuration file, as Read reads it.
func Text(path string) ([]byte, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, Problems{{File: path, Msg: "cannot be read: " + Cause(err), Fix: "name another file with --config, or write one with `desksync init`"}}
	}
	return src, nil
}

// Hangs is what is wrong with a file that was not read within a time.
func Hangs(path string, within time.Duration) Problems {
	return Problems{{File: path, Msg: fmt.Sprintf("cannot be read: no answer within %s", within), Fix: "look at the disk or the network that it is on"}}
}

// ReadText is Read for a text already read.
func ReadText(name string, src []byte) (*File, error) {
	doc, err := strict.Parse(name, src)
	if err != nil {
		return nil, err
	}
	f := &File{doc: doc}
	if f.fromFuture() {
		return nil, doc.Err()
	}
	doc.Decode(f)
	f.settle()
	f.check()
	return f, nil
}

// inherit gives a pipeline the columns of the whole file, unless it has its own.
func (f *File) inherit(name string, p *Pipeline) {
	if p.Accounts.Subscriptions == nil {
		p.Accounts.Subscriptions = f.Subscriptions
		f.doc.Alias("pipelines."+name+".accounts.subscriptions", "subscriptions")
	}
}

// settle fills in what depends on other parts of the file: columns of the whole
// file, and the usual columns of a contact.
func (f *File) settle() {
	for name, p := range f.Pipelines.All() {
		f.doc.Alias("pipelines."+name+".money", "money")
		f.inherit(name, p)
		if m := p.Members; m != nil {
			line, column := f.Locate("pipelines." + name + ".members")
			usual(&m.Name, "contact.Name", "members.name", line, column)
			usual(&m.Email, "contact.Email", "members.email", line, column)
		}
	}
}

func usual(e *Expr, text, path string, line, column int) {
	if e.IsZero() {
		*e = Expr{Text: text, Path: path, Line: line, Column: column}
	}
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

// Err returns what is wrong with the file, as Problems in the order of the lines.
func (f *File) Err() error { return f.doc.Err() }

// Report adds a problem of the value at path, unless that place has one already;
// offset counts characters inside the value.
func (f *File) Report(path string, offset int, msg, fix string) {
	f.doc.ReportOnce(path, offset, msg, fix)
}

// Annotate makes a problem of the value at path, in the same form as those that
// Load finds, and adds it to nothing.
func (f *File) Annotate(path string, offset int, msg, fix string) Problem {
	return f.doc.Annotate(path, offset, msg, fix)
}

// Locate returns line and column of a path, such as
// pipelines.customers.organizations.fields.aar, or of the nearest section around it.
func (f *File) Locate(path string) (line, column int) { return f.doc.Locate(path) }

// Name is the name that the file was read under.
func (f *File) Name() string { return f.doc.File() }

// Dir is the folder of the configuration file.
func (f *File) Dir() string { return filepath.Dir(f.doc.File()) }

// Text returns the text of the file with secrets masked, for the journal.
func (f *File) Text() string { return f.doc.Redacted() }

// Set changes one setting of a pipeline, or of the whole file where pipeline is
// empty, as if the file said so: for cases that try a rule another way. What
// follows from it is not checked again.
func (f *File) Set(pipeline, path, value string) error {
	if pipeline != "" {
		path = "pipelines." + pipeline + "." + path
	}
	return strict.Set(f, path, value)
}
