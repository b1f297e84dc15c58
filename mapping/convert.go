package mapping

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/near"
)

// converter turns what a rule yields into the value of one field. Nothing stays
// helpdesk.None; an empty text that the rule itself wrote is the empty value,
// which the field shall hold.
type converter struct {
	typ     helpdesk.Type // Empty: the target is not known; the value keeps its own type
	maxLen  int
	bars    string
	choices map[string]helpdesk.Value
	offered []string
}

func newConverter(spec helpdesk.Spec, known bool) *converter {
	c := &converter{maxLen: spec.MaxLen, bars: spec.Bars}
	if !known {
		return c
	}
	c.typ = spec.Type
	if spec.Type == helpdesk.Choice {
		c.choices = make(map[string]helpdesk.Value, len(spec.Choices))
		for _, o := range spec.Choices {
			c.choices[o.Value] = helpdesk.ChoiceOf(o.Value)
			c.offered = append(c.offered, o.Value)
		}
	}
	return c
}

// text converts the text of a column or a rule.
func (c *converter) text(s string) (helpdesk.Value, error) {
	switch c.typ {
	case helpdesk.Text, helpdesk.Empty:
		if c.maxLen > 0 && len(s) > c.maxLen && utf8.RuneCountInString(s) > c.maxLen {
			return helpdesk.Value{}, fmt.Errorf("%q has %d characters and the field holds %d: shorten it in the CRM, or in the rule", fault.Clip(s), utf8.RuneCountInString(s), c.maxLen)
		}
		if at := strings.IndexAny(s, c.bars); at >= 0 {
			r, _ := utf8.DecodeRuneInString(s[at:])
			return helpdesk.Value{}, fmt.Errorf("%q has a %c in it, which the helpdesk takes from nobody: leave it out in the CRM, or in the rule", fault.Clip(s), r)
		}
		return helpdesk.TextOf(s), nil
	case helpdesk.Choice:
		return c.choice(s)
	case helpdesk.Date:
		d, err := parseDay(strings.TrimSpace(s))
		return helpdesk.DateOf(d), err
	default:
		return helpdesk.Parse(c.typ, s)
	}
}

func (c *converter) choice(s string) (helpdesk.Value, error) {
	if v, ok := c.choices[s]; ok {
		return v, nil
	}
	s = strings.TrimSpace(s)
	if v, ok := c.choices[s]; ok || s == "" {
		return v, nil
	}
	return helpdesk.Value{}, fmt.Errorf("%q is not offered%s; the field offers %s: offer it in the helpdesk too, or have the rule yield one of these", s, near.Meant(s, c.offered), shortList(c.offered))
}

// column converts a column without a detour: its text is canonical already.
func (c *converter) column(s *slot, text string) (helpdesk.Value, error) {
	if text == "" {
		return helpdesk.None, nil
	}
	if c.typ == helpdesk.Empty && !s.loose {
		return helpdesk.Parse(naturalType(s.typ), text)
	}
	v, err := c.text(text)
	if err == nil && v.IsEmpty() {
		return helpdesk.None, nil
	}
	return v, err
}

// value converts the result of an expression.
func (c *converter) value(v any) (helpdesk.Value, error) {
	switch x := v.(type) {
	case nil:
		return helpdesk.None, nil
	case string:
		return c.text(x)
	case bool:
		return c.bool(x)
	case time.Time:
		return c.date(x)
	case []string:
		return c.list(x)
	case []any:
		list, err := textsOfAny(x)
		if err != nil {
			return helpdesk.Value{}, err
		}
		return c.list(list)
	}
	if f, ok := numberOf(v); ok {
		return c.number(f)
	}
	return helpdesk.Value{}, fmt.Errorf("%s is no value for %s", show(v), c.typ)
}

func (c *converter) list(l []string) (helpdesk.Value, error) {
	if len(l) == 0 {
		return helpdesk.None, nil
	}
	return c.text(strings.Join(l, ";"))
}

func (c *converter) bool(b bool) (helpdesk.Value, error) {
	switch c.typ {
	case helpdesk.Bool, helpdesk.Empty:
		return helpdesk.BoolOf(b), nil
	case helpdesk.Text, helpdesk.Choice:
		return c.text(strconv.FormatBool(b))
	default:
		return helpdesk.Value{}, fmt.Errorf("%v is not %s", b, article(c.typ))
	}
}

func (c *converter) date(t time.Time) (helpdesk.Value, error) {
	d := dayOfTime(t)
	switch c.typ {
	case helpdesk.Date, helpdesk.Empty:
		return helpdesk.DateOf(d), nil
	case helpdesk.Text, helpdesk.Choice:
		return c.text(d.String())
	default:
		return helpdesk.Value{}, fmt.Errorf("the date %s is not %s", d, article(c.typ))
	}
}

func (c *converter) number(f float64) (helpdesk.Value, error) {
	switch c.typ {
	case helpdesk.Decimal, helpdesk.Empty:
		if v := helpdesk.DecimalOf(f); !v.IsEmpty() {
			return v, nil
		}
		return helpdesk.Value{}, fmt.Errorf("%v is not a number a field can hold", f)
	case helpdesk.Date:
		return helpdesk.Value{}, fmt.Errorf("the number %s is not a date", show(f))
	default:
		return c.text(strconv.FormatFloat(f, 'f', -1, 64))
	}
}

// takes reports whether a value of a kind may become the field's type.
func (c *converter) takes(k kind) bool {
	switch k {
	case boolKind:
		return c.typ == helpdesk.Bool || c.typ == helpdesk.Text || c.typ == helpdesk.Choice || c.typ == helpdesk.Empty
	case dateKind:
		return c.typ == helpdesk.Date || c.typ == helpdesk.Text || c.typ == helpdesk.Choice || c.typ == helpdesk.Empty
	case numberKind:
		return c.typ != helpdesk.Date && c.typ != helpdesk.Bool
	case listKind:
		return c.typ == helpdesk.Text || c.typ == helpdesk.Empty
	case recordKind:
		return false
	default:
		return true
	}
}

func naturalType(t crm.Type) helpdesk.Type {
	switch t {
	case crm.Number, crm.Money:
		return helpdesk.Decimal
	case crm.Bool:
		return helpdesk.Bool
	case crm.Date:
		return helpdesk.Date
	default:
		return helpdesk.Text
	}
}

func article(t helpdesk.Type) string {
	if t == helpdesk.Integer {
		return "an integer"
	}
	return "a " + t.String()
}

func shortList(list []string) string {
	const keep = 12
	if len(list) <= keep {
		return join(list)
	}
	return fmt.Sprintf("%s and %d more", join(list[:keep]), len(list)-keep)
}
