package soql

import "strings"

// escapes are those of the SOQL guide, Quoted String Escape Sequences.
var escapes = map[rune]string{
	'\\': `\`, '\'': "'", '"': `"`, 'n': "\n", 'N': "\n", 'r': "\r", 'R': "\r", 't': "\t", 'T': "\t",
	'b': "\b", 'B': "\b", 'f': "\f", 'F': "\f", '%': "%", '_': "_",
}

// str reads a string literal; the position is at its quote.
func (l *lexer) str() (token, error) {
	at := l.pos
	var b, pattern strings.Builder
	for l.pos++; l.pos < len(l.runes); l.pos++ {
		switch r := l.runes[l.pos]; r {
		case '\'':
			if l.pos-at-1 > MaxString {
				return token{}, &Malformed{Point(l.text, at, "string literal is too long: the limit is 4000 characters")}
			}
			l.pos++
			return token{str, b.String(), at, pattern.String()}, nil
		case '\\':
			if err := l.escape(&b, &pattern); err != nil {
				return token{}, err
			}
		default:
			b.WriteRune(r)
			pattern.WriteRune(r)
		}
	}
	return token{}, &Malformed{Point(l.text, at, "no viable alternative at character '<EOF>'")}
}

// escape reads an escape sequence: into b what it means, and into pattern so that Like
// tells a character that stands for itself from one that stands for others.
func (l *lexer) escape(b, pattern *strings.Builder) error {
	at := l.pos
	if l.pos++; l.pos == len(l.runes) {
		return unexpected(l.text, token{kind: end, at: l.pos})
	}
	means, ok := escapes[l.runes[l.pos]]
	if !ok {
		return &Malformed{Point(l.text, at, "Invalid string literal. Illegal character sequence '\\"+string(l.runes[l.pos])+"' in string literal.")}
	}
	b.WriteString(means)
	if strings.Contains(`\%_`, means) {
		pattern.WriteByte('\\')
	}
	pattern.WriteString(means)
	return nil
}

// Like says whether text matches a pattern: % stands for any text, _ for one character,
// a backslash makes what follows stand for itself, and letter case does not count (SOQL
// guide, Comparison Operators).
func Like(text, pattern string) bool {
	return like([]rune(strings.ToLower(text)), []rune(strings.ToLower(pattern)))
}

func like(text, pattern []rune) bool {
	// star is the last %, and mark where its text began: on a mismatch it takes one more
	star, mark := -1, 0
	t, p := 0, 0
	for t < len(text) {
		switch step, width := matches(text[t], pattern[p:]); {
		case step:
			t, p = t+1, p+width
		case p < len(pattern) && pattern[p] == '%':
			star, mark, p = p, t, p+1
		case star >= 0:
			mark++
			t, p = mark, star+1
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}

// matches says whether the pattern begins with what takes r, and how long that is.
func matches(r rune, pattern []rune) (bool, int) {
	switch {
	case len(pattern) == 0 || pattern[0] == '%':
		return false, 0
	case pattern[0] == '_':
		return true, 1
	case pattern[0] == '\\' && len(pattern) > 1:
		return pattern[1] == r, 2
	}
	return pattern[0] == r, 1
}
