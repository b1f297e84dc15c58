package org

import (
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/soql"
)

// test makes a comparison of a field with a literal. What a date literal covers is known
// when the query runs.
func (p *Plan) test(c Column, op string, value soql.Value) (func(v view) func(have any) bool, error) {
	if value.Type == soql.Range {
		if c.Field.Type != "date" && c.Field.Type != "datetime" {
			return nil, p.mistyped(c, value)
		}
		return func(v view) func(any) bool { return inRange(c.Field, op, value, v.now) }, nil
	}
	want, err := p.literal(c, value)
	if err != nil {
		return nil, err
	}
	return func(view) func(any) bool {
		return func(have any) bool { return stands(c.Field, have, op, want) }
	}, nil
}

// stands compares two values; null equals null only, and is neither less nor more.
func stands(f *Field, have any, op string, want any) bool {
	switch op {
	case "=":
		return keyOf(f, have) == keyOf(f, want)
	case "!=":
		return keyOf(f, have) != keyOf(f, want)
	}
	if have == nil || want == nil {
		return false
	}
	if op == "LIKE" {
		text, _ := have.(string)
		pattern, _ := want.(string)
		return soql.Like(text, pattern)
	}
	return ordered(op, compare(f, have, want))
}

func ordered(op string, c int) bool {
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// inRange compares with all the time a date literal covers (SOQL guide, Date Formats).
func inRange(f *Field, op string, value soql.Value, now time.Time) func(any) bool {
	from, to := value.Range(now)
	var low, high any = from, to
	if f.Type == "date" {
		low, high = from.Format(time.DateOnly), to.Format(time.DateOnly)
	}
	return func(have any) bool {
		if have == nil {
			return op == "!="
		}
		before, after := compare(f, have, low) < 0, compare(f, have, high) >= 0
		switch op {
		case "=":
			return !before && !after
		case "!=":
			return before || after
		case "<":
			return before
		case "<=":
			return !after
		case ">":
			return after
		}
		return !before
	}
}

// literal is what a value means for a field; one of another type is refused.
func (p *Plan) literal(c Column, value soql.Value) (any, error) {
	if value.Type == soql.Null {
		return nil, nil
	}
	switch f := c.Field; {
	case f.Type == "id" || f.Type == "reference":
		return p.literalID(c, value)
	case f.text() && value.Type == soql.String:
		if value.Text == "" {
			return nil, nil
		}
		return value.Text, nil
	case f.Type == "boolean" && value.Type == soql.Bool:
		return value.Bool, nil
	case f.Type == "date" && value.Type == soql.Date:
		return value.Time.Format(time.DateOnly), nil
	case f.Type == "datetime" && value.Type == soql.DateTime:
		return value.Time, nil
	case isNumber(f) && value.Type == soql.Number:
		return value.Number, nil
	}
	return nil, p.mistyped(c, value)
}

func isNumber(f *Field) bool {
	switch f.Type {
	case "int", "double", "currency", "percent":
		return true
	}
	return false
}

func (p *Plan) literalID(c Column, value soql.Value) (any, error) {
	if value.Type != soql.String {
		return nil, p.mistyped(c, value)
	}
	id, ok := fullID(value.Text)
	if !ok {
		return nil, &Error{Code: "INVALID_QUERY_FILTER_OPERATOR", Message: soql.Point(p.text, value.At, "invalid ID field: "+value.Text)}
	}
	return id, nil
}

func (p *Plan) mistyped(c Column, value soql.Value) error {
	kind, quotes := c.Field.Type, "should not be enclosed in quotes"
	switch {
	case c.Field.text():
		kind, quotes = "string", "should be enclosed in quotes"
	case kind == "datetime":
		kind = "dateTime"
	case kind == "id" || kind == "reference":
		quotes = "should be enclosed in quotes"
	}
	return p.fault(value.At, "value of filter criterion for field '%s' must be of type %s and %s", c.Field.Name, kind, quotes)
}
