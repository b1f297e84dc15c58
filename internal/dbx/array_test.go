package dbx_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
)

func TestColumnsReadBackAsTheyWere(t *testing.T) {
	t.Parallel()
	db := openBinary(t)
	type row struct {
		N *int64
		T *string
		B []byte
		F *float64
		Y *bool
	}
	n, txt, f, yes := int64(-9_007_199_254_740_993), "Łódź, 東京 \" \\ {NULL} '\n", -0.1, true
	want := []row{{&n, &txt, []byte{0, 255, '\\'}, &f, &yes}, {nil, nil, nil, nil, nil}, {new(int64), new(string), []byte{}, new(float64), new(bool)}}
	flat := []any{n, txt, []byte{0, 255, '\\'}, f, yes, nil, nil, []byte(nil), nil, nil, 0, "", []byte{}, 0.0, false}
	columns, err := dbx.Columns([]string{"bigint", "text", "bytea", "float8", "boolean"}, flat)
	if err != nil {
		t.Fatal(err)
	}
	const q = `SELECT n, t, b, f, y
		FROM   unnest(CAST($1 AS bigint[]), CAST($2 AS text[]), CAST($3 AS bytea[]), CAST($4 AS float8[]), CAST($5 AS boolean[])) r (n, t, b, f, y)`
	var got []row
	if err := db.SelectContext(t.Context(), &got, q, columns...); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back %+v, want %+v", got, want)
	}
}

func TestColumnsOfNoRowsAreEmpty(t *testing.T) {
	t.Parallel()
	columns, err := dbx.Columns([]string{"text"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := openBinary(t).GetContext(t.Context(), &n, `SELECT count(*) FROM unnest(CAST($1 AS text[]))`, columns...); err != nil || n != 0 {
		t.Errorf("an array of no rows has %d elements, %v", n, err)
	}
}

func TestColumnsRefuseWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for typ, v := range map[string]any{"bigint": "7", "text": []byte("7"), "bytea": "7", "float8": 7, "boolean": 1} {
		if _, err := dbx.Columns([]string{"text", typ}, []any{"first", v}); err == nil || !strings.Contains(err.Error(), "column 2: a value of type") {
			t.Errorf("%T for %s: %v", v, typ, err)
		}
	}
}

// openBinary opens a database as the journal does, whose parameters are binary.
func openBinary(t *testing.T) *dbx.DB {
	t.Helper()
	dsn := ready.Postgres(t)
	sep := "?"
	if strings.Contains(dsn, "?") {
		sep = "&"
	}
	db, err := dbx.Open(t.Context(), dsn+sep+"binary_parameters=yes")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
