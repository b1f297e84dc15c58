package org

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// convert turns a JSON value, decoded with UseNumber, into that of a field, or refuses
// it as the API does.
func (tx *Tx) convert(f *Field, raw any) (any, *Error) {
	if raw == nil || raw == "" && f.text() {
		if f.Type == "boolean" {
			return nil, badJSON("boolean", "VALUE_NULL value null")
		}
		return nil, nil
	}
	switch f.Type {
	case "boolean":
		if b, ok := raw.(bool); ok {
			return b, nil
		}
		return nil, badJSON("boolean", kindOf(raw))
	case "int", "double", "currency", "percent":
		return convertNumber(f, raw)
	case "date", "datetime":
		return convertTime(f, raw)
	case "reference":
		return tx.convertReference(f, raw)
	}
	return convertText(f, raw)
}

func badJSON(want, got string) *Error {
	return refuse("JSON_PARSER_ERROR", "Cannot deserialize instance of %s from %s or request may be missing a required field at [line:1, column:1]", want, got)
}

func (f *Field) blame(e *Error) *Error {
	e.Fields = []string{f.Name}
	return e
}

func kindOf(raw any) string {
	switch v := raw.(type) {
	case string:
		return "VALUE_STRING value " + v
	case json.Number:
		return "VALUE_NUMBER value " + v.String()
	case bool:
		return "VALUE_BOOLEAN value " + strconv.FormatBool(v)
	}
	return "START_OBJECT"
}

func convertText(f *Field, raw any) (any, *Error) {
	text, ok := raw.(string)
	if !ok {
		return nil, badJSON("string", kindOf(raw))
	}
	if n := utf8.RuneCountInString(text); f.Length > 0 && n > f.Length {
		return nil, f.blame(refuse("STRING_TOO_LONG", "%s: data value too large: %s (max length=%d)", f.Label, cutTo(text, 255), f.Length))
	}
	if f.Type == "picklist" && Custom(f.Name) && !slices.Contains(f.Picks, text) {
		return nil, f.blame(refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "%s: bad value for restricted picklist field: %s", f.Label, text))
	}
	if f.Type == "email" && (strings.Count(text, "@") != 1 || strings.ContainsAny(text, " \n")) {
		return nil, f.blame(refuse("INVALID_EMAIL_ADDRESS", "%s: invalid email address: %s", f.Label, text))
	}
	return text, nil
}

func convertNumber(f *Field, raw any) (any, *Error) {
	n, ok := raw.(json.Number)
	if !ok {
		return nil, badJSON("double", kindOf(raw))
	}
	v, err := n.Float64()
	if err != nil || f.Type == "int" && v != math.Trunc(v) {
		return nil, badJSON("double", kindOf(raw))
	}
	if math.Abs(v) >= math.Pow10(f.Precision-f.Scale) {
		return nil, f.blame(refuse("NUMBER_OUTSIDE_VALID_RANGE", "%s: value outside of valid range on numeric field: %s", f.Label, n))
	}
	unit := math.Pow10(f.Scale)
	return math.Round(v*unit) / unit, nil
}

func convertTime(f *Field, raw any) (any, *Error) {
	text, ok := raw.(string)
	if !ok {
		return nil, badJSON(f.Type, kindOf(raw))
	}
	if f.Type == "date" {
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return nil, badJSON("date", kindOf(raw))
		}
		return text, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(time.Second), nil
		}
	}
	return nil, badJSON("datetime", kindOf(raw))
}

func (tx *Tx) convertReference(f *Field, raw any) (any, *Error) {
	text, _ := raw.(string)
	id, ok := fullID(text)
	t := tx.w.table(f.RefersTo)
	if !ok || !strings.HasPrefix(id, t.obj.Prefix) {
		return nil, f.blame(refuse("MALFORMED_ID", "%s: id value of incorrect type: %v", f.Label, raw))
	}
	if r, ok := t.find(id); ok {
		switch tx.newest().state(r) {
		case live:
			return id, nil
		case binned:
			return nil, refuse("ENTITY_IS_DELETED", "entity is deleted")
		}
	}
	return nil, refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
}
