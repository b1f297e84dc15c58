package sqldesk

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
)

func TestEveryTableOfNewRowsSaysHowItsColumnsGo(t *testing.T) {
	t.Parallel()
	for _, table := range append(slices.Clone(filled), groupTable) {
		if got, want := len(wires[table.Name]), len(table.Columns); got != want {
			t.Errorf("%s says it of %d columns, and has %d", table.Name, got, want)
		}
	}
}

func TestWhatNewRowsShareGoesOnce(t *testing.T) {
	t.Parallel()
	table := dbx.Table{Name: tagTable.Name, Columns: []string{"organization_id", "tag"}}
	const want = `INSERT INTO organization_tag (organization_id, tag) SELECT unnest(CAST($1 AS bigint[])), unnest(CAST($2 AS text[]))`
	if got := columnsSQL(table); got != want {
		t.Errorf("tags go in by %s, want %s", got, want)
	}
	if got := columnsSQL(orgTable); !strings.Contains(got, "CAST(unnest(CAST($8 AS text[])) AS jsonb)") || !strings.Contains(got, "CAST($10 AS timestamptz)") {
		t.Errorf("organizations go in by %s", got)
	}
	rows := slices.Values([][]any{{int64(1), "a", int64(9)}, {int64(2), "b", int64(9)}})
	args, n, err := columnArgs([]string{"bigint", "text::jsonb", "=bigint"}, rows)
	must, _ := dbx.Columns([]string{"bigint", "text"}, []any{int64(1), "a", int64(2), "b"})
	if err != nil || n != 2 || !reflect.DeepEqual(args, append(must, int64(9))) {
		t.Errorf("%d rows go as %v, %v", n, args, err)
	}
	if _, n, err := columnArgs([]string{"bigint"}, slices.Values([][]any(nil))); n != 0 || err != nil {
		t.Errorf("no rows are %d, %v", n, err)
	}
}
