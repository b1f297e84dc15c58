package salesforce

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// shape finds the cells of a record: which field, on which path, is which column.
type shape struct {
	columns []string
	root    node
	out     []string
	stamp   []int // the record that last filled a cell
	record  int
}

// node is a field: a column, or a parent with fields of its own.
type node struct {
	name   string
	column int // -1: a parent
	below  []node
}

func newShape(columns []string) *shape {
	sh := &shape{columns: columns, out: make([]string, len(columns)), root: node{column: -1}}
	for i, path := range columns {
		at := &sh.root
		steps := strings.Split(path, ".")
		for n, step := range steps {
			at = at.child(step)
			if n == len(steps)-1 {
				at.column = i
			}
		}
	}
	return sh
}

// begin forgets earlier pages.
func (sh *shape) begin() { sh.record, sh.stamp = 0, make([]int, len(sh.columns)) }

func (n *node) child(name string) *node {
	for i := range n.below {
		if strings.EqualFold(n.below[i].name, name) {
			return &n.below[i]
		}
	}
	n.below = append(n.below, node{name: name, column: -1})
	return &n.below[len(n.below)-1]
}

// cells takes a record apart. Every column must be there; a field that the login may
// not see is no empty one. The result is valid until the next call.
func (sh *shape) cells(record string) ([]string, error) {
	sh.record++
	n, err := sh.object(record, 0, &sh.root, 0)
	if err != nil {
		return nil, err
	}
	if n != len(record) {
		return nil, fmt.Errorf("%w: a record is no object", errShape)
	}
	for i, last := range sh.stamp {
		if last != sh.record {
			return nil, fmt.Errorf("%w: a record has no %s", errShape, sh.columns[i])
		}
	}
	return sh.out, nil
}

const maxDepth = 8 // five parents, and what stands around them

// object reads the object at position i and returns the position behind it.
func (sh *shape) object(s string, i int, at *node, depth int) (int, error) {
	if i >= len(s) || s[i] != '{' || depth > maxDepth {
		return i, fmt.Errorf("%w: an object is due", errShape)
	}
	i = space(s, i+1)
	if i < len(s) && s[i] == '}' {
		return i + 1, nil
	}
	guess := 0
	for {
		key, next, err := stringAt(s, i)
		if err != nil {
			return i, err
		}
		if i = space(s, next); i >= len(s) || s[i] != ':' {
			return i, fmt.Errorf("%w: a colon is due", errShape)
		}
		below := at.find(key, &guess)
		if i, err = sh.field(s, space(s, i+1), below, depth); err != nil {
			return i, err
		}
		i = space(s, i)
		switch {
		case i < len(s) && s[i] == ',':
			i = space(s, i+1)
		case i < len(s) && s[i] == '}':
			return i + 1, nil
		default:
			return i, fmt.Errorf("%w: a comma or a brace is due", errShape)
		}
	}
}

// find returns the field of a name, which most often is the one behind the last found.
func (n *node) find(name string, guess *int) *node {
	for range n.below {
		if *guess >= len(n.below) {
			*guess = 0
		}
		c := &n.below[*guess]
		*guess++
		if c.name == name || strings.EqualFold(c.name, name) {
			return c
		}
	}
	return nil
}

// field reads a value into its column, or passes one that nobody asked for.
func (sh *shape) field(s string, i int, at *node, depth int) (int, error) {
	if i >= len(s) {
		return i, fmt.Errorf("%w: a value is due", errShape)
	}
	switch {
	case at == nil:
		return skipValue(s, i)
	case len(at.below) > 0 && s[i] == '{':
		return sh.object(s, i, at, depth+1)
	case strings.HasPrefix(s[i:], "null"):
		sh.clear(at)
		return i + len("null"), nil
	case at.column < 0:
		return i, fmt.Errorf("%w: %s is no parent record", errShape, at.name)
	}
	text, next, err := scalar(s, i)
	if err != nil {
		return i, err
	}
	sh.out[at.column], sh.stamp[at.column] = text, sh.record
	return next, nil
}

// clear empties a column, and all columns of a parent that is not there.
func (sh *shape) clear(at *node) {
	if at.column >= 0 {
		sh.out[at.column], sh.stamp[at.column] = "", sh.record
	}
	for i := range at.below {
		sh.clear(&at.below[i])
	}
}

// scalar reads a text, a number or a truth value, as text.
func scalar(s string, i int) (string, int, error) {
	if s[i] == '"' {
		return stringAt(s, i)
	}
	end := i
	for end < len(s) && s[end] != ',' && s[end] != '}' && s[end] > ' ' {
		end++
	}
	text := s[i:end]
	if text != "true" && text != "false" && !isNumber(text) {
		return "", i, fmt.Errorf("%w: %q is no value of a field", errShape, clip(text))
	}
	return text, end, nil
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789+-.eE") == "" && strings.ContainsAny(s, "0123456789")
}

func skipValue(s string, i int) (int, error) {
	n, err := extent(s[i:])
	if err != nil || n == 0 {
		return i, fmt.Errorf("%w: a value does not end", errShape)
	}
	return i + n, nil
}

func space(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}

// stringAt reads the string at position i and returns the position behind it. Without
// escapes it copies nothing.
func stringAt(s string, i int) (string, int, error) {
	if i >= len(s) || s[i] != '"' {
		return "", i, fmt.Errorf("%w: a text is due", errShape)
	}
	end := strings.IndexByte(s[i+1:], '"')
	if end < 0 {
		return "", i, fmt.Errorf("%w: a text does not end", errShape)
	}
	if plain := s[i+1 : i+1+end]; strings.IndexByte(plain, '\\') < 0 {
		return plain, i + end + 2, nil
	}
	return unescape(s, i+1)
}

// unescape reads a string with escapes (RFC 8259, section 7).
func unescape(s string, i int) (string, int, error) {
	var b strings.Builder
	for i < len(s) {
		n := strings.IndexAny(s[i:], `"\`)
		if n < 0 {
			break
		}
		b.WriteString(s[i : i+n])
		i += n
		if s[i] == '"' {
			return b.String(), i + 1, nil
		}
		r, size := escape(s[i:])
		if size == 0 {
			return "", i, fmt.Errorf("%w: a backslash stands before what needs none", errShape)
		}
		b.WriteRune(r)
		i += size
	}
	return "", i, fmt.Errorf("%w: a text does not end", errShape)
}

// escape reads one escape and returns its size; 0 if it is none.
func escape(s string) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	if at := strings.IndexByte(`"\/bfnrt`, s[1]); at >= 0 {
		return rune("\"\\/\b\f\n\r\t"[at]), 2
	}
	r, ok := unit(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := unit(s[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func unit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
