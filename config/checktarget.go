package config

import (
	"fmt"
	"regexp"
	"slices"
)

var fieldKey = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (f *File) checkTargets() {
	stores := map[string]int{}
	for name, t := range f.Targets.All() {
		path := "targets." + name
		if t.Type == "" {
			continue // said already, or of a type that is not built
		}
		f.checkTargetKeys(path, t)
		f.checkFields(path+".fields", t.Fields)
		if t.Type == "zendesk" {
			f.checkZendesk(path, t)
			continue
		}
		f.checkStore(path, t)
		f.twice(stores, t.Database.text, path+".database", "two targets have one database%.0s, first on line %d", "give each target a database of its own, or keep one target")
	}
}

// checkApart keeps the journal out of the helpdesk store: one file has one writer.
func (f *File) checkApart(path string, s Secret) {
	if s.text != "" && s.text == f.Journal.DSN.text {
		f.doc.Report(path, "the helpdesk store and the journal are one database", "give each a database of its own")
	}
}

func (f *File) checkEdition(path string, t *Target) {
	if t.MultiOrganization && t.Edition == "team" {
		f.doc.Report(path+".multi_organization", "several organizations per user are not part of the edition team", "write edition: professional or enterprise, or remove this line")
	}
}

func (f *File) checkFields(path string, fields Map[TargetField]) {
	for key, t := range fields.All() {
		at := path + "." + key
		if !fieldKey.MatchString(key) {
			f.doc.ReportKey(at, fmt.Sprintf("%q cannot be the key of a field", key), "write small letters, digits and _, beginning with a letter")
		}
		f.checkField(at, t)
	}
}

func (f *File) checkField(path string, t *TargetField) {
	switch {
	case t.Type == "dropdown" && len(t.Options) == 0:
		f.doc.ReportKey(path, "a dropdown needs options", "add options: [first, second]")
	case t.Type != "dropdown" && t.Type != "" && len(t.Options) > 0:
		f.doc.ReportKey(path+".options", "only a dropdown has options", "write type: dropdown, or remove the options")
	}
	if t.Tag != "" && t.Type != "checkbox" {
		f.doc.Report(path+".tag", "only a checkbox brings a tag of its own", "an option of a dropdown may: {value: gold, tag: gold}")
	}
	if t.MaxLength > 0 && t.Type != "text" {
		f.doc.Report(path+".max_length", "only a text has a longest length", "remove the line, or write type: text")
	}
	seen := map[string]int{}
	for i, o := range t.Options {
		f.twice(seen, o.Value, fmt.Sprintf("%s.options[%d]", path, i), "the option %q stands here twice, first on line %d", "remove one of them")
	}
}

// checkCoupledTags reports SLA and owned tags that a dropdown option or checkbox
// of a target brings too: field and tag would undo each other.
func (f *File) checkCoupledTags() {
	for name, p := range f.Pipelines.All() {
		t := f.Targets.Get(p.To)
		if t == nil {
			continue
		}
		if p.Organizations.Tags.From.IsZero() {
			continue // this pipeline writes no tags
		}
		for i, plan := range f.Plans {
			path := fmt.Sprintf("plans[%d].tag", i)
			if plan.Tag == "" {
				path = fmt.Sprintf("plans[%d].plan", i)
			}
			f.coupled(path, plan.tag(), p.To, t)
		}
		for i, tag := range p.Organizations.Tags.Owned {
			f.coupled(fmt.Sprintf("pipelines.%s.organizations.tags.owned[%d]", name, i), tag, p.To, t)
		}
	}
}

// tag is the tag that the plan brings, or nothing.
func (p Plan) tag() string {
	if p.Tag != "" || p.SLA == "none" && !p.Flag {
		return p.Tag
	}
	return p.Plan
}

func (f *File) coupled(path, tag, target string, t *Target) {
	if tag == "" {
		return
	}
	for key, field := range t.Fields.All() {
		brings := field.Tag == tag
		i := slices.IndexFunc(field.Options, func(o Option) bool { return o.Tag == tag })
		if !brings && i < 0 {
			continue
		}
		what := "the checkbox " + key
		if i >= 0 {
			what = fmt.Sprintf("the option %s of the dropdown %s", field.Options[i].Value, key)
		}
		line, _ := f.doc.Locate("targets." + target + ".fields." + key)
		f.Report(path, 0, fmt.Sprintf("%s brings the tag %s too (line %d)", what, tag, line),
			"give the plan another tag, or take the tag from the field: otherwise each undoes the other")
	}
}
