package zendesk

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// Lack is a field of organizations that is not as the rules need it.
type Lack struct {
	Spec helpdesk.Spec // as it is wanted
	Text string        // what is wrong, and what to do
	Can  bool          // Prepare can put it right
}

// Missing compares the custom fields that the rules need with those that there are: it
// names fields that are not there, deactivated, of another type, or without some of
// their options.
func (t *Target) Missing(ctx context.Context, want []helpdesk.Spec) ([]Lack, error) {
	have, err := t.orgFields(ctx)
	if err != nil {
		return nil, err
	}
	return lacking(have, want), nil
}

func lacking(have []orgField, want []helpdesk.Spec) []Lack {
	var out []Lack
	for _, w := range want {
		key, custom := strings.CutPrefix(w.Name, helpdesk.FieldPrefix)
		if !custom {
			continue
		}
		l := Lack{Spec: w}
		if f := fieldOf(have, key); f != nil {
			l.Text, l.Can = f.lacks(w)
		} else {
			l.Text, l.Can = missingField(have, key, w)
		}
		if l.Text != "" {
			out = append(out, l)
		}
	}
	return out
}

func fieldOf(fields []orgField, key string) *orgField {
	if i := slices.IndexFunc(fields, func(f orgField) bool { return f.Key == key }); i >= 0 {
		return &fields[i]
	}
	return nil
}

// lacks says what a field that is there does not have, and whether it can get it.
func (f *orgField) lacks(w helpdesk.Spec) (text string, can bool) {
	have := f.spec()
	var what []string
	if !f.Active {
		what = append(what, "is deactivated")
	}
	if options := without(have, w); len(options) > 0 {
		what = append(what, "does not offer "+values(options))
	}
	switch {
	case have.Type != w.Type || have.ReadOnly:
		return fmt.Sprintf("the organization field %s is a %s, and the rules write a %s: a field's type never changes, so write to another key, or delete the field in the Admin Center and prepare again", f.Key, f.shownType(have), w.Type), false
	case len(what) > 0:
		return fmt.Sprintf("the %s %s %s", w.Type, f.Key, strings.Join(what, " and ")), true
	}
	return "", false
}

func missingField(have []orgField, key string, w helpdesk.Spec) (text string, can bool) {
	like := slices.IndexFunc(have, func(f orgField) bool { return strings.EqualFold(f.Key, key) })
	switch {
	case !goodKey(key):
		return fmt.Sprintf("there is no organization field %s, and there can be none: a key has letters, digits and underscores, not digits alone, and is not a name that Zendesk uses itself", key), false
	case like >= 0:
		return fmt.Sprintf("there is no organization field %s, but there is %s: write its key in these letters, or choose another one", key, have[like].Key), false
	}
	return fmt.Sprintf("there is no organization field %s (%s)", key, w.Type), true
}

func (f *orgField) shownType(s helpdesk.Spec) string {
	switch {
	case s.ReadOnly:
		return "field of a type that cannot be written"
	case !f.Active:
		return "deactivated " + s.Type.String()
	}
	return s.Type.String()
}

// goodKey reports whether a field can have this key ("Organization Fields").
func goodKey(key string) bool {
	for _, c := range key {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return strings.Trim(key, "0123456789") != "" && !slices.Contains([]string{"id", "name", "tags", "details", "notes"}, key)
}

// without lists the options that a field does not have.
func without(have, want helpdesk.Spec) []helpdesk.Option {
	return slices.DeleteFunc(slices.Clone(want.Choices), func(o helpdesk.Option) bool { return offers(have, o.Value) })
}

func values(options []helpdesk.Option) string {
	out := make([]string, len(options))
	for i, o := range options {
		out[i] = o.Value
	}
	return strings.Join(out, ", ")
}

// Prepare makes what is missing and can be made, and returns what it made, for people.
// Options that are there stay: of a field's options the whole list is sent, with what
// Zendesk has now.
func (t *Target) Prepare(ctx context.Context, lacks []Lack) ([]string, error) {
	fields, err := t.orgFields(ctx)
	if err != nil {
		return nil, err
	}
	defer t.forget()
	var made []string
	for _, l := range lacks {
		if !l.Can {
			continue
		}
		key := strings.TrimPrefix(l.Spec.Name, helpdesk.FieldPrefix)
		if f := fieldOf(fields, key); f != nil {
			err = t.changeField(ctx, f, l.Spec)
		} else {
			err = t.do(ctx, call{method: http.MethodPost, path: "organization_fields", once: true, body: map[string]any{"organization_field": newField(key, l.Spec)}}, nil)
		}
		if err != nil {
			return made, err
		}
		made = append(made, l.Spec.Name)
	}
	return made, nil
}

// changeField activates a field and gives it the options that it does not have.
func (t *Target) changeField(ctx context.Context, f *orgField, w helpdesk.Spec) error {
	body := map[string]any{}
	if !f.Active {
		body["active"] = true
	}
	if options := without(f.spec(), w); len(options) > 0 {
		body["custom_field_options"] = optionsOf(f.Options, options)
	}
	return t.do(ctx, call{method: http.MethodPut, path: "organization_fields/" + idText(f.ID), body: map[string]any{"organization_field": body}}, nil)
}

// fieldTypes are the types as which fields are made.
var fieldTypes = map[helpdesk.Type]string{
	helpdesk.Text: "text", helpdesk.Bool: "checkbox", helpdesk.Date: "date", helpdesk.Integer: "integer",
	helpdesk.Decimal: "decimal", helpdesk.Choice: "dropdown",
}

func newField(key string, s helpdesk.Spec) map[string]any {
	out := map[string]any{"key": key, "type": fieldTypes[s.Type], "title": cmp.Or(s.Title, titleOf(key))}
	if s.Tag != "" {
		out["tag"] = s.Tag
	}
	if s.Type == helpdesk.Choice {
		out["custom_field_options"] = optionsOf(nil, s.Choices)
	}
	return out
}

// titleOf makes a title of a key: support_tier becomes Support tier.
func titleOf(key string) string {
	title := strings.ReplaceAll(key, "_", " ")
	return strings.ToUpper(title[:1]) + title[1:]
}

// optionsOf is a list of options with new ones behind those that there are.
func optionsOf(have []option, more []helpdesk.Option) []map[string]any {
	out := make([]map[string]any, 0, len(have)+len(more))
	for _, o := range have {
		out = append(out, map[string]any{"id": o.ID, "name": o.Name, "value": o.Value})
	}
	for _, o := range more {
		name := o.Label
		if name == "" {
			name = o.Value
		}
		out = append(out, map[string]any{"name": name, "value": o.Value})
	}
	return out
}
