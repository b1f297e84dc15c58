package sqldesk

import (
	"encoding/json"

	"github.com/lib/pq"

	"github.com/desksync/desksync/internal/dbx"
)

// begin counts this transaction and tells the triggers that Apply writes. On
// PostgreSQL the counter's row lock lets such transactions commit in order, and no
// table is read whole to find some hundred keys, which without fresh statistics, in
// the middle of a first load, it would be.
func (t *txn) begin(writer int64) (seq int64, err error) {
	row := t.row(beginQuery(t.Dialect), idText(writer))
	if t.Dialect == dbx.SQLite {
		err = row.Scan(&seq)
		return seq, err
	}
	err = row.Scan(&seq, new(string), new(string))
	return seq, err
}

func beginQuery(d dbx.Dialect) string {
	if d == dbx.SQLite {
		return `UPDATE change_counter SET seq = seq + 1, writing = CAST(? AS integer) RETURNING seq`
	}
	return `SELECT desk_seq(), set_config('desksync.writing', $1, true), set_config('enable_seqscan', 'off', true)`
}

// end takes back what begin told; on PostgreSQL the transaction's end does.
func (t *txn) end() error {
	if t.Dialect == dbx.SQLite {
		return t.exec(`UPDATE change_counter SET writing = NULL`)
	}
	return nil
}

const reserveQuery = `SELECT array_agg(nextval((SELECT pg_get_serial_sequence($1, 'id')::regclass))) FROM generate_series(1, $2::int)`

// reserve returns n ids of a table that nobody has and nobody will get.
func (t *txn) reserve(table string, n int) (ids []int64, err error) {
	if n == 0 {
		return nil, nil
	}
	if t.Dialect == dbx.Postgres {
		err = t.row(reserveQuery, table, n).Scan((*pq.Int64Array)(&ids))
		return ids, err
	}
	var last int64
	if err := t.get(&last, `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?`, table); err != nil {
		return nil, err
	}
	for i := range n {
		ids = append(ids, last+int64(i)+1)
	}
	return ids, nil
}

// taken makes the ids that a table gives out itself go on behind the highest one
// that was given by hand. SQLite does so by itself.
func (t *txn) taken(table string) error {
	if t.Dialect == dbx.SQLite {
		return nil
	}
	return t.exec(`SELECT setval(pg_get_serial_sequence(?, 'id'), (SELECT max(id) FROM `+table+`))`, table)
}

// timeType is the type of a column that holds a point in time.
func (t *txn) timeType() string {
	if t.Dialect == dbx.SQLite {
		return "text"
	}
	return "timestamptz"
}

// oneOf is what stands behind a column that shall hold one of any number of keys:
// one text, however many they are.
func oneOf(d dbx.Dialect) string {
	if d == dbx.SQLite {
		return ` IN (SELECT value FROM json_each(?))`
	}
	return ` = ANY ($1)`
}

// keys renders a list of keys as the argument of oneOf.
func (t *txn) keys(list any) (any, error) {
	if t.Dialect == dbx.SQLite {
		doc, err := json.Marshal(list)
		return string(doc), err
	}
	return pq.Array(list), nil
}
