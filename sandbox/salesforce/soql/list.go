package soql

import "strings"

// list reads what is selected; only the outermost statement may count.
func (p *parser) list(q *Query, outer bool) error {
	if outer && p.peek().is("COUNT") && p.tokens[p.pos+1].text == "(" {
		p.pos += 2
		q.Count = true
		return p.expect(")")
	}
	for {
		item, err := p.item(outer)
		if err != nil {
			return err
		}
		q.Select = append(q.Select, item)
		if !p.accept(",") {
			return nil
		}
	}
}

func (p *parser) item(outer bool) (Item, error) {
	if !outer || !p.accept("(") {
		path, err := p.path()
		return Item{Path: path}, err
	}
	if p.subs++; p.subs > MaxSubqueries {
		return Item{}, &Malformed{"Maximum 20 child relationship sub-queries are allowed in a query"}
	}
	sub, err := p.query(false)
	if err == nil {
		err = p.expect(")")
	}
	return Item{Sub: sub}, err
}

// alias reads the other name FROM may give to the object, and takes it off the paths
// that began before it was known.
func (p *parser) alias(q *Query) error {
	p.accept("AS")
	t := p.peek()
	if t.kind != word || reserved[strings.ToUpper(t.text)] {
		return nil
	}
	if _, err := p.name(); err != nil {
		return err
	}
	for i := range q.Select {
		q.Select[i].Path = q.Select[i].Path.without(t.text)
	}
	// what follows is read from tokens that no longer bear the alias
	for i := p.pos; i < len(p.tokens); i++ {
		if rest, ok := cutFold(p.tokens[i].text, t.text+"."); ok && p.tokens[i].kind == word {
			p.tokens[i].text = rest
		}
	}
	return nil
}

func (p Path) without(alias string) Path {
	if len(p.Steps) > 1 && strings.EqualFold(p.Steps[0], alias) {
		p.Steps = p.Steps[1:]
	}
	return p
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

func (p *parser) order(q *Query) error {
	if err := p.expect("BY"); err != nil {
		return err
	}
	for {
		path, err := p.path()
		if err != nil {
			return err
		}
		o := Order{Path: path}
		if !p.accept("ASC") {
			o.Desc = p.accept("DESC")
		}
		if p.accept("NULLS") {
			if o.NullsLast = p.accept("LAST"); !o.NullsLast {
				if err := p.expect("FIRST"); err != nil {
					return err
				}
			}
		}
		q.Order = append(q.Order, o)
		if !p.accept(",") {
			return nil
		}
	}
}
