package sqldesk

import (
	"context"
	"database/sql"
	"iter"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"

	"github.com/desksync/desksync/internal/dbx"
)

// chunks are the sizes of the VALUES lists that stay prepared on SQLite: long ones
// carry the load, short ones the rest.
var chunks = []int{250, 50, 10, 1}

// prepared keeps the statements of every batch ready: to read a statement anew for
// each of a thousand batches costs as much as to run it.
type prepared struct {
	mu      sync.Mutex
	queries map[string]*sqlx.Stmt
	inserts map[string][]*sql.Stmt // SQLite: by table, in the order of chunks
}

// filled are the tables whose new rows come by the thousand.
var filled = []dbx.Table{orgTable, userTable, memberTable, tagTable, domainTable}

// ready prepares the statements once. It must be called outside of transactions:
// SQLite has one connection.
func (p *prepared) ready(ctx context.Context, db *dbx.DB) (map[string]*sqlx.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.queries != nil {
		return p.queries, nil
	}
	queries := map[string]*sqlx.Stmt{}
	for _, q := range batchQueries(db.Dialect) {
		stmt, err := db.PreparexContext(ctx, q) //nolint:sqlclosecheck // stays prepared until the store is closed
		if err != nil {
			return nil, err
		}
		queries[q] = stmt
	}
	if db.Dialect == dbx.SQLite {
		if err := p.readyInserts(ctx, db); err != nil {
			return nil, err
		}
	}
	p.queries = queries
	return queries, nil
}

func (p *prepared) readyInserts(ctx context.Context, db *dbx.DB) error {
	p.inserts = map[string][]*sql.Stmt{}
	for _, t := range filled {
		for _, n := range chunks {
			stmt, err := db.PrepareContext(ctx, insertSQL(t, n)) //nolint:sqlclosecheck // stays prepared until the store is closed
			if err != nil {
				return err
			}
			p.inserts[t.Name] = append(p.inserts[t.Name], stmt)
		}
	}
	return nil
}

// batchQueries returns the queries that nearly every batch makes.
func batchQueries(d dbx.Dialect) []string {
	out := []string{beginQuery(d)}
	for _, q := range []string{orgsByKey, orgsByID, nameHolders, usersByKey, usersByID, usersByEmail, accountsByKey, contactsByKey, membersByUser} {
		out = append(out, q+oneOf(d))
	}
	if d == dbx.Postgres {
		out = append(out, reserveQuery)
		for _, t := range filled {
			out = append(out, columnsSQL(t))
		}
	}
	return out
}

func insertSQL(t dbx.Table, rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(t.Columns)), ",") + "),"
	return "INSERT INTO " + t.Name + " (" + strings.Join(t.Columns, ", ") + ") VALUES " + strings.TrimSuffix(strings.Repeat(row, rows), ",")
}

// fresh writes rows that are new: nothing can be in their way.
func (b *batch) fresh(t dbx.Table, rows iter.Seq[[]any]) error {
	if b.t.Dialect == dbx.Postgres {
		return b.freshColumns(t, rows)
	}
	stmts, ok := b.s.prepared.inserts[t.Name]
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
			stmt := b.t.StmtContext(b.t.ctx, stmts[i]) //nolint:sqlclosecheck // ends with the transaction
			if _, err := stmt.ExecContext(b.t.ctx, flat[:size]...); err != nil {
				return err
			}
		}
	}
	return nil
}
