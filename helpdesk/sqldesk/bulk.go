package sqldesk

import (
	"context"
	"database/sql"
	"iter"
	"strings"
	"sync"

	"github.com/desksync/desksync/internal/dbx"
)

// chunks are the sizes of the VALUES lists that stay prepared on SQLite: long ones
// carry the load, short ones the rest.
var chunks = []int{250, 50, 10, 1}

// bulk keeps the statements prepared by which Apply makes new rows on SQLite, where
// reading a long statement costs as much as running it. PostgreSQL copies instead.
type bulk struct {
	mu    sync.Mutex
	stmts map[string][]*sql.Stmt // by table, in the order of chunks
}

// freshTables are the tables that Apply fills.
var freshTables = []dbx.Table{orgTable, userTable, memberTable, tagTable, domainTable}

// prepare must run outside of transactions: SQLite has one connection.
func (b *bulk) prepare(ctx context.Context, db *dbx.DB) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stmts != nil || db.Dialect != dbx.SQLite {
		return nil
	}
	stmts := map[string][]*sql.Stmt{}
	for _, t := range freshTables {
		for _, n := range chunks {
			stmt, err := db.PrepareContext(ctx, insertSQL(t, n))
			if err != nil {
				return err
			}
			stmts[t.Name] = append(stmts[t.Name], stmt)
		}
	}
	b.stmts = stmts
	return nil
}

func insertSQL(t dbx.Table, rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(t.Columns)), ",") + "),"
	return "INSERT INTO " + t.Name + " (" + strings.Join(t.Columns, ", ") + ") VALUES " + strings.TrimSuffix(strings.Repeat(row, rows), ",")
}

// fresh writes rows that are new: nothing can be in their way.
func (b *batch) fresh(t dbx.Table, rows iter.Seq[[]any]) error {
	if b.t.Dialect == dbx.Postgres {
		n, err := b.t.copyIn(t, rows)
		b.t.note(t.Name, n)
		return err
	}
	stmts, ok := b.s.bulk.stmts[t.Name]
	if !ok {
		return b.t.load(t, rows)
	}
	var flat []any
	for row := range rows {
		flat = append(flat, row...)
	}
	b.t.note(t.Name, len(flat)/len(t.Columns))
	for i, n := range chunks {
		for size := n * len(t.Columns); len(flat) >= size; flat = flat[size:] {
			if _, err := b.t.StmtContext(b.t.ctx, stmts[i]).ExecContext(b.t.ctx, flat[:size]...); err != nil {
				return err
			}
		}
	}
	return nil
}
