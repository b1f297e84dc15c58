//go:build counted

package dbx

import (
	"context"
	"database/sql/driver"
	"maps"
	"strings"
	"sync"
)

// Built with the tag counted, every statement that goes to a database is counted by its
// text, and so are the beginnings and ends of transactions: each is a question asked.
var statements = struct {
	sync.Mutex
	by map[string]int
}{by: map[string]int{}}

// Statements says how often each statement was made since the process began.
func Statements() map[string]int {
	statements.Lock()
	defer statements.Unlock()
	return maps.Clone(statements.by)
}

func count(query string) {
	const enough = 160
	query = strings.Join(strings.Fields(query), " ")
	statements.Lock()
	statements.by[query[:min(len(query), enough)]]++
	statements.Unlock()
}

func counted(c driver.Connector) driver.Connector { return countedConnector{c} }

type countedConnector struct{ driver.Connector }

func (c countedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return countedConn{conn.(driverConn)}, nil
}

// driverConn is what the connections of both drivers can.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

type countedConn struct{ driverConn }

func (c countedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	count("BEGIN")
	tx, err := c.driverConn.BeginTx(ctx, o)
	return countedTx{tx}, err
}

func (c countedConn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	count(q)
	return c.driverConn.ExecContext(ctx, q, args)
}

func (c countedConn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	count(q)
	return c.driverConn.QueryContext(ctx, q, args)
}

func (c countedConn) PrepareContext(ctx context.Context, q string) (driver.Stmt, error) {
	stmt, err := c.driverConn.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	if full, ok := stmt.(driverStmt); ok {
		return countedStmt{full, q}, nil
	}
	count(q) // a COPY: one statement, however many rows it carries
	return stmt, nil
}

// CheckNamedValue lets the driver decide what it takes, where it does.
func (c countedConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.driverConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// driverStmt is what the statements of both drivers can.
type driverStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type countedStmt struct {
	driverStmt
	query string
}

func (s countedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	count(s.query)
	return s.driverStmt.ExecContext(ctx, args)
}

func (s countedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	count(s.query)
	return s.driverStmt.QueryContext(ctx, args)
}

type countedTx struct{ driver.Tx }

func (t countedTx) Commit() error {
	count("COMMIT")
	return t.Tx.Commit()
}

func (t countedTx) Rollback() error {
	count("ROLLBACK")
	return t.Tx.Rollback()
}
