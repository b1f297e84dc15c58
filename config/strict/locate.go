package strict

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Alias makes paths that begin with from stand where those that begin with to
// stand: for a section that is written once and used elsewhere.
func (d *Document) Alias(from, to string) { d.aliases = append(d.aliases, alias{from, to}) }

// Locate returns line and column of a path, or of the nearest section around it.
func (d *Document) Locate(path string) (line, column int) {
	p := d.find(path)
	return p.line, p.column
}

func (d *Document) find(path string) place {
	for path != "" {
		if p, ok := d.places[path]; ok {
			return p
		}
		if p, ok := d.aliased(path); ok {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return place{line: 1, column: 1}
}

func (d *Document) aliased(path string) (place, bool) {
	for _, a := range d.aliases {
		if rest, ok := strings.CutPrefix(path, a.from); ok && (rest == "" || rest[0] == '.') {
			p, ok := d.places[a.to+rest]
			return p, ok
		}
	}
	return place{}, false
}

// Annotate makes a problem of the value at path; offset counts characters inside
// the value, as an expression's compiler does.
func (d *Document) Annotate(path string, offset int, msg, fix string) Problem {
	p := d.find(path)
	if p.scalar != nil {
		p.line, p.column = d.inside(p.scalar, offset)
	}
	return d.problem(p.line, p.column, path, msg, fix)
}

// Report adds a problem of the value at path.
func (d *Document) Report(path, msg, fix string) {
	d.problems = append(d.problems, d.Annotate(path, 0, msg, fix))
}

// ReportOnce adds a problem of a character of the value at path, unless that
// place has a problem already.
func (d *Document) ReportOnce(path string, offset int, msg, fix string) {
	p := d.Annotate(path, offset, msg, fix)
	for _, q := range d.problems {
		if q.Line == p.Line && q.Column == p.Column {
			return
		}
	}
	d.problems = append(d.problems, p)
}

// ReportKey adds a problem of the key at path, not of its value.
func (d *Document) ReportKey(path, msg, fix string) {
	d.problems = append(d.problems, d.AnnotateKey(path, msg, fix))
}

// AnnotateKey makes a problem of the key at path, not of its value.
func (d *Document) AnnotateKey(path, msg, fix string) Problem {
	p, ok := d.places[path+keySuffix]
	if !ok {
		p = d.find(path)
	}
	return d.problem(p.line, p.column, path, msg, fix)
}

// keySuffix marks the place of a key in the index; no path ends like this.
const keySuffix = "\x00key"

// inside returns the place of a character of a scalar, following quotes, escapes,
// folding and indentation of the source.
func (d *Document) inside(n ast.Node, offset int) (line, column int) {
	at := position(n)
	w := walker{lines: d.lines, line: at.line, column: at.column}
	text := ""
	switch x := n.(type) {
	case *ast.LiteralNode:
		w.line, w.column = w.line+1, 1
		w.indent()
		text = unmask(x.Value.Value)
	case *ast.StringNode:
		w.quote = quoteOf(x.Token)
		if w.quote != 0 {
			w.column++
		}
		text = unmask(x.Value)
	}
	for i, r := range []rune(text) {
		if i == offset {
			break
		}
		w.step(r)
	}
	return w.line, w.column
}

func quoteOf(tk *token.Token) rune {
	switch tk.Type {
	case token.DoubleQuoteType:
		return '"'
	case token.SingleQuoteType:
		return '\''
	default:
		return 0
	}
}

type walker struct {
	lines        []string
	line, column int
	quote        rune
}

// step moves over what stands for r in the source.
func (w *walker) step(r rune) {
	rest := w.rest()
	if r == '\n' && rest == "" || r == ' ' && strings.TrimSpace(rest) == "" {
		w.newline()
		return
	}
	w.column += w.width(rest)
}

func (w *walker) rest() string {
	if w.line > len(w.lines) {
		return ""
	}
	runes := []rune(w.lines[w.line-1])
	return string(runes[min(w.column-1, len(runes)):])
}

// width counts the characters that the next one is written with.
func (w *walker) width(rest string) int {
	switch {
	case w.quote == '\'' && strings.HasPrefix(rest, "''"):
		return 2
	case w.quote == '"' && strings.HasPrefix(rest, `\`):
		r, _ := utf8.DecodeRuneInString(rest[1:])
		return map[rune]int{'x': 4, 'u': 6, 'U': 10}[r] + 2*b2i(r != 'x' && r != 'u' && r != 'U')
	default:
		return 1
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *walker) newline() {
	if w.line >= len(w.lines) {
		return
	}
	w.line, w.column = w.line+1, 1
	w.indent()
}

func (w *walker) indent() {
	for strings.HasPrefix(w.rest(), " ") {
		w.column++
	}
}

var (
	credentials = regexp.MustCompile(`(://[^/@\s:]*:)([^@\s]+)(@)`)
	secretKey   = regexp.MustCompile(`(?i)((?:secret|token|password|passwd|private_key|api_key|integration_key)["']?\s*[:=]\s*["']?)(\$\{[^}]*\}|[^\s"',}&]+)`)
	hook        = regexp.MustCompile(`(https://(?:hooks\.slack\.com|[^/\s]*\.webhook\.office\.com|[^/\s]*\.logic\.azure\.com[^/\s]*)/)([^\s"',}]+)()`)
	reference   = regexp.MustCompile(`^(\$\{[^}]*\}|file:.*)$`)
)

// redact masks what looks like a password or token, keeping its length so that a
// caret still points at the right place.
func redact(line string) string {
	line = maskGroup(credentials, line)
	line = maskGroup(hook, line)
	return maskGroup(secretKey, line)
}

func maskGroup(re *regexp.Regexp, line string) string {
	return re.ReplaceAllStringFunc(line, func(s string) string {
		m := re.FindStringSubmatch(s)
		if reference.MatchString(m[2]) {
			return s
		}
		return m[1] + strings.Repeat("*", utf8.RuneCountInString(m[2])) + s[len(m[1])+len(m[2]):]
	})
}

// Has reports whether something stands at path.
func (d *Document) Has(path string) bool { _, ok := d.places[path]; return ok }

// Faulty reports whether the value at path, or something in it, has a problem.
func (d *Document) Faulty(path string) bool {
	for _, p := range d.problems {
		if rest, ok := strings.CutPrefix(p.Path, path); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}
