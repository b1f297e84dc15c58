package dbx

import (
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteMeans reads a result code; the extended part stands above the low byte.
func sqliteMeans(code int) means {
	switch code { // a full disk that is met before or beside the writing of pages
	case sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE:
		return diskFull
	}
	switch code & 0xff {
	case sqlite3.SQLITE_FULL:
		return diskFull
	case sqlite3.SQLITE_IOERR:
		return failing
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return locked
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH:
		return readonly
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return damaged
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return refused
	}
	return means{}
}

// postgresMeans reads a SQLSTATE: single codes first, then their classes.
func postgresMeans(e *pq.Error) means {
	switch e.Code {
	case pqerror.DiskFull:
		return diskFull
	case pqerror.LockNotAvailable:
		return locked
	case pqerror.TRSerializationFailure, pqerror.TRDeadlockDetected:
		return raced
	case pqerror.AdminShutdown, pqerror.CrashShutdown, pqerror.CannotConnectNow, pqerror.TooManyConnections:
		return gone
	case pqerror.InvalidCatalogName:
		return absent
	case pqerror.InsufficientPrivilege:
		return denied
	case pqerror.ReadOnlySQLTransaction:
		return readonly
	}
	switch e.Code[:2] {
	case "08":
		return gone
	case "28":
		return denied
	case "22", "23":
		return refused
	}
	return means{}
}
