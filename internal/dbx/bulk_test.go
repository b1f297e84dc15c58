package dbx_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/internal/fault"
)

var stage = dbx.Table{
	Name: "stage", Columns: []string{"pipeline", "id", "hash", "cols"},
	Conflict: "ON CONFLICT (pipeline, id) DO UPDATE SET hash = excluded.hash, cols = excluded.cols WHERE stage.hash <> excluded.hash",
}

const stageSchema = `CREATE TABLE stage (pipeline integer NOT NULL, id text COLLATE "C" NOT NULL, hash bytea NOT NULL, cols bytea NOT NULL,
	PRIMARY KEY (pipeline, id))`

var ready = dbtest.Prepare(func(ctx context.Context, dsn string) error {
	db, err := dbx.Open(ctx, dsn)
	if err != nil {
		return err
	}
	text := stageSchema
	if db.Dialect == dbx.SQLite {
		text = `CREATE TABLE stage (pipeline integer NOT NULL, id text NOT NULL, hash blob NOT NULL, cols blob NOT NULL,
			PRIMARY KEY (pipeline, id)) WITHOUT ROWID`
	}
	_, err = db.ExecContext(ctx, text)
	return errors.Join(err, db.Close())
})

// rows yields n rows whose hash ends in generation; the slice is reused.
func rows(n int, generation string) iter.Seq[[]any] {
	cols := []byte("\x00\x01 packed \\ bytes\t\n of an account with a few columns, about ninety bytes of them")
	return func(yield func([]any) bool) {
		row := make([]any, 4)
		for i := range n {
			row[0], row[1], row[2], row[3] = 1, fmt.Sprintf("001Aa%010dIAG", i), []byte(fmt.Sprintf("hash%08d%s", i, generation)), cols
			if !yield(row) {
				return
			}
		}
	}
}

type filler func(*dbx.Tx, context.Context, dbx.Table, iter.Seq[[]any]) (int64, error)

var fillers = map[string]filler{"insert": (*dbx.Tx).Insert, "load": (*dbx.Tx).Load}

func fill(t testing.TB, db *dbx.DB, fn filler, rows iter.Seq[[]any]) (n int64, err error) {
	t.Helper()
	return fillTable(t, db, fn, stage, rows)
}

func fillTable(t testing.TB, db *dbx.DB, fn filler, table dbx.Table, rows iter.Seq[[]any]) (n int64, err error) {
	t.Helper()
	err = db.Tx(t.Context(), "test.fill", func(tx *dbx.Tx) error {
		n, err = fn(tx, t.Context(), table, rows)
		return err
	})
	return n, err
}

func TestFillingWritesEveryRowOnce(t *testing.T) {
	t.Parallel()
	for name, fn := range fillers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ready.Each(t, func(t *testing.T, dsn string) {
				db := open(t, dsn)
				for _, n := range []int{0, 1, dbx.Rows - 1, dbx.Rows, dbx.Rows + 1, 2 * dbx.Rows, 2*dbx.Rows + 1, 3*dbx.Rows + 7} {
					testFill(t, db, fn, n)
					db.MustExec("DELETE FROM stage")
				}
			})
		})
	}
}

// testFill writes n rows, the same rows, and n changed ones.
func testFill(t *testing.T, db *dbx.DB, fn filler, n int) {
	t.Helper()
	for _, step := range []struct {
		generation string
		want       int
	}{{"a", n}, {"a", 0}, {"b", n}} {
		if got, err := fill(t, db, fn, rows(n, step.generation)); err != nil || got != int64(step.want) {
			t.Fatalf("%d rows of generation %s: wrote %d, %v, want %d", n, step.generation, got, err, step.want)
		}
	}
	if want := digest(rows(n, "b")); digest(stored(t, db)) != want {
		t.Errorf("%d rows read back differ from what was written", n)
	}
}

// stored yields what the table holds, in key order.
func stored(t *testing.T, db *dbx.DB) iter.Seq[[]any] {
	t.Helper()
	var list []struct {
		Pipeline   int
		ID         string
		Hash, Cols []byte
	}
	if err := db.Select(&list, "SELECT pipeline, id, hash, cols FROM stage ORDER BY pipeline, id"); err != nil {
		t.Fatal(err)
	}
	return func(yield func([]any) bool) {
		for _, r := range list {
			if !yield([]any{r.Pipeline, r.ID, r.Hash, r.Cols}) {
				return
			}
		}
	}
}

func digest(rows iter.Seq[[]any]) string {
	var b strings.Builder
	for r := range rows {
		fmt.Fprintln(&b, r...)
	}
	return b.String()
}

func TestWithoutConflictADuplicateIsAnError(t *testing.T) {
	t.Parallel()
	plain := stage
	plain.Conflict = ""
	for name, fn := range fillers {
		for _, n := range []int{1, dbx.Rows, 3 * dbx.Rows} {
			t.Run(fmt.Sprintf("%s %d", name, n), func(t *testing.T) {
				t.Parallel()
				ready.Each(t, func(t *testing.T, dsn string) {
					db := open(t, dsn)
					if got, err := fillTable(t, db, fn, plain, rows(n, "a")); err != nil || got != int64(n) {
						t.Fatalf("first time: wrote %d, %v, want %d", got, err, n)
					}
					_, err := fillTable(t, db, fn, plain, rows(n, "b"))
					if !dbx.IsUnique(err) || fault.KindOf(err) != fault.Invalid {
						t.Errorf("second time: %v, want a unique violation", err)
					}
					if digest(stored(t, db)) != digest(rows(n, "a")) {
						t.Error("the failed transaction changed rows")
					}
				})
			})
		}
	}
}

func TestFillingRefusesARowOfTheWrongWidth(t *testing.T) {
	t.Parallel()
	for name, fn := range fillers {
		for _, before := range []int{0, 3 * dbx.Rows} {
			t.Run(fmt.Sprintf("%s after %d", name, before), func(t *testing.T) {
				t.Parallel()
				ready.Each(t, func(t *testing.T, dsn string) { testMisfit(t, open(t, dsn), fn, before) })
			})
		}
	}
}

func testMisfit(t *testing.T, db *dbx.DB, fn filler, before int) {
	t.Helper()
	_, err := fill(t, db, fn, func(yield func([]any) bool) {
		for r := range rows(before, "a") {
			if !yield(r) {
				return
			}
		}
		yield([]any{1, 2})
	})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("two values for four columns: %v, want invalid", err)
	}
	if digest(stored(t, db)) != "" {
		t.Error("a failed transaction left rows behind")
	}
}

func TestTwoLoadsInOneTransaction(t *testing.T) {
	t.Parallel()
	ready.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		err := db.Tx(t.Context(), "test", func(tx *dbx.Tx) error {
			_, err := tx.Load(t.Context(), stage, rows(2000, "a"))
			if err != nil {
				return err
			}
			_, err = tx.Load(t.Context(), stage, rows(2001, "b"))
			return err
		})
		if err != nil || digest(stored(t, db)) != digest(rows(2001, "b")) {
			t.Errorf("second load in the same transaction: %v", err)
		}
	})
}

func BenchmarkFill(b *testing.B) {
	const n = 20_000
	for _, kind := range []struct {
		name string
		dsn  func(testing.TB) string
	}{{"sqlite", ready.SQLite}, {"postgres", ready.Postgres}} {
		for name, fn := range fillers {
			for suffix, conflict := range map[string]string{"": stage.Conflict, "/no conflict": ""} {
				table := stage
				table.Conflict = conflict
				b.Run(kind.name+"/"+name+suffix, func(b *testing.B) {
					for b.Loop() {
						b.StopTimer()
						db := open(b, kind.dsn(b))
						b.StartTimer()
						if _, err := fillTable(b, db, fn, table, rows(n, "a")); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
				})
			}
		}
	}
}
