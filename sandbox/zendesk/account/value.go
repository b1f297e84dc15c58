package account

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Value is what an organization has in a field: JSON, as a reply shows it. A field without
// a Value is null.
type Value struct {
	Field *Field
	Raw   string
}

// fillValues writes organization_fields; keys not in it keep their value.
func (a *Account) fillValues(o *Organization, p Patch) (dropped []string, err *Problem) {
	for _, key := range p.keys() {
		f := a.Field(0, key)
		if f == nil {
			dropped = append(dropped, "organization.organization_fields."+key)
			continue
		}
		raw, known, err := f.read(p)
		if err != nil {
			return dropped, err
		}
		if !known {
			if a.Rules.RejectOptions {
				return dropped, invalid("organization_fields", f.Title, "is not an option of the field", "InvalidValue")
			}
			continue
		}
		f.set(o, raw)
	}
	return dropped, nil
}

// read checks a value and turns it into what a reply shows; empty is null. known is false
// for an option that nobody defined.
func (f *Field) read(p Patch) (raw string, known bool, err *Problem) {
	if isNull(p[f.Key]) {
		return "", true, nil
	}
	switch f.Type {
	case "multiselect":
		return f.readSeveral(p)
	case "checkbox":
		on, err := p.Flag(f.Key)
		return strconv.FormatBool(on), true, err
	}
	s, err := p.Text(f.Key)
	if err != nil || s == "" {
		return "", true, err
	}
	switch f.Type {
	case "dropdown", "tagger":
		return quote(s), slices.Contains(values(f.Options), s), nil
	case "integer":
		n, bad := strconv.ParseInt(s, 10, 64)
		return strconv.FormatInt(n, 10), true, f.refuse(bad != nil)
	case "decimal":
		n, bad := strconv.ParseFloat(s, 64)
		return strconv.FormatFloat(n, 'f', -1, 64), true, f.refuse(bad != nil || math.IsInf(n, 0) || math.IsNaN(n))
	case "date":
		day, bad := time.Parse(time.DateOnly, s[:min(len(s), len(time.DateOnly))])
		return quote(day.Format("2006-01-02T15:04:05+00:00")), true, f.refuse(bad != nil)
	case "regexp":
		return quote(s), true, f.refuse(!f.pattern.MatchString(s))
	}
	return quote(s), true, nil
}

func (f *Field) readSeveral(p Patch) (raw string, known bool, err *Problem) {
	list, err := p.Words(f.Key)
	if err != nil || len(list) == 0 {
		return "", true, err
	}
	return f.raw(list), len(without(list, values(f.Options))) == 0, nil
}

func (f *Field) refuse(bad bool) *Problem {
	if bad {
		return invalid("organization_fields", f.Title, "is invalid", "InvalidValue")
	}
	return nil
}

// set writes a value, and the tags that come and go with it (reference §9).
func (f *Field) set(o *Organization, raw string) {
	old := f.tags(o)
	i := slices.IndexFunc(o.Values, func(v Value) bool { return v.Field == f })
	switch {
	case raw == "" && i >= 0:
		o.Values = slices.Delete(slices.Clone(o.Values), i, i+1)
	case raw != "" && i >= 0:
		o.Values = slices.Clone(o.Values)
		o.Values[i].Raw = raw
	case raw != "":
		o.Values = append(o.Values[:len(o.Values):len(o.Values)], Value{f, raw})
	}
	now := f.tags(o)
	kept := without(o.Tags, without(old, now))
	o.Tags = append(kept, without(now, kept)...)
}

// Of is what an organization has in the field, as JSON; empty is null.
func (f *Field) Of(o *Organization) string {
	for _, v := range o.Values {
		if v.Field == f {
			return v.Raw
		}
	}
	return ""
}

// chosen are the options an organization has.
func (f *Field) chosen(o *Organization) []string {
	raw := f.Of(o)
	if raw == "" || len(f.Options) == 0 {
		return nil
	}
	if raw[0] != '[' {
		raw = "[" + raw + "]"
	}
	var list []string
	if json.Unmarshal([]byte(raw), &list) != nil {
		return nil
	}
	return list
}

// raw is how chosen options read in JSON.
func (f *Field) raw(list []string) string {
	if len(list) == 0 {
		return ""
	}
	if f.Type != "multiselect" {
		return quote(list[0])
	}
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// tags are those an organization has by the field.
func (f *Field) tags(o *Organization) []string {
	if f.Type == "checkbox" && f.Tag != "" && f.Of(o) == "true" {
		return []string{f.Tag}
	}
	return f.chosen(o)
}

func quote(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		return `""` // a string always has a JSON
	}
	return string(raw)
}
