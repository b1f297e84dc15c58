package soql

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

type parser struct {
	text   string
	tokens []token
	pos    int
	depth  int // of parentheses
	subs   int
}

// maxDepth is how deep parentheses may stand in each other; the limit is ours.
const maxDepth = 200

// Parse reads one statement. The error is a *Malformed.
func Parse(text string) (*Query, error) {
	if n := utf8.RuneCountInString(text); n > MaxStatement {
		return nil, &Malformed{fmt.Sprintf("SOQL statement is too long: %d characters, the limit is %d", n, MaxStatement)}
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens}
	q, err := p.query(true)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != end {
		return nil, unexpected(text, t)
	}
	return q, nil
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) take() token {
	t := p.tokens[p.pos]
	if t.kind != end {
		p.pos++
	}
	return t
}

// accept takes the next token if it is that keyword or symbol.
func (p *parser) accept(text string) bool {
	t := p.peek()
	if t.is(text) || t.kind == symbol && t.text == text {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if p.accept(text) {
		return nil
	}
	return unexpected(p.text, p.peek())
}

// query reads a statement; only the outermost may have sub-queries in its list.
func (p *parser) query(outer bool) (*Query, error) {
	q := &Query{Limit: -1}
	if err := p.expect("SELECT"); err != nil {
		return nil, err
	}
	if err := p.list(q, outer); err != nil {
		return nil, err
	}
	if err := p.expect("FROM"); err != nil {
		return nil, err
	}
	from, err := p.name()
	if err != nil {
		return nil, err
	}
	q.From, q.FromAt = from.text, from.at
	if err := p.alias(q); err != nil {
		return nil, err
	}
	return q, p.clauses(q)
}

func (p *parser) clauses(q *Query) (err error) {
	if p.accept("WHERE") {
		if q.Where, err = p.condition(); err != nil {
			return err
		}
	}
	if p.accept("ORDER") {
		if err = p.order(q); err != nil {
			return err
		}
	}
	if p.accept("LIMIT") {
		if q.Limit, err = p.count(); err != nil {
			return err
		}
	}
	if p.accept("OFFSET") {
		q.Offset, err = p.count()
	}
	return err
}

var reserved = map[string]bool{
	"SELECT": true, "FROM": true, "WHERE": true, "AND": true, "OR": true, "NOT": true, "IN": true, "LIKE": true, "ORDER": true,
	"BY": true, "ASC": true, "DESC": true, "NULLS": true, "LIMIT": true, "OFFSET": true, "INCLUDES": true, "EXCLUDES": true,
	"GROUP": true, "HAVING": true, "USING": true, "WITH": true, "FOR": true, "UPDATE": true, "NULL": true, "TRUE": true, "FALSE": true,
}

// name reads a name: a word that means nothing else.
func (p *parser) name() (token, error) {
	t := p.peek()
	if t.kind != word || reserved[strings.ToUpper(t.text)] || strings.ContainsAny(t.text, ".:") {
		return t, unexpected(p.text, t)
	}
	return p.take(), nil
}

// path reads a field, with the parents before it.
func (p *parser) path() (Path, error) {
	t := p.peek()
	if t.kind != word || reserved[strings.ToUpper(t.text)] || strings.Contains(t.text, ":") {
		return Path{}, unexpected(p.text, t)
	}
	steps := strings.Split(t.text, ".")
	for _, s := range steps {
		if s == "" || isDigit(rune(s[0])) {
			return Path{}, unexpected(p.text, t)
		}
	}
	return Path{Steps: steps, At: p.take().at}, nil
}

func (p *parser) count() (int, error) {
	t := p.take()
	n, err := strconv.Atoi(t.text)
	if t.kind != number || err != nil || n < 0 {
		return 0, unexpected(p.text, t)
	}
	return n, nil
}
