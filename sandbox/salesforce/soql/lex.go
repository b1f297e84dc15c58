package soql

import (
	"strings"
	"unicode"
)

type kind int

const (
	end kind = iota
	word
	number // also dates and times: what begins with a digit
	str
	symbol
)

// token is one piece of a statement. Of a string, text is what it means, and pattern
// what it means to Like.
type token struct {
	kind    kind
	text    string
	at      int
	pattern string
}

func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.text, keyword) }

type lexer struct {
	text  string
	runes []rune
	pos   int
}

// lex cuts a statement into tokens; the last one is the end.
func lex(text string) ([]token, error) {
	l := &lexer{text: text, runes: []rune(text)}
	var out []token
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if t.kind == end {
			return out, nil
		}
	}
}

func (l *lexer) next() (token, error) {
	for l.pos < len(l.runes) && unicode.IsSpace(l.runes[l.pos]) {
		l.pos++
	}
	at := l.pos
	if at == len(l.runes) {
		return token{kind: end, at: at}, nil
	}
	switch r := l.runes[at]; {
	case r == '\'':
		return l.str()
	case isLetter(r):
		return l.run(word, func(r rune) bool { return isLetter(r) || isDigit(r) || r == '.' || r == ':' }), nil
	case isDigit(r), (r == '-' || r == '+') && at+1 < len(l.runes) && isDigit(l.runes[at+1]):
		l.pos++
		t := l.run(number, inNumber)
		return token{kind: number, text: string(r) + t.text, at: at}, nil
	}
	return l.symbol()
}

func isLetter(r rune) bool { return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func inNumber(r rune) bool { return isLetter(r) || isDigit(r) || strings.ContainsRune(".:+-", r) }

func (l *lexer) run(k kind, in func(rune) bool) token {
	at := l.pos
	for l.pos < len(l.runes) && in(l.runes[l.pos]) {
		l.pos++
	}
	return token{kind: k, text: string(l.runes[at:l.pos]), at: at}
}

func (l *lexer) symbol() (token, error) {
	at := l.pos
	for _, s := range []string{"!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ","} {
		if strings.HasPrefix(string(l.runes[at:min(at+2, len(l.runes))]), s) {
			l.pos += len(s)
			if s == "<>" {
				s = "!="
			}
			return token{kind: symbol, text: s, at: at}, nil
		}
	}
	return token{}, unexpected(l.text, token{kind: symbol, text: string(l.runes[at]), at: at})
}
