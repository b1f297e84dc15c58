package zendesk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// Lack is a field of organizations that is not as the rules need it.
type Lack struct {
	Spec    helpdesk.Spec     // as it is wanted
	Options []helpdesk.Option // that it does not have, where it is there
	Text    string            // what is wrong, and what to do
	Can     bool              // Prepare can put it right
}

// Missing compares the custom fields that the rules need with those that there are:
// fields that are not there, of another type, or without some of their options.
func Missing(have, want []helpdesk.Spec) []Lack {
	var out []Lack
	for _, w := range want {
		key, custom := strings.CutPrefix(w.Name, helpdesk.FieldPrefix)
		i := slices.IndexFunc(have, func(h helpdesk.Spec) bool { return h.Name == w.Name })
		switch {
		case !custom:
		case i < 0:
			out = append(out, missingField(key, w))
		case have[i].Type != w.Type || have[i].ReadOnly:
			out = append(out, Lack{Spec: w, Text: fmt.Sprintf("the organization field %s is a %s, and the rules write a %s: a field's type never changes, so write to another key, or delete the field in the Admin Center and prepare again", key, shownType(have[i]), w.Type)})
		default:
			if options := without(have[i], w); len(options) > 0 {
				out = append(out, Lack{Spec: w, Options: options, Can: true, Text: fmt.Sprintf("the dropdown %s does not offer %s", key, values(options))})
			}
		}
	}
	return out
}

func missingField(key string, w helpdesk.Spec) Lack {
	if !goodKey(key) {
		return Lack{Spec: w, Text: fmt.Sprintf("there is no organization field %s, and there can be none: a key has letters, digits and underscores, not digits alone, and is not a name that Zendesk uses itself", key)}
	}
	return Lack{Spec: w, Options: w.Choices, Can: true, Text: fmt.Sprintf("there is no organization field %s (%s)", key, w.Type)}
}

func shownType(s helpdesk.Spec) string {
	if s.ReadOnly {
		return "field of a type that cannot be written"
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
		i := slices.IndexFunc(fields, func(f orgField) bool { return f.Key == key })
		switch {
		case i < 0:
			err = t.do(ctx, call{method: http.MethodPost, path: "organization_fields", once: true, body: map[string]any{"organization_field": newField(key, l.Spec)}}, nil)
		case !fields[i].Active:
			err = t.changeField(ctx, &fields[i], map[string]any{"active": true})
		default:
			err = t.changeField(ctx, &fields[i], map[string]any{"custom_field_options": optionsOf(fields[i].Options, l.Options)})
		}
		if err != nil {
			return made, err
		}
		made = append(made, l.Spec.Name)
	}
	return made, nil
}

func (t *Target) changeField(ctx context.Context, f *orgField, body map[string]any) error {
	return t.do(ctx, call{method: http.MethodPut, path: "organization_fields/" + idText(f.ID), body: map[string]any{"organization_field": body}}, nil)
}

// fieldTypes are the types as which fields are made.
var fieldTypes = map[helpdesk.Type]string{
	helpdesk.Text: "text", helpdesk.Bool: "checkbox", helpdesk.Date: "date", helpdesk.Integer: "integer",
	helpdesk.Decimal: "decimal", helpdesk.Choice: "dropdown",
}

func newField(key string, s helpdesk.Spec) map[string]any {
	out := map[string]any{"key": key, "type": fieldTypes[s.Type], "title": titleOf(key)}
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
