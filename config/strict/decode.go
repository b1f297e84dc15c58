package strict

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// Decode fills a pointer to a struct from the whole document and notes every
// problem on the way. What has a problem keeps its default.
func (d *Document) Decode(into any) {
	n := Node{d: d, n: d.root}
	if n.Kind() != Mapping {
		d.problems = append(d.problems, d.problem(0, 0, "", "holds no settings", "see `desksync init` for a file to begin with"))
		return
	}
	n.Into(into)
}

// Root returns the whole document, for documents that are lists.
func (d *Document) Root() Node { return Node{d: d, n: d.root} }

func (n Node) decode(v reflect.Value, t tag) {
	if v.Kind() == reflect.Pointer {
		fresh := reflect.New(v.Type().Elem())
		n.decode(fresh.Elem(), t)
		v.Set(fresh)
		return
	}
	switch x := v.Addr().Interface().(type) {
	case Decodable:
		x.DecodeYAML(n)
	case encoding.TextUnmarshaler:
		n.text(x)
	default:
		n.plain(v, t)
	}
}

func (n Node) text(into encoding.TextUnmarshaler) {
	if !n.Scalar() {
		n.Wrong("text")
		return
	}
	if err := into.UnmarshalText([]byte(n.Text())); err != nil {
		msg, fix, _ := strings.Cut(err.Error(), "; ")
		n.Report(msg, fix)
	}
}

func (n Node) plain(v reflect.Value, t tag) {
	switch v.Kind() {
	case reflect.Struct:
		n.structure(v)
	case reflect.Slice:
		n.list(v, t)
	case reflect.String:
		n.string(v, t)
	case reflect.Bool:
		n.bool(v)
	case reflect.Int:
		n.int(v, t)
	case reflect.Float64:
		n.float(v)
	default:
		n.Report(fmt.Sprintf("cannot hold a %s", v.Type()), "")
	}
}

func (n Node) structure(v reflect.Value) {
	if n.Kind() != Mapping {
		n.Wrong("a mapping with " + list(keysOf(v.Type()), "and"))
		return
	}
	fields := fieldsOf(v)
	seen := map[string]bool{}
	for _, e := range n.Entries() {
		f, ok := fields[e.Key]
		switch {
		case !ok && n.path == "" && strings.HasPrefix(e.Key, "x-"): // a place for anchors
		case !ok:
			seen[n.d.unknown(e, keysOf(v.Type()))] = true // what was meant is not missing too
		default:
			seen[e.Key] = true
			e.Value.decode(f.value, f.tag)
		}
	}
	n.missing(v, seen)
}

// missing reports required keys that are not there and fills in the defaults.
func (n Node) missing(v reflect.Value, seen map[string]bool) {
	for i := range v.NumField() {
		t, ok := tagOf(v.Type().Field(i))
		if !ok || seen[t.key] {
			continue
		}
		switch {
		case t.required && n.path == "":
			n.d.add(place{}, "", t.key+" is required", t.remedy())
		case t.required:
			n.d.ReportKey(n.path, t.key+" is required", t.remedy())
		}
		t.fill(v.Field(i))
	}
}

func (n Node) list(v reflect.Value, t tag) {
	if n.Kind() != Sequence {
		n.Wrong("a list")
		return
	}
	items := n.Items()
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		item.decode(out.Index(i), tag{enum: t.enum})
	}
	v.Set(out)
}

func (n Node) string(v reflect.Value, t tag) {
	switch k := n.Kind(); {
	case k == Number || k == Bool:
		n.Report(fmt.Sprintf("%s is %s", n.Text(), k), "it should be text: put it in quotes")
	case k != Text:
		n.Wrong("text")
	case len(t.enum) > 0:
		if n.oneOf(t.enum) {
			v.SetString(n.Text())
		}
	case strings.TrimSpace(n.Text()) == "":
		n.Report("is empty", "give it a value or remove the line")
	default:
		v.SetString(n.Text())
	}
}

func (n Node) oneOf(allowed []string) bool {
	for _, a := range allowed {
		if a == n.Text() {
			return true
		}
	}
	fix := "write " + list(allowed, "or")
	if s := Closest(n.Text(), allowed); s != "" && len(allowed) > 1 {
		fix += "; did you mean " + s + "?"
	}
	n.Report(fmt.Sprintf("%q is not a choice", fault.Clip(n.Text())), fix)
	return false
}

func (n Node) bool(v reflect.Value) {
	if n.Kind() != Bool {
		n.Wrong("true or false")
		return
	}
	v.SetBool(strings.EqualFold(n.Text(), "true"))
}

func (n Node) int(v reflect.Value, t tag) {
	i, err := strconv.Atoi(strings.ReplaceAll(n.Text(), "_", ""))
	if n.Kind() != Number || err != nil {
		n.Wrong("a whole number")
		return
	}
	if why := t.outside(i); why != "" {
		n.Report(fmt.Sprintf("%d is out of range", i), why)
		return
	}
	v.SetInt(int64(i))
}

func (n Node) float(v reflect.Value) {
	f, err := strconv.ParseFloat(strings.ReplaceAll(n.Text(), "_", ""), 64)
	if n.Kind() != Number || err != nil {
		n.Wrong("a number")
		return
	}
	v.SetFloat(f)
}
