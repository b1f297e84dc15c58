package account

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Field is an organization field.
type Field struct {
	ID                              int64
	Type, Key, Title, Description   string
	Position                        int
	Active                          bool
	Regexp, Tag, RelationshipTarget string
	Options                         []Option
	Created, Updated                int64
	pattern                         *regexp.Regexp
}

// Option is one choice of a dropdown or multiselect.
type Option struct {
	ID          int64
	Name, Value string
}

var (
	fieldTypes = []string{"text", "textarea", "checkbox", "date", "integer", "decimal", "regexp", "dropdown", "tagger", "multiselect", "lookup"}
	fieldKey   = regexp.MustCompile(`^[A-Za-z0-9_]*[A-Za-z_][A-Za-z0-9_]*$`)
)

// Fields are all, by position.
func (a *Account) Fields() []*Field { return a.fields }

// Field finds one by id or key, or nil.
func (a *Account) Field(id int64, key string) *Field {
	for _, f := range a.fields {
		if f.ID == id || key != "" && f.Key == key {
			return f
		}
	}
	return nil
}

// CreateField makes a field. Its position is told as 9999 at first (recordings).
func (a *Account) CreateField(p Patch) (*Field, *Problem) {
	f := &Field{Type: "text", Active: true, Created: a.second(), Updated: a.second(), Position: len(a.fields) + 1}
	if err := f.fill(a, p, true); err != nil {
		return nil, err
	}
	switch {
	case f.Title == "":
		return nil, blank("title", "Title")
	case f.Key == "":
		return nil, blank("key", "Key")
	case !fieldKey.MatchString(f.Key):
		return nil, invalid("key", "Key", f.Key+" can contain only letters, digits and underscores, and not only digits", "InvalidValue")
	case a.Field(0, f.Key) != nil:
		return nil, taken("key", "Key", f.Key)
	}
	if f.Description == "" {
		f.Description = f.Title
	}
	f.ID = firstField + a.next()
	a.fields = append(a.fields, f)
	return f, nil
}

// UpdateField changes a field; its key and type stay what they are.
func (a *Account) UpdateField(f *Field, p Patch) *Problem {
	draft := *f
	if err := draft.fill(a, p, false); err != nil {
		return err
	}
	gone := without(values(f.Options), values(draft.Options))
	draft.Updated = a.second()
	*f = draft
	a.forgetOptions(f, gone)
	a.sortFields()
	return nil
}

func (f *Field) fill(a *Account, p Patch, isNew bool) *Problem {
	for key, into := range map[string]*string{"title": &f.Title, "description": &f.Description, "tag": &f.Tag, "relationship_target_type": &f.RelationshipTarget, "regexp_for_validation": &f.Regexp} {
		if err := text(p, key, into); err != nil {
			return err
		}
	}
	if isNew {
		for key, into := range map[string]*string{"type": &f.Type, "key": &f.Key} {
			if err := text(p, key, into); err != nil {
				return err
			}
		}
	}
	if _, named := p["active"]; named {
		var err *Problem
		if f.Active, err = p.Flag("active"); err != nil {
			return err
		}
	}
	if n, err := p.ID("position"); err != nil {
		return err
	} else if n != 0 {
		f.Position = int(n)
	}
	if !slices.Contains(fieldTypes, f.Type) {
		return invalid("type", "Type", f.Type+" is not included in the list", "InvalidValue")
	}
	return f.fillChoices(a, p)
}

// fillChoices reads the full list of options: those not in it go.
func (f *Field) fillChoices(a *Account, p Patch) *Problem {
	var err error
	if f.pattern, err = regexp.Compile(`^(?:` + f.Regexp + `)$`); err != nil {
		return invalid("regexp_for_validation", "Regexp", "is invalid", "InvalidValue")
	}
	raw, named := p["custom_field_options"]
	if !named {
		return nil
	}
	var list []struct {
		ID          *int64
		Name, Value string
	}
	if json.Unmarshal(raw, &list) != nil {
		return badValue("custom_field_options")
	}
	f.Options = nil
	for _, o := range list {
		if o.Name == "" || o.Value == "" || slices.Contains(values(f.Options), o.Value) {
			return invalid("custom_field_options", "Custom field options", "need a name and a value of their own", "InvalidValue")
		}
		id := firstOption + a.next()
		if o.ID != nil {
			id = *o.ID
		}
		f.Options = append(f.Options, Option{id, o.Name, o.Value})
	}
	return nil
}

// DeleteField removes a field. Its tags stay behind (reference §9).
func (a *Account) DeleteField(f *Field) {
	a.fields = slices.DeleteFunc(a.fields, func(x *Field) bool { return x == f })
	for _, o := range a.orgs.rows {
		o.Values = slices.DeleteFunc(o.Values, func(v Value) bool { return v.Field == f })
	}
}

// ReorderFields puts the fields in the order of these ids.
func (a *Account) ReorderFields(ids []int64) {
	for i, id := range ids {
		if f := a.Field(id, ""); f != nil {
			f.Position = i + 1
		}
	}
	a.sortFields()
}

func (a *Account) sortFields() {
	slices.SortStableFunc(a.fields, func(x, y *Field) int { return x.Position - y.Position })
}

// forgetOptions takes options that are no more off all organizations.
func (a *Account) forgetOptions(f *Field, gone []string) {
	if len(gone) == 0 {
		return
	}
	for _, o := range a.orgs.rows {
		kept := without(f.chosen(o), gone)
		if had := f.chosen(o); len(kept) != len(had) {
			f.set(o, f.raw(kept))
			a.touchOrganization(o)
		}
	}
}

func values(options []Option) []string {
	var out []string
	for _, o := range options {
		out = append(out, o.Value)
	}
	return out
}

// text reads a key into a string, if it is there.
func text(p Patch, key string, into *string) *Problem {
	if _, named := p[key]; !named {
		return nil
	}
	s, err := p.Text(key)
	if err == nil {
		*into = strings.TrimSpace(s)
	}
	return err
}
