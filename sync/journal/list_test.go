package journal

import (
	"fmt"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
)

// TestListsNameTheTypesOfTheirColumns: what goes as an array is of a type that the
// column takes.
func TestListsNameTheTypesOfTheirColumns(t *testing.T) {
	t.Parallel()
	d := newDesk(t, ready.Postgres(t))
	for _, l := range []*list{
		&stageList, &missingList, &dirtyList, &mappedList, &todoList, &claimList, &strangerList, &objectList, &seenList, &changeList, &outcomeList,
	} {
		types := strings.Split(l.types, ", ")
		if len(types) != l.width() {
			t.Fatalf("%s has %d types for %d columns", l.table, len(types), l.width())
		}
		for i, column := range strings.Split(l.columns, ", ") {
			if got := d.typeOf(l.table, column); got != types[i] {
				t.Errorf("%s.%s is %s, and goes as %s", l.table, column, got, types[i])
			}
		}
	}
}

// typeOf is the type as which a column's values go.
func (d *desk) typeOf(table, column string) string {
	d.t.Helper()
	var typ string
	const q = `SELECT data_type FROM information_schema.columns WHERE table_name = $1 AND column_name = $2 AND table_schema = current_schema()`
	d.ok(d.db.Get(&typ, q, table, column))
	return strings.NewReplacer("smallint", "bigint", "integer", "bigint", "double precision", "float8").Replace(typ)
}

// TestOneStatementCarriesABatch: on PostgreSQL, what one call stages costs a statement
// per table, however many accounts it names; one more is ready for rows that are new,
// and looks for none.
func TestOneStatementCarriesABatch(t *testing.T) {
	t.Parallel()
	d := newDesk(t, ready.Postgres(t))
	for _, l := range []*list{&stageList, &dirtyList, &claimList, &changeList, &objectList} {
		got := l.statements(d.db.Dialect)
		if len(got) != 2 || strings.Contains(got[asNew], "CONFLICT") || !strings.Contains(got[asMayBe], "CONFLICT") {
			t.Fatalf("%s takes the statements %q", l.table, got)
		}
		for _, q := range got {
			if n := strings.Count(q, "?"); n != l.width() {
				t.Errorf("%s takes %d parameters in %s", l.table, n, q)
			}
		}
	}
}

// TestMoreThanAStatementCarries stages more than maxRows in one call, twice, and reads
// the second.
func TestMoreThanAStatementCarries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		const n = 2*maxRows + 7
		run := d.begin()
		for _, text := range []string{"before", "after"} {
			rows := make([]Row, n)
			for i := range rows {
				rows[i] = row(crm.Account, account(i), account(i), fmt.Sprint(text, i))
			}
			d.put(run, rows...)
		}
		if got := d.headsOf(crm.Account, MaxPage); len(got) != n {
			t.Fatalf("%d accounts are staged, want %d", len(got), n)
		}
		for _, i := range []int{0, maxRows - 1, maxRows, n - 1} {
			want := row(crm.Account, account(i), account(i), fmt.Sprint("after", i))
			want.ReadRun = run.ID
			got := must(d.AccountRows(t.Context(), d.pipe.ID, []string{account(i)}))(t)[account(i)]
			if !equalRow(got, want) {
				t.Errorf("account %d is %+v, want %+v", i, got, want)
			}
		}
	})
}

// TestAChangePutTwiceIsStoredOnce: also where only some of them are there already.
func TestAChangePutTwiceIsStoredOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		for _, n := range []int{5, 5, 9} {
			d.ok(d.AddChanges(t.Context(), run, changesOf(n)))
		}
		if got := must(d.Changes(t.Context(), run.ID, ChangeFilter{}, Pos{}, MaxPage))(t); len(got) != 9 {
			t.Errorf("%d changes are stored, want 9", len(got))
		}
	})
}

// TestPackedColumnsHaveNoStatistics: no query looks into them, and gathering costs.
func TestPackedColumnsHaveNoStatistics(t *testing.T) {
	t.Parallel()
	d := newDesk(t, ready.Postgres(t))
	for _, l := range []*list{&stageList, &mappedList, &todoList, &strangerList, &objectList, &changeList} {
		types, columns := strings.Split(l.types, ", "), strings.Split(l.columns, ", ")
		for i, column := range columns {
			var target int
			d.ok(d.db.Get(&target, `SELECT coalesce(attstattarget, -1) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2`, l.table, column))
			if none := target == 0; none != (types[i] == "bytea") {
				t.Errorf("%s.%s, %s, has the statistics target %d", l.table, column, types[i], target)
			}
		}
	}
}
