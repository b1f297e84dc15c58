package sqldesk

import "github.com/desksync/desksync/internal/dbx"

// begin counts this transaction and tells the triggers that Apply writes. On
// PostgreSQL the counter's row lock lets such transactions commit in order.
func (t *txn) begin(writer int64) (seq int64, err error) {
	if t.Dialect == dbx.SQLite {
		err = t.get(&seq, `UPDATE change_counter SET seq = seq + 1, writing = ? RETURNING seq`, writer)
		return seq, err
	}
	if err := t.get(&seq, `SELECT desk_seq()`); err != nil {
		return 0, err
	}
	return seq, t.exec(`SELECT set_config('desksync.writing', ?, true)`, idText(writer))
}

// end takes back what begin told; on PostgreSQL the transaction's end does.
func (t *txn) end() error {
	if t.Dialect == dbx.SQLite {
		return t.exec(`UPDATE change_counter SET writing = NULL`)
	}
	return nil
}

// reserve returns n ids of a table that nobody has and nobody will get.
func (t *txn) reserve(table string, n int) (ids []int64, err error) {
	if n == 0 {
		return nil, nil
	}
	if t.Dialect == dbx.Postgres {
		err = t.list(&ids, `SELECT nextval(pg_get_serial_sequence(?, 'id')) FROM generate_series(1, ?)`, table, n)
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
