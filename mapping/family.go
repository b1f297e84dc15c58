package mapping

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/desksync/desksync/helpdesk"
)

// family is a rule for a list, each element of which is a field of its own.
type family struct {
	prefix string
	prog   *program
	rule   *helpdesk.Rule
	owned  []string
	when   *program                     // says whether the owned ones are ours today; nil: they are
	code   string                       // of the finding about an element that is refused
	split  func(r rune) bool            // what stands between the parts of text
	clean  func(string) (string, error) // an element in its one spelling
	cached bool                         // few distinct elements: their full names are kept
}

// maxNames bounds the full names that a worker keeps.
const maxNames = 4096

// evaluate evaluates a family into w.texts: clean, sorted, once each. It reports
// whether the rules have an opinion.
func (w *Worker) evaluate(f *family) bool {
	w.texts = w.texts[:0]
	v, err := w.run(f.prog)
	if w.doubt && f.rule.Plan {
		w.withheld = append(w.withheld, f.prefix)
		return false
	}
	list, err := w.listed(f, v, err)
	if err != nil {
		w.withheld = append(w.withheld, f.prefix)
		w.find("rule_failed", f.prefix, fmt.Sprintf("%s: %v; they stay as they are", f.prog.Path, err))
		return false
	}
	for _, raw := range list {
		w.element(f, raw)
	}
	w.overrideElements(f)
	slices.Sort(w.texts)
	w.texts = slices.Compact(w.texts)
	w.disown(f)
	return true
}

// disown has no opinion on owned elements where a condition says that they are not ours.
func (w *Worker) disown(f *family) {
	if f.when == nil {
		return
	}
	ours, err := w.truth(f.when)
	if err != nil {
		w.find("rule_failed", f.prefix, fmt.Sprintf("%s: %v; what others set stays as it is", f.when.Path, err))
	}
	if ours && err == nil && !(w.doubt && f.when.plan) {
		return
	}
	for _, name := range f.owned {
		if _, wanted := slices.BinarySearch(w.texts, name); !wanted {
			w.withheld = append(w.withheld, f.prefix+name)
		}
	}
}

func (w *Worker) listed(f *family, v any, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	if s, ok := v.(string); ok {
		return strings.FieldsFunc(s, f.split), nil
	}
	return textsOf(v)
}

func (w *Worker) element(f *family, raw string) {
	if raw == "" {
		return
	}
	name, err := f.clean(raw)
	if err != nil {
		w.find(f.code, raw, fmt.Sprintf("%s: %v", f.prog.Path, err))
		return
	}
	w.texts = append(w.texts, name)
}

// overrideElements adds and takes away what overrides of single elements say.
func (w *Worker) overrideElements(f *family) {
	for i := range w.fields {
		name, ok := strings.CutPrefix(w.fields[i].Field, f.prefix)
		if !ok {
			continue
		}
		on, err := helpdesk.Parse(helpdesk.Bool, w.fields[i].Value)
		if err != nil {
			w.find("bad_override", w.fields[i].Field, fmt.Sprintf("the override of %s (%s): %v", w.fields[i].Field, w.fields[i].Source, err))
			continue
		}
		w.texts = slices.DeleteFunc(w.texts, func(t string) bool { return t == name })
		if on.True() {
			w.element(f, name)
		}
	}
}

// appendFamily adds the fields of a family.
func (w *Worker) appendFamily(fields helpdesk.Fields, f *family) helpdesk.Fields {
	if !w.evaluate(f) {
		return fields
	}
	rule := w.ruleOf(f.rule)
	for _, t := range w.texts {
		x := helpdesk.Field{Name: w.fullName(f, t), Value: present, Rule: rule}
		if o := w.overrideOf(x.Name); o != nil {
			x.Rule = overrule(f.rule, o)
		}
		fields = append(fields, x)
	}
	return fields
}

var present = helpdesk.BoolOf(true)

func (w *Worker) fullName(f *family, element string) string {
	if !f.cached {
		return f.prefix + element
	}
	key := nameKey{f, element}
	if full, ok := w.names[key]; ok {
		return full
	}
	full := f.prefix + element
	if len(w.names) < maxNames {
		w.names[nameKey{f, full[len(f.prefix):]}] = full
	}
	return full
}

type nameKey struct {
	f       *family
	element string
}

// cleanTag writes a tag as helpdesks do: lower case, one word. A character that no
// tag can have is refused, not dropped: it would become another tag.
func cleanTag(s string) (string, error) {
	if isCleanTag(s) {
		return s, nil
	}
	s = strings.Join(strings.Fields(strings.ToLower(s)), "_")
	for _, r := range s {
		if !inTag(r) {
			return "", fmt.Errorf("%q cannot be a tag: it has the character %q; use letters, digits and . - _ : /", s, r)
		}
	}
	if s == "" {
		return "", fmt.Errorf("a tag of nothing but space is none")
	}
	return s, nil
}

func isCleanTag(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf || !inTag(rune(c)) {
			return false
		}
	}
	return s != ""
}

func inTag(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("-_:/.", r)
}

func cleanGroup(s string) (string, error) {
	if s = strings.TrimSpace(s); s == "" {
		return "", fmt.Errorf("a group needs a name")
	}
	return s, nil
}

func betweenTags(r rune) bool              { return r == ';' || r == ',' }
func betweenGroups(r rune) bool            { return r == ';' || r == '\n' }
func lowerDomain(s string) (string, error) { return strings.ToLower(strings.TrimSpace(s)), nil }
