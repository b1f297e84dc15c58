package dbx

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/lib/pq"
	"modernc.org/sqlite"

	"github.com/desksync/desksync/internal/fault"
)

// Error is a database error said in a sentence: what, where and what to do; the
// driver's own words come last.
type Error struct {
	Text string
	Err  error
}

// Error renders the sentence and the cause.
func (e *Error) Error() string { return e.Text + ": " + e.Err.Error() }

// Gist returns the sentence: a connection that is lost is one fact, however the
// driver says so at each call.
func (e *Error) Gist() string { return e.Text }

// Unwrap returns the driver's error.
func (e *Error) Unwrap() error { return e.Err }

// Fault turns an error of this database into a fault of operation op: nil stays
// nil, and what is a fault already, or the caller's own cancellation, stays as it is.
func (db *DB) Fault(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &fault.Error{Op: op, Err: err}
	}
	m := meaning(err)
	if m.text == "" {
		return &fault.Error{Op: op, Kind: m.kind, Err: err}
	}
	return &fault.Error{Op: op, Kind: m.kind, Err: &Error{Text: m.say(db.Name), Err: err}}
}

// means is what an error means: its kind, and a sentence around the database's name.
type means struct {
	kind         fault.Kind
	text, remedy string
}

func (m means) say(name string) string {
	return m.text + " (" + name + "); " + m.remedy
}

var (
	diskFull = means{fault.Unavailable, "no room is left on the disk of the database", "make room, then run again: what was stored is safe"}
	failing  = means{fault.Unavailable, "the disk of the database cannot be read or written", "see whether it is full, failing or gone, then run again: what was stored is safe"}
	locked   = means{fault.Unavailable, "another process keeps the database locked", "end it, or run again when it is done"}
	gone     = means{fault.Unavailable, "the connection to the database is lost or refused", "run again when the server answers: what was stored is safe"}
	raced    = means{fault.Raced, "another transaction of the database was in the way", "run again"}
	denied   = means{fault.Denied, "the database refuses this user", "check name, password and rights"}
	absent   = means{fault.NotFound, "the database does not exist", "create it, or correct the address"}
	damaged  = means{fault.Invalid, "the file is not a database, or it is damaged", "restore a backup, or correct the path"}
	readonly = means{fault.Denied, "the database cannot be written", "check who owns the file and its folder, and how its disk is mounted"}
	refused  = means{kind: fault.Invalid}
	missing  = means{kind: fault.NotFound}
)

func meaning(err error) means {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteMeans(e.Code())
	}
	if e := pq.As(err); e != nil {
		return postgresMeans(e)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	if lost(err) {
		return gone
	}
	return means{}
}

// lost reports whether the connection, not the statement, failed.
func lost(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
