package helpdesk

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/desksync/desksync/internal/day"
)

// Type is the type of a field's value.
type Type uint8

// The types; the zero type is that of the empty value.
const (
	Empty Type = iota
	Text
	Choice // one of a dropdown's options, by its value
	Integer
	Decimal
	Bool
	Date
	Nothing // wanted only: a rule names the field and yields nothing
)

var typeNames = [...]string{Empty: "empty", Text: "text", Choice: "dropdown", Integer: "integer", Decimal: "decimal", Bool: "checkbox", Date: "date", Nothing: "nothing"}

// String returns the name that helpdesk screens use.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "type " + strconv.Itoa(int(t))
}

// Value is what a field holds, in canonical form: values that mean the same are
// equal under ==. The zero Value is empty.
type Value struct {
	typ  Type
	text string
}

// None is the value of a rule that yields nothing: it asks for the removal of
// what desksync wrote, and has no opinion on what others wrote.
var None = Value{typ: Nothing}

// TextOf returns a text value; the empty text is the empty value.
func TextOf(s string) Value { return of(Text, s) }

// ChoiceOf returns a dropdown value.
func ChoiceOf(s string) Value { return of(Choice, s) }

// IntOf returns an integer value.
func IntOf(n int64) Value { return Value{Integer, strconv.FormatInt(n, 10)} }

// BoolOf returns a checkbox value.
func BoolOf(b bool) Value { return Value{Bool, strconv.FormatBool(b)} }

// DateOf returns a date value; no day is the empty value.
func DateOf(d day.Day) Value { return of(Date, d.String()) }

func of(t Type, s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{t, s}
}

// Parse reads text as a value of type t, and says what was expected if it is not
// one. Numbers may carry an exponent; surrounding space is not part of a value,
// except in text.
func Parse(t Type, s string) (Value, error) {
	trimmed := strings.TrimSpace(s)
	if trimmed == "" {
		return Value{}, nil
	}
	switch t {
	case Text:
		return Value{Text, s}, nil
	case Choice:
		return Value{Choice, trimmed}, nil
	case Integer, Decimal:
		return parseNumber(t, trimmed)
	case Bool:
		return parseBool(trimmed)
	case Date:
		d, err := day.Parse(trimmed)
		return DateOf(d), err
	default:
		return Value{}, fmt.Errorf("%q cannot be read as %s", s, t)
	}
}

func parseBool(s string) (Value, error) {
	switch strings.ToLower(s) {
	case "true", "1", "yes":
		return BoolOf(true), nil
	case "false", "0", "no":
		return BoolOf(false), nil
	default:
		return Value{}, fmt.Errorf("%q is not a checkbox value; write true or false", s)
	}
}

// Type returns the value's type; Empty for the empty value.
func (v Value) Type() Type { return v.typ }

// IsEmpty reports whether the field holds, or shall hold, nothing.
func (v Value) IsEmpty() bool { return v.typ == Empty }

// IsZero reports whether the value is empty, false or 0, which some targets
// cannot tell apart.
func (v Value) IsZero() bool {
	return v.typ == Empty || v.typ == Bool && v.text == "false" || (v.typ == Integer || v.typ == Decimal) && v.text == "0"
}

// Text returns the canonical text: 31200, true, 2026-11-21, gold.
func (v Value) Text() string { return v.text }

// True reports whether the value is a set checkbox, a present tag or domain.
func (v Value) True() bool { return v.typ == Bool && v.text == "true" }

// String renders the value for people: text, and a dash for the empty value.
func (v Value) String() string {
	if v.typ == Empty || v.typ == Nothing {
		return "–"
	}
	return v.text
}

// Compare orders values by type, then text; it is a total order for tests and
// stable output, not a numeric one.
func (v Value) Compare(o Value) int {
	return cmp.Or(cmp.Compare(v.typ, o.typ), cmp.Compare(v.text, o.text))
}

// MarshalJSON renders what a reader of JSON expects: numbers as numbers,
// checkboxes as booleans, empty as null.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.typ {
	case Empty, Nothing:
		return []byte("null"), nil
	case Integer, Decimal, Bool:
		return []byte(v.text), nil
	default:
		return json.Marshal(v.text)
	}
}

// MarshalText renders the value with its type, such as "decimal:31200", so that
// UnmarshalText gives the same value back.
func (v Value) MarshalText() ([]byte, error) {
	if v.typ == Empty {
		return nil, nil
	}
	return []byte(v.typ.String() + ":" + v.text), nil
}

// UnmarshalText reads what MarshalText wrote.
func (v *Value) UnmarshalText(b []byte) error {
	*v = Value{}
	if len(b) == 0 {
		return nil
	}
	name, text, ok := strings.Cut(string(b), ":")
	for t, n := range typeNames {
		if ok && n == name && stored(Type(t), text) {
			*v = Value{Type(t), text}
			return nil
		}
	}
	return fmt.Errorf("%q is not a stored value; it should look like text:gold", b)
}

// stored reports whether a value of type t is ever stored with this text.
func stored(t Type, text string) bool {
	switch t {
	case Empty:
		return false
	case Nothing:
		return text == ""
	case Text, Choice:
		return text != ""
	default:
		v, err := Parse(t, text)
		return err == nil && v == Value{t, text}
	}
}
