package sqldesk

import (
	"database/sql"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
)

func raced(format string, args ...any) error { return said("apply", fault.Raced, format, args...) }

// lay puts one delta on an organization, or says why it cannot.
func (s *Store) lay(w *orgWork, d helpdesk.Delta) error {
	switch d.Field {
	case helpdesk.Name:
		return w.layName(d.Want)
	case helpdesk.Notes:
		return w.layText(&w.row.Notes, d)
	case helpdesk.Summary:
		return w.layText(&w.row.Summary, d)
	case helpdesk.Contact:
		return w.layText(&w.row.Contact, d)
	}
	prefix, name, ok := strings.Cut(d.Field, ":")
	switch prefix += ":"; {
	case ok && prefix == helpdesk.FieldPrefix:
		return s.layField(w, name, d.Want)
	case ok && name != "" && (prefix == helpdesk.TagPrefix || prefix == helpdesk.DomPrefix || prefix == helpdesk.GroupPrefix):
		return s.layPart(w, prefix, name, d.Want)
	default:
		return unsupported("apply", "this store has no field %s", d.Field)
	}
}

func (w *orgWork) layName(v helpdesk.Value) error {
	name, err := textOf(helpdesk.Name, v, maxName)
	if err != nil {
		return err
	}
	if strings.TrimSpace(name) == "" || strings.ContainsFunc(name, unicode.IsControl) {
		return invalid("apply", "the name %q is empty or holds control characters", name)
	}
	w.dirty = w.dirty || w.row.Name != name
	w.row.Name = name
	return nil
}

func (w *orgWork) layText(into *string, d helpdesk.Delta) error {
	text, err := textOf(d.Field, d.Want, maxText)
	if err != nil {
		return err
	}
	w.dirty = w.dirty || *into != text
	*into = text
	return nil
}

// textOf checks a text; what is empty or wanted away is the empty text.
func textOf(field string, v helpdesk.Value, limit int) (string, error) {
	text := v.Text()
	if t := v.Type(); t != helpdesk.Text && t != helpdesk.Empty && t != helpdesk.Nothing {
		return "", invalid("apply", "%s is a text; it cannot take the %s %s", field, t, v)
	}
	if !plainText(text) {
		return "", invalid("apply", "%s holds bytes that are not text (UTF-8 without NUL)", field)
	}
	if len(text) > limit && utf8.RuneCountInString(text) > limit {
		return "", invalid("apply", "%s would be %d characters long; %d fit", field, utf8.RuneCountInString(text), limit)
	}
	return text, nil
}

func (s *Store) layField(w *orgWork, key string, v helpdesk.Value) error {
	f, ok := s.specs[key]
	if !ok {
		return unsupported("apply", "this store has no field %s; declare it among the fields of the target", key)
	}
	if err := f.takes(v); err != nil {
		return err
	}
	var changed bool
	if w.entries, changed = w.entries.with(f, v); !changed {
		return nil
	}
	w.dirty = true
	if key == s.opt.Retire.Field {
		w.mark(v.True(), day.Of(s.opt.Now().UTC()))
	}
	return nil
}

// takes reports why a value does not fit the field's type, if it does not.
func (f Field) takes(v helpdesk.Value) error {
	switch {
	case v.IsEmpty() || v == helpdesk.None:
		return nil
	case v.Type() != f.Type:
		return invalid("apply", "the field %s is a %s; it cannot take the %s %q", f.Key, f.Type, v.Type(), v.Text())
	case f.Type == helpdesk.Choice && !f.offers(v.Text()):
		return invalid("apply", "the dropdown %s does not offer %q; add the option to the field, or correct the rule", f.Key, v.Text())
	case f.Type == helpdesk.Text || f.Type == helpdesk.Choice:
		_, err := textOf(f.Key, helpdesk.TextOf(v.Text()), f.maxLen())
		return err
	}
	return nil
}

// mark remembers the day on which an organization was marked for deletion.
func (w *orgWork) mark(on bool, today day.Day) {
	w.row.MarkedOn = sql.NullString{}
	if on {
		w.row.MarkedOn = sql.NullString{String: today.String(), Valid: true}
	}
}

func (s *Store) layPart(w *orgWork, prefix, name string, v helpdesk.Value) error {
	if t := v.Type(); t != helpdesk.Bool && t != helpdesk.Empty && t != helpdesk.Nothing {
		return invalid("apply", "%s%s is there or not; it cannot take the %s %q", prefix, name, t, v.Text())
	}
	if _, err := textOf(prefix+name, helpdesk.TextOf(name), maxName); err != nil {
		return err
	}
	if prefix == helpdesk.DomPrefix && v.True() {
		clean, err := s.opt.CleanDomain(name)
		if err != nil {
			return invalid("apply", "the domain %s cannot be added: %w", name, err)
		}
		name = clean
	}
	w.parts = append(w.parts, part{prefix, name, v.True()})
	return nil
}
