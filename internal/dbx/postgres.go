package dbx

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/desksync/desksync/internal/fault"
)

const (
	maxConns = 10              // per process; PostgreSQL allows 100 in all unless told otherwise
	maxIdle  = 5 * time.Minute // idle connections are given back
)

// ServerClock is the time of a PostgreSQL server in microseconds, as SQL: machines whose
// clocks are apart agree about it.
const ServerClock = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

func openPostgres(ctx context.Context, dsn string) (*DB, error) {
	u, err := url.Parse(dsn)
	if err != nil { // its text may hold the password
		return nil, invalid("the postgres:// address cannot be read; write special characters of user and password as %%XX")
	}
	q := u.Query()
	if q.Get("sslmode") == "" {
		return nil, invalid("the address of PostgreSQL at %s states no sslmode; add ?sslmode=verify-full, or sslmode=disable on a trusted path", where(u))
	}
	for key, value := range map[string]string{"connect_timeout": "10", "application_name": "desksync", "timezone": "UTC"} {
		if !q.Has(key) {
			q.Set(key, value)
		}
	}
	u.RawQuery = q.Encode()
	conn, err := pq.NewConnector(u.String())
	if err != nil {
		return nil, fault.New("dbx.open", fault.Invalid, &Error{Text: "the address of PostgreSQL at " + where(u) + " cannot be used", Err: err})
	}
	return connect(ctx, conn, where(u))
}

func connect(ctx context.Context, conn *pq.Connector, name string) (*DB, error) {
	raw := sql.OpenDB(counted(conn))
	raw.SetMaxOpenConns(maxConns)
	raw.SetMaxIdleConns(maxConns)
	raw.SetConnMaxIdleTime(maxIdle)
	db, err := (&DB{DB: sqlx.NewDb(raw, "postgres"), Dialect: Postgres, Name: name}).prove(ctx)
	if err != nil {
		return nil, err
	}
	return db.proveUTF8(ctx)
}

// proveUTF8 refuses a database that could not hold every text.
func (db *DB) proveUTF8(ctx context.Context) (*DB, error) {
	var encoding string
	if err := db.GetContext(ctx, &encoding, "SHOW server_encoding"); err != nil {
		return nil, db.Fault("dbx.open", errors.Join(err, db.Close()))
	}
	if encoding != "UTF8" {
		return nil, errors.Join(invalid("the database %s is encoded in %s; create it with ENCODING 'UTF8' TEMPLATE template0", db.Name, encoding), db.Close())
	}
	return db, nil
}

// Binary has lib/pq send bytes as they are instead of as hexadecimal text; what Columns
// makes goes as such bytes, so that no address can do without (ADR 0084).
func Binary(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return dsn
	}
	q := u.Query()
	q.Set("binary_parameters", "yes")
	u.RawQuery = q.Encode()
	return u.String()
}

// where names a database by host and name: what may be printed.
func where(u *url.URL) string {
	host := u.Host
	if host == "" {
		host = u.Query().Get("host")
	}
	return host + u.Path
}
