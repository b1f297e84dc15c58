package sqldesk

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// entry is one custom field as the fields column holds it: its key and its value
// as JSON.
type entry struct{ key, raw string }

// entries is sorted by key, each key once. Keys nobody declared are kept.
type entries []entry

// readEntries reads the fields column. What other programs wrote may be spaced,
// escaped and ordered in any way.
func readEntries(doc string) (entries, error) {
	list, ok := flatEntries(doc)
	if ok {
		list.sort()
	}
	if !ok || list.hasTwins() {
		return anyEntries(doc)
	}
	return list, nil
}

// anyEntries reads every object there is; of two values of one key the last counts.
func anyEntries(doc string) (entries, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &m); err != nil {
		return nil, err
	}
	list := make(entries, 0, len(m))
	for k, raw := range maps.All(m) {
		list = append(list, entry{k, string(raw)})
	}
	list.sort()
	return list, nil
}

func (e entries) sort() {
	if !slices.IsSortedFunc(e, entry.compare) {
		slices.SortFunc(e, entry.compare)
	}
}

func (e entries) hasTwins() bool {
	for i := 1; i < len(e); i++ {
		if e[i].key == e[i-1].key {
			return true
		}
	}
	return false
}

func (e entry) compare(o entry) int { return strings.Compare(e.key, o.key) }

// flatEntries reads an object without escapes and without nesting, which is nearly
// every one there is; it gives up on anything else.
func flatEntries(doc string) (entries, bool) {
	rest, ok := strings.CutPrefix(space(doc), "{")
	if !ok || strings.ContainsAny(rest, `\[{`) {
		return nil, false
	}
	if space(rest) == "}" {
		return entries{}, true
	}
	list := make(entries, 0, strings.Count(rest, ":"))
	for {
		var e entry
		if e.key, rest, ok = flatString(rest); !ok {
			return nil, false
		}
		if rest, ok = strings.CutPrefix(space(rest), ":"); !ok {
			return nil, false
		}
		if e.raw, rest, ok = flatValue(space(rest)); !ok {
			return nil, false
		}
		list = append(list, e)
		switch rest = space(rest); {
		case rest == "}":
			return list, true
		case strings.HasPrefix(rest, ","):
			rest = rest[1:]
		default:
			return nil, false
		}
	}
}

func space(s string) string { return strings.TrimLeft(s, " \t\r\n") }

func flatString(s string) (text, rest string, ok bool) {
	s, ok = strings.CutPrefix(space(s), `"`)
	if !ok {
		return "", "", false
	}
	return strings.Cut(s, `"`)
}

func flatValue(s string) (raw, rest string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		text, rest, ok := flatString(s)
		if !ok {
			return "", "", false
		}
		return s[:len(text)+2], rest, true
	}
	i := strings.IndexAny(s, ",} \t\r\n")
	if i <= 0 {
		return "", "", false
	}
	return s[:i], s[i:], true
}

// write renders the entries as the fields column holds them.
func (e entries) write() string {
	var b strings.Builder
	b.Grow(40*len(e) + 2)
	b.WriteByte('{')
	for i, x := range e {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(x.key))
		b.WriteByte(':')
		b.WriteString(x.raw)
	}
	b.WriteByte('}')
	return b.String()
}

// with sets or, for an empty value, removes a key; it reports whether that changed
// anything. It may write into the list it is given.
func (e entries) with(f Field, v helpdesk.Value) (entries, bool) {
	i, found := slices.BinarySearchFunc(e, entry{key: f.Key}, entry.compare)
	empty := v.IsEmpty() || v == helpdesk.None
	switch {
	case found && empty:
		return slices.Delete(e, i, i+1), true
	case empty || found && f.value(e[i].raw) == v:
		return e, false
	case found:
		e[i].raw = encode(v)
		return e, true
	default:
		return slices.Insert(e, i, entry{f.Key, encode(v)}), true
	}
}

// get returns the value of a declared field.
func (e entries) get(f Field) helpdesk.Value {
	i, found := slices.BinarySearchFunc(e, entry{key: f.Key}, entry.compare)
	if !found {
		return helpdesk.Value{}
	}
	return f.value(e[i].raw)
}

func encode(v helpdesk.Value) string {
	switch v.Type() {
	case helpdesk.Integer, helpdesk.Decimal, helpdesk.Bool:
		return v.Text()
	default:
		return quote(v.Text())
	}
}

// value reads JSON as this field's type; what is not of the type comes as the text
// it is, so that a compare sees it.
func (f Field) value(raw string) helpdesk.Value {
	text := unquote(raw)
	switch f.Type {
	case helpdesk.Text:
		return helpdesk.TextOf(text)
	case helpdesk.Choice:
		return helpdesk.ChoiceOf(text)
	}
	v, err := helpdesk.Parse(f.Type, text)
	if err != nil {
		return helpdesk.TextOf(text)
	}
	return v
}

func quote(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' {
			return quoteEscaped(s)
		}
	}
	return `"` + s + `"`
}

func quoteEscaped(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func unquote(raw string) string {
	if raw == "null" {
		return ""
	}
	if !strings.HasPrefix(raw, `"`) {
		return raw
	}
	if !strings.Contains(raw, `\`) {
		return raw[1 : len(raw)-1]
	}
	var s string
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		return raw
	}
	return s
}
