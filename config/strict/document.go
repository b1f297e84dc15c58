// Package strict reads YAML into structs and reports every fault at once, each
// with its place. Shapes are given by struct tags: yaml names a key, jsonschema
// says what is required, allowed and default, need says why it is required. What
// the values mean is for the caller, who can report by path in the same form.
package strict

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Document is one parsed file with the place of everything in it.
type Document struct {
	file     string
	lines    []string // as the file has them
	root     ast.Node // nil: empty
	anchors  map[string]ast.Node
	places   map[string]place
	aliases  []alias
	nodes    int
	problems Problems
}

type place struct {
	line, column int // of the value if it is a scalar, else of its key
	scalar       ast.Node
}

type alias struct{ from, to string }

// maxNodes bounds what anchors and aliases may unfold to.
const maxNodes = 500_000

// Parse reads YAML text. A text that is no YAML at all is returned as Problems.
func Parse(file string, src []byte) (*Document, error) {
	if at := notUTF8(src); at >= 0 {
		before := src[:at]
		return nil, Problems{{
			File: file, Line: 1 + bytes.Count(before, []byte("\n")), Column: 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]),
			Msg: "is not UTF-8", Fix: "save the file with the encoding UTF-8",
		}}
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(src), "\ufeff"), "\r\n", "\n")
	d := &Document{file: file, lines: strings.Split(text, "\n"), places: map[string]place{}, anchors: map[string]ast.Node{}}
	f, err := parse(mask(text))
	if err != nil {
		d.syntax(err)
		return d, d.problems.Err()
	}
	if len(f.Docs) > 1 && f.Docs[1].Body != nil {
		d.add(position(f.Docs[1].Body), "", "a second document begins here", "one file holds one document; remove the line ---")
	}
	if len(f.Docs) > 0 {
		d.root = f.Docs[0].Body
	}
	if _, comment := d.root.(*ast.CommentGroupNode); comment {
		d.root = nil
	}
	d.collect(d.root)
	return d, nil
}

// notUTF8 is the place of the first byte that no text in UTF-8 has; -1: there is none. A
// zero byte is UTF-8, and always the half of a character in UTF-16.
func notUTF8(src []byte) int {
	for at := 0; at < len(src); {
		r, n := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && n == 1 || r == 0 {
			return at
		}
		at += n
	}
	return -1
}

// parse keeps a fault of the parser itself from taking the program down.
func parse(text string) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("the YAML parser gave up: %v", r)
		}
	}()
	return parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
}

var quotedThenMore = regexp.MustCompile(`(:|-) +("[^"]*"|'[^']*') *[^ #,}\]]`)

func (d *Document) syntax(err error) {
	var se *yaml.SyntaxError
	if !asSyntax(err, &se) || se.Token == nil {
		d.problems = append(d.problems, Problem{File: d.file, Msg: "is not YAML: " + err.Error()})
		return
	}
	pos := se.Token.Position
	fix := "see the line above the caret, and the one before it"
	line := d.lineText(pos.Line)
	switch {
	case quotedThenMore.MatchString(line):
		fix = "put an expression that begins with a quoted text in quotes as a whole: '…'"
	case strings.Contains(se.Message, "mapping value"):
		fix = "put a value that holds a colon and a space in quotes"
	case strings.Contains(line, "\t"):
		fix = "indent with spaces, not tabs"
	}
	d.add(place{line: pos.Line, column: max(pos.Column, 1)}, "", "is not YAML here: "+unmask(se.Message), fix)
}

func asSyntax(err error, into **yaml.SyntaxError) bool {
	se, ok := err.(*yaml.SyntaxError) //nolint:errorlint // the parser returns it bare
	*into = se
	return ok
}

// collect notes all anchors, so that an alias finds its own.
func (d *Document) collect(n ast.Node) {
	if n == nil {
		return
	}
	ast.Walk(visitor(func(n ast.Node) {
		if a, ok := n.(*ast.AnchorNode); ok {
			d.anchors[a.Name.GetToken().Value] = a.Value
		}
	}), n)
}

type visitor func(ast.Node)

// Visit calls the function and goes on.
func (v visitor) Visit(n ast.Node) ast.Visitor { v(n); return v }

func position(n ast.Node) place {
	tk := n.GetToken()
	if m, ok := n.(*ast.MappingNode); ok && tk.Type != token.MappingStartType && len(m.Values) > 0 {
		tk = m.Values[0].Key.GetToken()
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		tk = m.Key.GetToken()
	}
	return place{line: tk.Position.Line, column: max(tk.Position.Column, 1)}
}

func (d *Document) add(at place, path, msg, fix string) {
	d.problems = append(d.problems, d.problem(at.line, at.column, path, msg, fix))
}

func (d *Document) problem(line, column int, path, msg, fix string) Problem {
	return Problem{File: d.file, Line: line, Column: column, Path: path, Msg: msg, Fix: fix, Excerpt: redact(d.lineText(line))}
}

func (d *Document) lineText(line int) string {
	if line < 1 || line > len(d.lines) {
		return ""
	}
	return d.lines[line-1]
}

// Problems returns what was found so far.
func (d *Document) Problems() Problems { return d.problems }

// Err returns what was found as an error, or nil.
func (d *Document) Err() error { return d.problems.Err() }

// File returns the name the document was read under.
func (d *Document) File() string { return d.file }

// Redacted returns the text of the file with secrets masked.
func (d *Document) Redacted() string {
	out := make([]string, len(d.lines))
	for i, l := range d.lines {
		out[i] = redact(l)
	}
	return strings.Join(out, "\n")
}
