package config

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/desksync/desksync/config/strict"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/secret"
)

// Override is a reviewed, dated exception for one account.
type Override struct {
	// Id of the account.
	Account string `yaml:"account" jsonschema:"required"`
	// Field it acts on: plan, before order and tags; or a mapped field, on its value.
	Field string `yaml:"field" jsonschema:"default=plan"`
	// What the field shall be.
	Value Literal `yaml:"value" jsonschema:"required"`
	// Why.
	Reason string `yaml:"reason" jsonschema:"required" need:"say why, for whoever asks in a year"`
	// Who decided it.
	Author string `yaml:"author" jsonschema:"required" need:"say who decided it"`
	// First day; since ever if left out.
	From day.Day `yaml:"from"`
	// Last day, included; for ever if left out.
	Until day.Day `yaml:"until"`

	Source string `yaml:"-"` // where it stands, such as overrides.yaml:12
}

// Literal is any single value, as text.
type Literal string

// UnmarshalText takes the value as it is written.
func (l *Literal) UnmarshalText(b []byte) error {
	*l = Literal(b)
	return nil
}

// DecodeYAML reads the override and notes where it stands.
func (o *Override) DecodeYAML(n strict.Node) {
	type plain Override
	n.Into((*plain)(o))
	line, _ := n.Place()
	o.Source = fmt.Sprintf("%s:%d", n.File(), line)
	if o.From != 0 && o.Until != 0 && o.Until < o.From {
		n.Report(fmt.Sprintf("ends on %s, before it begins on %s", o.Until, o.From), "correct from or until")
	}
}

// OverrideCheck says which part of an override is wrong, and why; behind a semicolon, what
// to do. nil: none is, as far as it can tell.
type OverrideCheck func(o *Override) (part string, err error)

// LoadOverrides reads the overrides file, if the configuration names one. The
// error is Problems: all that is wrong, also what the checks find.
func (f *File) LoadOverrides(from secret.Source, checks ...OverrideCheck) ([]Override, error) {
	name, err := f.Overrides.Resolve(from)
	if err != nil || name == "" {
		return nil, f.at("overrides", err)
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, f.at("overrides", fmt.Errorf("%s cannot be read: %s; create it (an empty list is []), or remove the line", name, Cause(err)))
	}
	return f.ParseOverrides(name, src, checks...)
}

// ParseOverrides reads a list of overrides and checks it against the catalogue
// and the fields of this file, and by whatever else it is told.
func (f *File) ParseOverrides(name string, src []byte, checks ...OverrideCheck) ([]Override, error) {
	doc, err := strict.Parse(name, src)
	if err != nil {
		return nil, err
	}
	var list []Override
	if root := doc.Root(); root.Kind() != strict.Null {
		root.Into(&list)
	}
	for i, o := range list {
		path := fmt.Sprintf("[%d]", i)
		f.checkOverride(doc, path, o)
		for _, check := range checks {
			if part, err := check(&o); err != nil {
				msg, fix, _ := strings.Cut(err.Error(), "; ")
				doc.Report(path+"."+part, msg, cmp.Or(fix, "write what the field takes, or remove the override"))
			}
		}
		if was, ok := overlaps(list[:i], o); ok && o.Account != "" {
			doc.Report(path+".account", fmt.Sprintf("the account has an override of %s for the same days at %s", o.Field, was.Source), "end one before the other begins")
		}
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return list, nil
}

func (f *File) checkOverride(doc *strict.Document, path string, o Override) {
	if o.Field == "plan" {
		names := make([]string, len(f.Plans))
		for i, p := range f.Plans {
			names[i] = p.Plan
		}
		reportUnknown(doc, path+".value", "plan", string(o.Value), names)
		return
	}
	reportUnknown(doc, path+".field", "mapped field", o.Field, f.mapped())
}

func reportUnknown(doc *strict.Document, path, what, name string, known []string) {
	for _, k := range known {
		if k == name {
			return
		}
	}
	if name != "" {
		doc.Report(path, fmt.Sprintf("there is no %s %q", what, name), meant(name, known, "known are: "+strings.Join(known, ", ")))
	}
}

// mapped lists what an override may name besides the plan.
func (f *File) mapped() []string {
	out := []string{"plan", "name"}
	for _, p := range f.Pipelines.All() {
		out = append(out, p.Organizations.Fields.Names()...)
	}
	return out
}

func overlaps(list []Override, o Override) (Override, bool) {
	for _, p := range list {
		apart := p.Until != 0 && o.From > p.Until || o.Until != 0 && p.From > o.Until
		if p.Account == o.Account && p.Field == o.Field && !apart {
			return p, true
		}
	}
	return Override{}, false
}

// ListedID is an id from a list, and where it stands.
type ListedID struct{ ID, Where string }

// maxListed bounds a list of ids in a file.
const maxListed = 1_000_000

// Protected reads the ids that a pipeline never retires. A file holds one id per
// line, in the first column if it is CSV; a heading and lines with # are skipped.
// Ids are as written: who knows ids checks them.
func (f *File) Protected(name string, p *Pipeline, from secret.Source) ([]ListedID, error) {
	at := "pipelines." + name + ".mark.protect"
	var out []ListedID
	for i, id := range p.Mark.Protect.IDs {
		line, _ := f.Locate(fmt.Sprintf("%s[%d]", at, i))
		out = append(out, ListedID{id, fmt.Sprintf("%s:%d", f.Name(), line)})
	}
	path, err := p.Mark.Protect.File.Resolve(from)
	if err != nil || path == "" {
		return out, f.at(at, err)
	}
	file, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, f.at(at, fmt.Errorf("%s cannot be read: %s; create it, or list the ids here", path, Cause(err)))
	}
	defer file.Close() //nolint:errcheck // only read
	listed, err := readIDs(path, file)
	return append(out, listed...), f.at(at, err)
}

func readIDs(name string, r io.Reader) ([]ListedID, error) {
	text := bufio.NewReader(r)
	if mark, err := text.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = text.Discard(3)
	}
	in := csv.NewReader(text)
	in.Comment, in.FieldsPerRecord, in.TrimLeadingSpace = '#', -1, true
	var out []ListedID
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w; write one id per line", name, err)
		}
		line, _ := in.FieldPos(0)
		id := strings.TrimSpace(row[0])
		if id == "" || len(out) == 0 && heading(id) {
			continue
		}
		if len(out) == maxListed {
			return nil, fmt.Errorf("%s has more than %d ids; is it the right file?", name, maxListed)
		}
		out = append(out, ListedID{id, fmt.Sprintf("%s:%d", name, line)})
	}
}

func heading(s string) bool {
	switch strings.ToLower(strings.ReplaceAll(s, " ", "_")) {
	case "id", "account", "account_id", "accountid", "salesforce_id", "account_id_18__c":
		return true
	default:
		return false
	}
}

// at turns an error into a problem of the value at path; nil stays nil.
func (f *File) at(path string, err error) error {
	if err == nil {
		return nil
	}
	msg, fix, _ := strings.Cut(innermost(err).Error(), "; ")
	return Problems{f.Annotate(path, 0, msg, fix)}
}
