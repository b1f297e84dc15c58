// Package examples holds the files that desksync ships: the demonstration, which
// `desksync demo` writes to disk, and GitLab's published sync with its cases. It
// only carries them; nothing here runs.
package examples

import (
	"embed"
	"io/fs"
)

//go:embed demo gitlab saas
var files embed.FS

// Demo holds the files of the demonstration: desksync.yaml, overrides.yaml and
// the CRM's export in crm/.
func Demo() fs.FS { return hide{sub("demo"), "act2"} }

// DemoAct2 holds what the CRM exports later the same day: crm/, to be laid over
// that of Demo.
func DemoAct2() fs.FS { return sub("demo/act2") }

// GitLab holds GitLab's published sync: desksync.yaml, overrides.yaml,
// protected.csv, a small export in crm/, and the worked cases in cases/.
func GitLab() fs.FS { return sub("gitlab") }

// SaaS holds the configuration between Salesforce and Zendesk: desksync.yaml.
func SaaS() fs.FS { return sub("saas") }

// Edit is what somebody does in the helpdesk by hand between the acts of the
// demonstration.
type Edit struct {
	Account string // whose organization
	Field   string // full name: name, field:support_level, tag:vip
	Value   string // text, or true for a tag
	Who     string // for the story
	Becomes string // what the next run makes of it
}

// Accounts of the demonstration that its story names.
const (
	JasonEnterprises = "001Aa000003DGb2IAG" // buys Gold beside Starter: moved
	AceTomato        = "001Aa000004QmX1IAK" // renamed by an agent: drifted, held
	Dreadco          = "001Aa000004RrT0IAK" // its level changed by an agent: drifted, corrected
	Nabeels          = "001Aa00000NABE1IAP" // has awesome-company.example
	Jasons           = "001Aa00000JASO1IAP" // claims it too: conflict
	Initech          = "001Aa00000INIT1IAP" // its charge turns out to end earlier: expired
	Hooli            = "001Aa00000HOOL1IAP" // has a product that nobody knows: finding
	Soylent          = "001Aa00000SOYL1IAP" // renamed on both sides: clashed, held
	Stark            = "001Aa00000STAR1IAP" // tagged by an agent: not ours, kept
)

// DemoEdits are the edits between the acts, in the order of the story.
func DemoEdits() []Edit {
	return []Edit{
		{AceTomato, "name", "ACE TOMATO (VIP)", "an agent", "drifted, and held: names are kept until someone decides"},
		{Dreadco, "field:support_level", "premium", "an agent", "drifted, and corrected"},
		{Soylent, "name", "Soylent (do not call)", "an agent", "clashed with the CRM's new name, and held"},
		{Stark, "tag:vip", "true", "an agent", "not ours, and left alone"},
		{Stark, "field:am_project_id", "4711", "an account manager", "owned by the helpdesk, and left alone"},
	}
}

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		return files // only for a name that is no path, and these are
	}
	return f
}

// hide is a file system without one of its folders.
type hide struct {
	fs.FS
	name string
}

// ReadDir lists a folder without what is hidden.
func (h hide) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(h.FS, name)
	kept := list[:0]
	for _, e := range list {
		if name != "." || e.Name() != h.name {
			kept = append(kept, e)
		}
	}
	return kept, err
}
