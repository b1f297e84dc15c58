package strict

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/desksync/desksync/internal/fault"
)

// Node is one value of the file and the path that leads to it.
type Node struct {
	d     *Document
	n     ast.Node
	path  string
	depth int
}

// Decodable is a type with a form of its own, such as a list that may also be
// written as one word. It reports what is wrong with the node.
type Decodable interface{ DecodeYAML(n Node) }

// Entry is one entry of a mapping.
type Entry struct {
	Key   string
	Value Node
}

// Kind says how a value is written.
type Kind string

// The kinds.
const (
	Null     Kind = "empty"
	Text     Kind = "text"
	Number   Kind = "a number"
	Bool     Kind = "true or false"
	Mapping  Kind = "a mapping"
	Sequence Kind = "a list"
)

// Kind returns how the value is written.
func (n Node) Kind() Kind {
	switch n.n.(type) {
	case nil, *ast.NullNode:
		return Null
	case *ast.MappingNode, *ast.MappingValueNode:
		return Mapping
	case *ast.SequenceNode:
		return Sequence
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return Number
	case *ast.BoolNode:
		return Bool
	default:
		return Text
	}
}

// Scalar reports whether the value is text, a number or true or false.
func (n Node) Scalar() bool { k := n.Kind(); return k == Text || k == Number || k == Bool }

// Text returns a scalar as it is written, without quotes.
func (n Node) Text() string {
	switch x := n.n.(type) {
	case *ast.StringNode:
		return unmask(x.Value)
	case *ast.LiteralNode:
		return strings.TrimRight(unmask(x.Value.Value), "\n")
	case nil, *ast.NullNode:
		return ""
	default:
		return unmask(x.GetToken().Value)
	}
}

// Path returns the path of the value.
func (n Node) Path() string { return n.path }

// Place returns where the value stands: for text in quotes, behind the quote.
func (n Node) Place() (line, column int) {
	if n.Scalar() {
		return n.d.inside(n.n, 0)
	}
	p := n.d.find(n.path)
	return p.line, p.column
}

// Report adds a problem with the value.
func (n Node) Report(msg, fix string) { n.d.Report(n.path, msg, fix) }

// Wrong reports that the value is of the wrong kind.
func (n Node) Wrong(want string) {
	if n.Kind() == Null {
		n.Report("is empty", "give it a value, "+want+", or remove the line")
		return
	}
	if n.Kind() == Text {
		n.Report(fmt.Sprintf("%q is text", fault.Clip(n.Text())), "it should be "+want)
		return
	}
	n.Report("is "+string(n.Kind()), "it should be "+want)
}

// Entries returns the entries of a mapping in order. Merge keys are unfolded;
// duplicates are reported, and the first is kept.
func (n Node) Entries() []Entry {
	first := map[string]place{}
	var out, merged []Entry
	for _, mv := range values(n.n) {
		if mv.Key.IsMergeKey() {
			merged = append(merged, n.merge(mv.Value)...)
			continue
		}
		key := keyText(mv.Key)
		path := join(n.path, key)
		at := keyPlace(mv.Key)
		if was, ok := first[key]; ok {
			n.d.add(at, path, fmt.Sprintf("%q stands here twice, first on line %d", key, was.line), "remove one of them")
			continue
		}
		first[key] = at
		child := n.child(mv.Value, path)
		child.note(at)
		out = append(out, Entry{key, child})
	}
	for _, e := range merged {
		if _, ok := first[e.Key]; !ok {
			out = append(out, e)
		}
	}
	return out
}

// merge returns the entries that "<<" brings in, under this mapping's path.
func (n Node) merge(v ast.Node) []Entry {
	from := n.child(v, n.path)
	switch from.Kind() {
	case Mapping:
		return from.Entries()
	case Sequence:
		var out []Entry
		if list, ok := from.n.(*ast.SequenceNode); ok {
			for _, item := range list.Values {
				out = append(out, n.child(item, n.path).Entries()...)
			}
		}
		return out
	default:
		from.d.add(position(v), n.path, "<< merges what is no mapping", "give it an alias of a mapping, such as <<: *name")
		return nil
	}
}

// Items returns the items of a list.
func (n Node) Items() []Node {
	seq, ok := n.n.(*ast.SequenceNode)
	if !ok {
		return nil
	}
	out := make([]Node, 0, len(seq.Values))
	for i, v := range seq.Values {
		item := n.child(v, fmt.Sprintf("%s[%d]", n.path, i))
		item.note(position(v))
		out = append(out, item)
	}
	return out
}

// Into decodes the value into a pointer.
func (n Node) Into(p any) { n.decode(reflect.ValueOf(p).Elem(), tag{}) }

// child follows anchors and aliases to the value itself.
func (n Node) child(v ast.Node, path string) Node {
	c := Node{d: n.d, path: path, depth: n.depth + 1}
	n.d.nodes++
	if c.depth > 100 || n.d.nodes > maxNodes {
		n.d.add(position(v), path, "the file unfolds to too much", "an alias that holds itself, or very many of them?")
		return c
	}
	for range 100 {
		switch x := v.(type) {
		case *ast.AnchorNode:
			v = x.Value
		case *ast.AliasNode:
			name := x.Value.GetToken().Value
			to, ok := n.d.anchors[name]
			if !ok {
				n.d.add(position(x), path, "*"+name+" names no anchor of this file", "define it with &"+name)
				return c
			}
			v = to
		case *ast.TagNode:
			n.d.add(position(x), path, "the YAML tag "+x.Start.Value+" means nothing here", "remove it, or put the value in quotes")
			v = x.Value
		default:
			c.n = v
			return c
		}
	}
	return c
}

func (n Node) note(key place) {
	n.d.places[n.path+keySuffix] = key
	if n.Scalar() {
		p := position(n.n)
		p.scalar = n.n
		n.d.places[n.path] = p
		return
	}
	n.d.places[n.path] = key
}

func values(n ast.Node) []*ast.MappingValueNode {
	switch x := n.(type) {
	case *ast.MappingNode:
		return x.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{x}
	default:
		return nil
	}
}

func keyText(k ast.MapKeyNode) string {
	if mk, ok := k.(*ast.MappingKeyNode); ok {
		return unmask(mk.Value.GetToken().Value)
	}
	return unmask(k.GetToken().Value)
}

func keyPlace(k ast.MapKeyNode) place {
	p := k.GetToken().Position
	return place{line: p.Line, column: max(p.Column, 1)}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Truncated reports whether a text without quotes stops at a # although a bracket
// or quote in it is still open: it was meant to go on.
func (n Node) Truncated() bool {
	x, ok := n.n.(*ast.StringNode)
	if !ok || quoteOf(x.Token) != 0 {
		return false
	}
	at := position(n.n)
	line := []rune(n.d.lineText(at.line))
	rest := string(line[min(at.column-1, len(line)):])
	return open(n.Text()) && strings.Contains(rest, " #")
}

// open reports whether brackets or quotes are unbalanced.
func open(s string) bool {
	return strings.Count(s, `"`)%2 == 1 || strings.Count(s, "(") > strings.Count(s, ")") ||
		strings.Count(s, "[") > strings.Count(s, "]") || strings.Count(s, "{") > strings.Count(s, "}")
}

// File returns the name of the file that the value stands in.
func (n Node) File() string { return n.d.file }
