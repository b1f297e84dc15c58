package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
)

//go:embed text/*.md
var texts embed.FS

// reference writes one section per section of the file.
type reference struct {
	title    string
	comments map[string]string
	err      error
	out      bytes.Buffer
	seen     map[reflect.Type]string // where a shape is described
	queue    []section
}

type section struct {
	path string
	typ  reflect.Type
}

// configurationPage is docs/configuration.md.
func configurationPage() ([]byte, error) {
	w, err := newReference("The file")
	if err != nil {
		return nil, err
	}
	w.text("configuration-head")
	w.follow("", reflect.TypeFor[config.File]())
	w.drain()
	w.out.WriteString("\n## The overrides file\n\nA list; each entry:\n\n")
	w.table("overrides[]", reflect.TypeFor[config.Override]())
	w.text("configuration-tail")
	return w.out.Bytes(), w.err
}

// casesPage is docs/cases.md.
func casesPage() ([]byte, error) {
	w, err := newReference("The case")
	if err != nil {
		return nil, err
	}
	w.text("cases-head")
	w.follow("", reflect.TypeFor[casefile.Case]())
	w.drain()
	w.text("cases-tail")
	return w.out.Bytes(), w.err
}

func newReference(title string) (*reference, error) {
	r := &jsonschema.Reflector{}
	err := r.AddGoComments(module, "config", jsonschema.WithFullComment())
	return &reference{title: title, comments: r.CommentMap, seen: map[reflect.Type]string{}}, err
}

// text adds a page written by hand.
func (w *reference) text(name string) {
	b, err := texts.ReadFile("text/" + name + ".md")
	w.err = errors.Join(w.err, err)
	w.out.Write(b)
}

func (w *reference) drain() {
	for len(w.queue) > 0 {
		s := w.queue[0]
		w.queue = w.queue[1:]
		w.section(s)
	}
}

func (w *reference) section(s section) {
	title := "`" + s.path + "`"
	if s.path == "" {
		title = w.title
	}
	fmt.Fprintf(&w.out, "\n## %s\n\n", title)
	if text := w.comment(s.typ, ""); s.path != "" && text != "" {
		w.out.WriteString(sentenceOf(text, s.typ.Name()) + "\n\n")
	}
	w.table(s.path, s.typ)
}

// sentenceOf takes the type's name off the front of its comment.
func sentenceOf(text, name string) string {
	text = strings.ReplaceAll(text, "\n", " ")
	rest, ok := strings.CutPrefix(text, name+" ")
	if !ok {
		return text
	}
	for _, verb := range []string{"is ", "are ", "says ", "selects ", "limits ", "names ", "keeps "} {
		if after, ok := strings.CutPrefix(rest, verb); ok {
			if verb == "is " || verb == "are " {
				return strings.ToUpper(after[:1]) + after[1:]
			}
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return text
}

func (w *reference) table(path string, t reflect.Type) {
	w.out.WriteString("| key | value | default | meaning |\n|---|---|---|---|\n")
	for i := range t.NumField() {
		f := t.Field(i)
		key, ok := f.Tag.Lookup("yaml")
		if !ok || key == "-" {
			continue
		}
		m := marksOf(f)
		meaning := strings.ReplaceAll(w.comment(t, f.Name), "\n", " ")
		fmt.Fprintf(&w.out, "| `%s` | %s | %s | %s |\n", key, w.value(join(path, key), f.Type, m), m.preset(), strings.ReplaceAll(meaning, "|", `\|`))
	}
}

// marks are what the tags of a field say.
type marks struct {
	enum     []string
	fallback string
	required bool
}

func marksOf(f reflect.StructField) marks {
	var m marks
	for part := range strings.SplitSeq(f.Tag.Get("jsonschema"), ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "enum":
			m.enum = append(m.enum, "`"+value+"`")
		case "default":
			m.fallback = value
		case "required":
			m.required = true
		}
	}
	return m
}

func (m marks) preset() string {
	switch {
	case m.required:
		return "**required**"
	case m.fallback != "":
		return "`" + m.fallback + "`"
	default:
		return "–"
	}
}

// value says in words what a key takes, and queues the section that describes it.
func (w *reference) value(path string, t reflect.Type, m marks) string {
	if len(m.enum) > 0 {
		words := strings.Join(m.enum, " or ")
		if t.Kind() == reflect.Slice {
			words = "list of " + words
		}
		return words
	}
	if words, ok := scalarWords[t]; ok {
		return words
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return w.value(path, t.Elem(), m)
	case isMap(t):
		return "by name: " + w.value(path+".NAME", t.Elem().Field(1).Type, m)
	case strings.HasPrefix(t.Name(), "List["):
		return "exact list of " + w.value(path+"[]", t.Field(1).Type.Elem(), m)
	case t.Kind() == reflect.Slice:
		return "list of " + w.value(path+"[]", t.Elem(), m)
	case t.Kind() == reflect.Struct:
		return formWords[t] + w.follow(path, t)
	default:
		return map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "`true` or `false`", reflect.Int: "whole number"}[t.Kind()]
	}
}

func (w *reference) follow(path string, t reflect.Type) string {
	at, ok := w.seen[t]
	if !ok {
		at = path
		w.seen[t] = path
		w.queue = append(w.queue, section{path, t})
	}
	return fmt.Sprintf("[`%s`](#%s)", at, anchor(at))
}

// anchor is the link that Markdown makes of a heading.
func anchor(heading string) string {
	return strings.NewReplacer(".", "", "[", "", "]", "", "`", "").Replace(strings.ToLower(heading))
}

func (w *reference) comment(t reflect.Type, field string) string {
	name := t.PkgPath() + "." + t.Name()
	if field != "" {
		name += "." + field
	}
	return w.comments[name]
}

// isMap recognises config.Map of anything.
func isMap(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && strings.HasPrefix(t.Name(), "Map[")
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
