package dbx

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"math"
)

// The types that an array's elements may have, by their numbers in pg_type.
var elements = map[string]uint32{"bigint": 20, "boolean": 16, "bytea": 17, "float8": 701, "text": 25}

// arrayHead is the number of bytes before the elements of an array.
const arrayHead = 20

// Columns turns rows that stand one after the other into one array of PostgreSQL per
// column, each a parameter for "unnest(CAST(? AS text[]), …)". The connection must send
// binary parameters; see Binary. Types are bigint, boolean, bytea, float8 and text.
func Columns(types []string, flat []any) ([]any, error) {
	out := make([]any, len(types))
	for i, typ := range types {
		b, err := column(typ, flat, i, len(types))
		if err != nil {
			return nil, fmt.Errorf("column %d: %w", i+1, err)
		}
		out[i] = b
	}
	return out, nil
}

// column is an array as it goes over the wire, by array_recv in the server's
// src/backend/utils/adt/arrayfuncs.c: dimensions, whether nulls come, type of the
// elements, how many they are, lower bound; then each element behind its length.
func column(typ string, flat []any, at, width int) ([]byte, error) {
	size := arrayHead
	for i := at; i < len(flat); i += width {
		size += room(flat[i])
	}
	b := make([]byte, 0, size)
	for _, v := range [...]uint32{1, 0, elements[typ], uint32(len(flat) / width), 1} { //nolint:gosec // some hundred rows
		b = binary.BigEndian.AppendUint32(b, v)
	}
	for i := at; i < len(flat); i += width {
		var err error
		if b, err = element(b, typ, flat[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// room is how many bytes an element takes with its length, or a little more.
func room(v any) int {
	switch v := v.(type) {
	case string:
		return 4 + len(v)
	case []byte:
		return 4 + len(v)
	default:
		return 4 + 8
	}
}

// element appends one value behind its length; nil has the length -1.
func element(b []byte, typ string, v any) ([]byte, error) {
	v, err := driver.DefaultParameterConverter.ConvertValue(v)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil:
		return null(b), nil
	case string:
		return append(length(b, len(v)), v...), is(typ, "text", v)
	case []byte:
		if v == nil {
			return null(b), nil
		}
		return append(length(b, len(v)), v...), is(typ, "bytea", v)
	case int64:
		return binary.BigEndian.AppendUint64(length(b, 8), uint64(v)), is(typ, "bigint", v) //nolint:gosec // the bits as they are
	case bool:
		return append(length(b, 1), bit(v)), is(typ, "boolean", v)
	case float64:
		return binary.BigEndian.AppendUint64(length(b, 8), math.Float64bits(v)), is(typ, "float8", v)
	default:
		return nil, is(typ, "", v)
	}
}

// is refuses a value of another type than its column's, which the server would take
// for something else.
func is(typ, want string, v any) error {
	if typ != want {
		return fmt.Errorf("a value of type %T does not fit %s", v, typ)
	}
	return nil
}

func bit(set bool) byte {
	if set {
		return 1
	}
	return 0
}

func length(b []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(b, uint32(n)) //nolint:gosec // PostgreSQL takes a gigabyte at most
}

// null appends an element that is none, and notes in the head that there are such.
func null(b []byte) []byte {
	b[7] = 1
	return binary.BigEndian.AppendUint32(b, math.MaxUint32)
}
