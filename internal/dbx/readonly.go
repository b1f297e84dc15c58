package dbx

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// OpenReadOnly is Open for a connection through which nothing can be written: the
// database itself refuses. A SQLite file must be there already.
func OpenReadOnly(ctx context.Context, dsn string) (*DB, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		return readSQLite(ctx, path)
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return Open(ctx, dsn) // which says what is wrong with it
	}
	q := u.Query()
	q.Set("default_transaction_read_only", "on")
	u.RawQuery = q.Encode()
	return openPostgres(ctx, u.String())
}

func readSQLite(ctx context.Context, path string) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		kind := fault.Denied
		if errors.Is(err, fs.ErrNotExist) {
			kind = fault.NotFound
		}
		return nil, fault.New("dbx.open", kind, &Error{Text: "the database " + path + " is opened for reading only and cannot be read", Err: err})
	}
	db, err := pool(path, "mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(5000)&_time_format=sqlite&_timezone=UTC", 1)
	if err != nil {
		return nil, err
	}
	return (&DB{DB: db, Dialect: SQLite, Name: path}).prove(ctx)
}
