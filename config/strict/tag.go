package strict

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// tag is what the tags of a struct field say.
type tag struct {
	key, need, preset string
	required          bool
	enum              []string
	min, max          *int
}

func tagOf(f reflect.StructField) (tag, bool) {
	key, ok := f.Tag.Lookup("yaml")
	if !ok || key == "-" {
		return tag{}, false
	}
	t := tag{key: key, need: f.Tag.Get("need")}
	for part := range strings.SplitSeq(f.Tag.Get("jsonschema"), ",") {
		t.add(part)
	}
	return t, true
}

// field is one field of a struct that the file may fill.
type field struct {
	value reflect.Value
	tag   tag
}

func fieldsOf(v reflect.Value) map[string]field {
	out := map[string]field{}
	for i := range v.NumField() {
		if t, ok := tagOf(v.Type().Field(i)); ok {
			out[t.key] = field{v.Field(i), t}
		}
	}
	return out
}

func (t *tag) add(part string) {
	name, value, _ := strings.Cut(part, "=")
	switch name {
	case "required":
		t.required = true
	case "enum":
		t.enum = append(t.enum, value)
	case "default":
		t.preset = value
	case "minimum":
		t.min = number(value)
	case "maximum":
		t.max = number(value)
	}
}

func number(s string) *int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return nil
	}
	return &n
}

func (t tag) outside(n int) string {
	switch {
	case len(t.enum) > 0:
		for _, e := range t.enum {
			if e == strconv.Itoa(n) {
				return ""
			}
		}
		return "write " + list(t.enum, "or")
	case t.min != nil && n < *t.min:
		return fmt.Sprintf("write %d or more", *t.min)
	case t.max != nil && n > *t.max:
		return fmt.Sprintf("write %d or less", *t.max)
	default:
		return ""
	}
}

// remedy says what to do about a missing key.
func (t tag) remedy() string {
	switch {
	case t.need != "":
		return t.need
	case len(t.enum) > 1:
		return "write " + t.key + ": " + list(t.enum, "or")
	case len(t.enum) == 1:
		return "write " + t.key + ": " + t.enum[0]
	default:
		return "add " + t.key + ": …"
	}
}

// fill sets the default of a key that is not there, and those below it. A type
// with a form of its own stays zero, so that its absence shows.
func (t tag) fill(v reflect.Value) {
	_, own := v.Addr().Interface().(Decodable)
	switch {
	case t.preset != "":
		preset(v, t.preset)
	case v.Kind() == reflect.Struct && !own:
		Defaults(v.Addr().Interface())
	}
}

// Defaults fills a pointer to a struct with the defaults of its tags.
func Defaults(p any) {
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		if t, ok := tagOf(v.Type().Field(i)); ok {
			t.fill(v.Field(i))
		}
	}
}

func preset(v reflect.Value, text string) {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		_ = u.UnmarshalText([]byte(text)) // a test reads all defaults
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(text == "true")
	case reflect.Int:
		n, _ := strconv.Atoi(text)
		v.SetInt(int64(n))
	}
}

func keysOf(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		if x, ok := tagOf(t.Field(i)); ok {
			out = append(out, x.key)
		}
	}
	return out
}

// list joins words as people do: a, b or c.
func list(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}
