package strict

import (
	"fmt"
	"reflect"
	"strings"
)

// Set decodes text as the value at path below a pointer to a struct, as if the
// file had it there. Keys follow the yaml tags; entries of mappings must exist.
func Set(into any, path, text string) error {
	d, err := Parse(path, []byte(text))
	if err != nil {
		return err
	}
	v, t, err := descend(reflect.ValueOf(into).Elem(), path, path)
	if err != nil {
		return err
	}
	n := d.Root()
	n.path = path
	n.decode(v, t)
	return d.Err()
}

func descend(v reflect.Value, rest, path string) (reflect.Value, tag, error) {
	t := tag{}
	for rest != "" {
		var key string
		key, rest, _ = strings.Cut(rest, ".")
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
				Defaults(v.Interface())
			}
			v = v.Elem()
		}
		next, nt, ok := step(v, key)
		if !ok {
			return v, t, Problems{{File: path, Msg: fmt.Sprintf("there is no setting %q", key), Fix: "see docs/configuration.md for the names"}}
		}
		v, t = next, nt
	}
	return v, t, nil
}

// step goes to the field of a key, or to the entry of a name.
func step(v reflect.Value, key string) (reflect.Value, tag, bool) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if t, ok := tagOf(v.Type().Field(i)); ok && t.key == key {
				return v.Field(i), t, true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if e := v.Index(i); e.Kind() == reflect.Struct && e.NumField() == 2 && e.Field(0).String() == key {
				return e.Field(1), tag{}, true
			}
		}
	}
	return v, tag{}, false
}
