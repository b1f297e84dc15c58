package strict

import (
	"slices"
	"strings"
	"unicode"
)

// Stand-ins from the private use area, as wide as what they stand for, so that
// lines and columns stay true.
const (
	maskedColon = '\uE03A'
	maskedBang  = '\uE021'
)

var unmasker = strings.NewReplacer(string(maskedColon), ":", string(maskedBang), "!")

// unmask gives back what the file says.
func unmask(s string) string { return unmasker.Replace(s) }

// mask hides colons and exclamation marks that belong to expressions and names
// but that the YAML parser would take for its own: "a ? 0 : b", "!contact.Left"
// and the key in {tag:gold: new}. It changes nothing else.
func mask(src string) string {
	if strings.ContainsAny(src, string(maskedColon)+string(maskedBang)) {
		return src
	}
	m := masker{src: []rune(src)}
	for m.pos < len(m.src) {
		m.line()
	}
	return string(m.src)
}

type masker struct {
	src []rune
	pos int
}

func (m *masker) at(i int) rune {
	if i < 0 || i >= len(m.src) {
		return '\n'
	}
	return m.src[i]
}

func (m *masker) here() rune { return m.at(m.pos) }

// line handles one line of block context, with any flow collection, quoted text
// or block scalar that begins on it.
func (m *masker) line() {
	start := m.pos
	m.spaces()
	indent := m.pos - start
	value := false // behind the colon of a key
	for m.pos < len(m.src) && m.here() != '\n' {
		switch c := m.here(); {
		case c == ' ':
			m.pos++
		case c == '#':
			m.restOfLine()
		case c == '"' || c == '\'':
			m.quoted()
		case c == '[' || c == '{':
			m.flow()
		case c == '|' || c == '>':
			m.blockScalar(indent)
			return
		case c == '-' && blank(m.at(m.pos+1)):
			indent = m.pos - start
			m.pos++
		case c == ':':
			m.pos++
			value = true
		case c == '&' || c == '*':
			m.word()
		default:
			if !value {
				indent = m.pos - start
			}
			value = m.plain(value, false) || value
		}
	}
	m.pos++
}

// plain passes an unquoted scalar and reports whether it was a key.
func (m *masker) plain(value, flow bool) bool {
	if m.here() == '!' && expression(m.at(m.pos+1)) {
		m.src[m.pos] = maskedBang
	}
	ternary := false
	for ; m.here() != '\n'; m.pos++ {
		next := m.at(m.pos + 1)
		switch c := m.here(); {
		case flow && strings.ContainsRune(",[]{}", c), c == ' ' && next == '#':
			return false
		case c == '?' && (blank(next) || m.at(m.pos-1) == ' '):
			ternary = true
		case c == ':' && (ternary && value || !blank(next) && !(flow && strings.ContainsRune(",[]{}", next))):
			m.src[m.pos] = maskedColon
		case c == ':':
			m.pos++
			return true
		}
	}
	return false
}

// flow passes a collection in brackets or braces.
func (m *masker) flow() {
	depth, value := 0, false
	for m.pos < len(m.src) {
		switch c := m.here(); {
		case c == '[' || c == '{':
			depth++
			m.pos++
			value = false
		case c == ']' || c == '}':
			m.pos++
			if depth--; depth == 0 {
				return
			}
		case c == ',':
			m.pos++
			value = false
		case c == ':':
			m.pos++
			value = true
		case c == '"' || c == '\'':
			m.quoted()
		case c == '#' && m.pos > 0 && unicode.IsSpace(m.at(m.pos-1)):
			m.restOfLine()
		case unicode.IsSpace(c):
			m.pos++
		case c == '&' || c == '*':
			m.word()
		default:
			value = m.plain(value, true) || value
		}
	}
}

// blockScalar passes the lines below | or > that are indented deeper than their key.
func (m *masker) blockScalar(indent int) {
	m.restOfLine()
	for m.pos < len(m.src) {
		start := m.pos + 1
		end := start
		for m.at(end) == ' ' {
			end++
		}
		if end < len(m.src) && m.src[end] != '\n' && end-start <= indent {
			break
		}
		m.pos = end
		m.restOfLine()
	}
	m.pos++
}

func (m *masker) quoted() {
	quote := m.here()
	for m.pos++; m.pos < len(m.src); m.pos++ {
		switch c := m.here(); {
		case c == '\\' && quote == '"':
			m.pos++
		case c == quote && quote == '\'' && m.at(m.pos+1) == quote:
			m.pos++
		case c == quote:
			m.pos++
			return
		}
	}
}

// word passes an anchor or alias.
func (m *masker) word() {
	for m.pos++; !unicode.IsSpace(m.here()) && !strings.ContainsRune(",]}", m.here()); m.pos++ {
	}
}

func (m *masker) spaces() {
	for m.here() == ' ' {
		m.pos++
	}
}

func (m *masker) restOfLine() {
	if n := slices.Index(m.src[min(m.pos, len(m.src)):], '\n'); n >= 0 {
		m.pos += n
		return
	}
	m.pos = len(m.src)
}

func blank(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }

// expression reports whether a letter behind ! begins an operand: YAML's own
// tags (!!str) stay what they are.
func expression(r rune) bool { return r == '(' || r == '_' || unicode.IsLetter(r) }
