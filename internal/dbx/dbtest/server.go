package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"

	_ "github.com/lib/pq" // the driver "postgres"
)

// Env names a PostgreSQL server on which tests may make databases. Unset, each
// test binary starts a throw-away one.
const Env = "DESKSYNC_TEST_POSTGRES_DSN"

// server is a PostgreSQL on which databases are made and dropped.
type server struct {
	cluster *Cluster // nil: somebody else's
	url     *url.URL
	admin   *sql.DB
	prefix  string // unlike that of any other test binary on this server
	count   atomic.Int64
}

// theServer is shared by all tests of a binary: starting one takes a second.
var theServer lazyServer

type lazyServer struct {
	once   sync.Once
	server *server
	err    error
}

func (l *lazyServer) get() (*server, error) {
	l.once.Do(func() { l.server, l.err = newServer(context.Background()) })
	return l.server, l.err
}

func newServer(ctx context.Context) (*server, error) {
	if dsn := os.Getenv(Env); dsn != "" {
		return reach(ctx, dsn)
	}
	c, err := Start(ctx)
	if err != nil {
		return nil, err
	}
	s, err := reach(ctx, c.DSN)
	if err != nil {
		return nil, err
	}
	s.cluster = c
	return s, nil
}

// reach connects to the server.
func reach(ctx context.Context, dsn string) (*server, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("dbtest: %s is not a postgres:// address", Env)
	}
	admin, err := sql.Open("postgres", dsn)
	if err != nil {
		return nil, fmt.Errorf("dbtest: %s: %w", Env, err)
	}
	s := &server{url: u, admin: admin, prefix: fmt.Sprintf("d%d_", os.Getpid())}
	if err := admin.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("dbtest: the PostgreSQL of %s does not answer: %w", Env, err)
	}
	return s, nil
}

func (s *server) newName(kind string) string {
	return fmt.Sprintf("%s%s_%d", s.prefix, kind, s.count.Add(1))
}

// dsn addresses one database of the server.
func (s *server) dsn(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}
