package salesforce

import (
	"errors"
	"strings"
)

// token is a word, a literal or a sign of a SOQL text.
type token struct {
	text   string
	at     int
	depth  int // in how many parentheses it stands
	quoted bool
}

func (t token) is(word string) bool { return !t.quoted && strings.EqualFold(t.text, word) }

// tokens splits a SOQL text. Quotes and parentheses must be closed, and no parenthesis
// may close one that is not open: that would end what we put around a condition.
func tokens(s string) ([]token, error) {
	var out []token
	depth := 0
	for i := 0; i < len(s); {
		c := s[i]
		n := 1
		switch {
		case c == ' ', c == '\t', c == '\n', c == '\r':
			i++
			continue
		case c == '\'':
			if n = literal(s[i:]); n == 0 {
				return nil, errors.New("has a quote that is never closed; write \\' for a quote within a value")
			}
		case c == ')':
			if depth--; depth < 0 {
				return nil, errors.New("closes a parenthesis that is not open")
			}
		case wordByte(c):
			for n < len(s)-i && wordByte(s[i+n]) {
				n++
			}
		case c < ' ', c == 0x7f:
			return nil, errors.New("has a control character")
		}
		out = append(out, token{s[i : i+n], i, depth, c == '\''})
		if c == '(' {
			depth++
		}
		i += n
	}
	if depth > 0 {
		return nil, errors.New("has a parenthesis that is never closed")
	}
	return out, nil
}

// literal returns the length of a quoted literal, or 0 if it does not end.
func literal(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			return i + 1
		}
	}
	return 0
}

func wordByte(c byte) bool {
	return c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80
}
