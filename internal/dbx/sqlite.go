package dbx

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"

	"github.com/desksync/desksync/internal/fault"
)

// pragmas are the same for every SQLite database: readers beside the one writer,
// safe against a crash of the process, times as text in UTC.
const pragmas = "_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(5000)" +
	"&_pragma=foreign_keys(1)&_txlock=immediate&_time_format=sqlite&_timezone=UTC"

// filling gives the connection that writes 8 MiB of cache, and lets the log grow to
// 16 MiB before it is merged, so that a first load waits less often on the disk.
const filling = "&_pragma=cache_size(-8192)&_pragma=wal_autocheckpoint(4096)"

func openSQLite(ctx context.Context, path string, tune []Tuning) (*DB, error) {
	if path == "" {
		return nil, invalid("sqlite: names no file; write sqlite:FILE")
	}
	if err := ensureFile(path); err != nil {
		return nil, err
	}
	options := pragmas + filling
	if slices.Contains(tune, SmallStatements) {
		options += "&_pragma=temp_store(memory)"
	}
	writer, err := pool(path, options, 1)
	if err != nil {
		return nil, err
	}
	reader, err := pool(path, pragmas+"&_pragma=query_only(1)", readers)
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	return (&DB{DB: writer, Reader: reader, Dialect: SQLite, Name: path}).prove(ctx)
}

// readers is how many queries of a SQLite database run beside each other.
const readers = 2

func pool(path, options string, most int) (*sqlx.DB, error) {
	conn, err := sqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options)
	if err != nil {
		return nil, fault.New("dbx.open", fault.Invalid, err)
	}
	raw := sql.OpenDB(counted(conn))
	raw.SetMaxOpenConns(most)
	return sqlx.NewDb(raw, "sqlite3"), nil // sqlx knows the placeholders by this name
}

// making holds files that are being made apart from connections to them.
var making sync.Mutex

// ensureFile makes an empty database file that only its owner reads; SQLite gives
// the files beside it the same mode. A file that is there is not opened: who closes a
// file gives up all locks that his process has on it, those of SQLite's connections
// too (sqlite.org, "How To Corrupt An SQLite Database File", section 2.2).
func ensureFile(path string) error {
	making.Lock()
	defer making.Unlock()
	_, err := os.Stat(path)
	if err == nil {
		err = writable(path)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = makeFile(path)
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fault.New("dbx.open", diskFull.kind, &Error{Text: diskFull.say(path), Err: err})
	}
	kind, text := fault.Denied, "this user may not write the database file "+path+"; give it to this user"
	if errors.Is(err, fs.ErrNotExist) {
		kind, text = fault.NotFound, "the folder "+filepath.Dir(path)+" of the database does not exist; create it"
	}
	return fault.New("dbx.open", kind, &Error{Text: text, Err: err})
}

func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
