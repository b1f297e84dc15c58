package soql

import "strings"

// condition reads one condition, or several that AND joins, or several that OR joins.
// To mix them takes parentheses, and so does a NOT beside others (SOQL guide, Logical
// Operators).
func (p *parser) condition() (Expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, &Malformed{"SOQL statement is too complicated: too many parentheses"}
	}
	defer func() { p.depth-- }()
	if p.accept("NOT") {
		of, err := p.single()
		return Not{of}, err
	}
	first, err := p.single()
	if err != nil {
		return nil, err
	}
	switch t := p.peek(); {
	case t.is("AND"):
		all, err := p.chain("AND", first)
		return And(all), err
	case t.is("OR"):
		all, err := p.chain("OR", first)
		return Or(all), err
	}
	return first, nil
}

func (p *parser) chain(joint string, first Expr) ([]Expr, error) {
	all := []Expr{first}
	for p.accept(joint) {
		e, err := p.single()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if t := p.peek(); t.is("AND") || t.is("OR") {
		return nil, unexpected(p.text, t)
	}
	return all, nil
}

// single reads a comparison, or a condition in parentheses.
func (p *parser) single() (Expr, error) {
	if p.accept("(") {
		e, err := p.condition()
		if err == nil {
			err = p.expect(")")
		}
		return e, err
	}
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	return p.comparison(path)
}

func (p *parser) comparison(path Path) (Expr, error) {
	t := p.take()
	switch {
	case t.kind == symbol && strings.Contains("= != < <= > >=", t.text), t.is("LIKE"):
		return p.compare(path, t)
	case t.is("IN"):
		return p.in(path, false)
	case t.is("NOT"):
		if err := p.expect("IN"); err != nil {
			return nil, err
		}
		return p.in(path, true)
	case t.is("INCLUDES"), t.is("EXCLUDES"):
		return p.includes(path, t)
	}
	return nil, unexpected(p.text, t)
}

func (p *parser) compare(path Path, op token) (Expr, error) {
	t := p.take()
	v, err := value(p.text, t)
	if err != nil {
		return nil, err
	}
	c := Compare{Path: path, Op: strings.ToUpper(op.text), Value: v}
	if c.Op == "LIKE" {
		if v.Type != String {
			return nil, unexpected(p.text, t)
		}
		c.Value.Text = t.pattern
	}
	return c, nil
}

func (p *parser) in(path Path, not bool) (Expr, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	e := In{Path: path, Not: not}
	var err error
	if p.peek().is("SELECT") {
		e.Sub, err = p.query(false)
	} else {
		e.Values, err = p.values()
	}
	if err == nil {
		err = p.expect(")")
	}
	return e, err
}

func (p *parser) values() ([]Value, error) {
	var out []Value
	for {
		v, err := value(p.text, p.take())
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if !p.accept(",") {
			return out, nil
		}
	}
}

func (p *parser) includes(path Path, keyword token) (Expr, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	values, err := p.values()
	if err != nil {
		return nil, err
	}
	e := Includes{Path: path, Excludes: keyword.is("EXCLUDES"), At: keyword.at}
	for _, v := range values {
		if v.Type != String {
			return nil, unexpected(p.text, token{kind: word, text: v.Text, at: v.At})
		}
		e.Sets = append(e.Sets, strings.Split(v.Text, ";"))
	}
	return e, p.expect(")")
}
