package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest" //nolint:depguard // no part of the product: it measures on the cluster of the tests
)

// postgres is the server on which the measures make their databases: one that the
// caller names, or a throw-away cluster started at the first need.
type postgres struct {
	dsn     string
	cluster *dbtest.Cluster
	err     error
	made    int
	names   []string
	version string
}

// start reaches the server, or says why there is none; that is no error until a
// measure needs it.
func (p *postgres) start(ctx context.Context, dsn string) {
	kind := "as given"
	if dsn == "" {
		if p.cluster, p.err = dbtest.Start(ctx); p.err != nil {
			p.version = "not available"
			return
		}
		dsn, kind = p.cluster.DSN, "throw-away"
	}
	p.dsn = dsn
	p.version = fmt.Sprintf("%s (%s, fsync %s, synchronous_commit %s)", ask(ctx, dsn, "SHOW server_version"), kind,
		ask(ctx, dsn, "SHOW fsync"), ask(ctx, dsn, "SHOW synchronous_commit"))
}

// create makes an empty database and returns its DSN.
func (p *postgres) create(ctx context.Context) (string, error) {
	if p.err != nil {
		return "", p.err
	}
	u, err := url.Parse(p.dsn)
	if err != nil {
		return "", errors.New("the address of PostgreSQL is not a postgres:// address")
	}
	p.made++
	name := fmt.Sprintf("desksync_bench_%d", p.made)
	if err := p.run(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	p.names = append(p.names, name)
	u.Path = "/" + name
	return u.String(), nil
}

// stop drops what was made and ends the cluster.
func (p *postgres) stop(ctx context.Context) error {
	if p.cluster != nil {
		return p.cluster.Stop(ctx)
	}
	var err error
	for _, name := range p.names {
		err = cmp.Or(err, p.run(ctx, "DROP DATABASE IF EXISTS "+name))
	}
	return err
}

// run executes one statement that no transaction may hold.
func (p *postgres) run(ctx context.Context, statement string) error {
	db, err := dbx.Open(ctx, p.dsn)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}
