// Package casefile is the shape of a case: a day, facts in the CRM and in the
// helpdesk, and what a run must make of them. Running cases is for others.
package casefile

import (
	"os"
	"strings"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/strict"
	"github.com/desksync/desksync/internal/day"
)

// Case is one case file.
type Case struct {
	// Today.
	Day day.Day `yaml:"day" jsonschema:"required" need:"write the day of the run, such as 2026-11-21"`
	// Pipeline of the configuration that runs.
	Pipeline string `yaml:"pipeline" jsonschema:"required"`
	// Settings of that pipeline that this case changes, by path, such as organizations.domains.tie: lowest_id.
	With config.Map[config.Literal] `yaml:"with"`
	// What the CRM holds.
	CRM CRM `yaml:"crm"`
	// What the helpdesk holds.
	Helpdesk Helpdesk `yaml:"helpdesk"`
	// Overrides in force, instead of those of the configuration.
	Overrides []config.Override `yaml:"overrides"`
	// What must come of it; without it the case only shows what would happen.
	Expect *Expect `yaml:"expect"`

	// Title is the first line of the file, if it is a comment.
	Title string `yaml:"-"`

	doc *strict.Document
}

// Load reads a case. The error is config.Problems.
func Load(path string) (*Case, error) {
	src, err := os.ReadFile(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, config.Problems{{File: path, Msg: "cannot be read: " + config.Cause(err), Fix: "name a case file"}}
	}
	return Parse(path, src)
}

// Parse is Load for a text already read.
func Parse(name string, src []byte) (*Case, error) {
	doc, err := strict.Parse(name, src)
	if err != nil {
		return nil, err
	}
	if doc.Root().Kind() != strict.Mapping {
		return nil, config.Problems{{File: name, Msg: "holds no case", Fix: "begin with day: and pipeline:, as docs/cases.md shows"}}
	}
	c := &Case{doc: doc, Title: title(string(src))}
	doc.Decode(c)
	c.check()
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// title is the first line, without its mark.
func title(src string) string {
	line, _, _ := strings.Cut(strings.TrimPrefix(src, "\ufeff"), "\n")
	text, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
	if !ok {
		return ""
	}
	return strings.TrimSpace(text)
}

// File returns the name that the case was read under.
func (c *Case) File() string { return c.doc.File() }

// Locate returns line and column of a path, such as expect.organizations.001….policy.
func (c *Case) Locate(path string) (line, column int) { return c.doc.Locate(path) }

// Annotate makes a problem of the value at path.
func (c *Case) Annotate(path, msg, fix string) config.Problem {
	return c.doc.Annotate(path, 0, msg, fix)
}

// AnnotateKey makes a problem of the key at path.
func (c *Case) AnnotateKey(path, msg, fix string) config.Problem {
	return c.doc.AnnotateKey(path, msg, fix)
}
