package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/desksync/desksync/internal/dbx"
)

// state is what the stores of a world hold. Seq is the store's own counter of
// writes: whoever changes a row that is listed, through whatever door, moves it.
type state struct {
	Seq, Organizations, Users, Memberships int64
}

// look adds up the stores of a world.
func (w *world) look(ctx context.Context) (state, error) {
	var sum state
	for _, dsn := range w.stores {
		s, err := lookAt(ctx, dsn)
		if err != nil {
			return sum, err
		}
		sum.Seq += s.Seq
		sum.Organizations += s.Organizations
		sum.Users += s.Users
		sum.Memberships += s.Memberships
	}
	return sum, nil
}

func lookAt(ctx context.Context, dsn string) (s state, err error) {
	const q = `
		SELECT (SELECT seq FROM change_counter),
		       (SELECT count(*) FROM organization),
		       (SELECT count(*) FROM helpdesk_user),
		       (SELECT count(*) FROM membership)`
	db, err := dbx.OpenReadOnly(ctx, dsn)
	if err != nil {
		return s, err
	}
	err = db.QueryRowxContext(ctx, q).Scan(&s.Seq, &s.Organizations, &s.Users, &s.Memberships)
	return s, errors.Join(err, db.Close())
}

// String tells what a load made.
func (s state) String() string {
	return fmt.Sprintf("%s organizations, %s users, %s memberships",
		thousands(float64(s.Organizations)), thousands(float64(s.Users)), thousands(float64(s.Memberships)))
}

// organization is one row of a store, as far as the measures look at it.
type organization struct {
	Key    string `db:"external_id"`
	Fields string `db:"fields"`
	Seq    int64  `db:"seq"`
	dsn    string
}

// find returns the organization of a CRM id, in whichever store it is.
func (w *world) find(ctx context.Context, key string) (organization, error) {
	return w.first(ctx, `SELECT external_id, fields, seq FROM organization WHERE external_id = ?`, key)
}

// first returns the one row that a query finds in the first store that has it.
func (w *world) first(ctx context.Context, query string, args ...any) (organization, error) {
	for _, dsn := range w.stores {
		db, err := dbx.OpenReadOnly(ctx, dsn)
		if err != nil {
			return organization{}, err
		}
		var rows []organization
		err = errors.Join(db.SelectContext(ctx, &rows, db.Rebind(query), args...), db.Close())
		if err != nil {
			return organization{}, err
		}
		if len(rows) > 0 {
			rows[0].dsn = dsn
			return rows[0], nil
		}
	}
	return organization{}, errNoOrganization
}

var errNoOrganization = errors.New("no store holds the organization")

// write runs one statement as any other program would.
func (o organization) write(ctx context.Context, query string, args ...any) error {
	db, err := dbx.Open(ctx, o.dsn)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, db.Rebind(query), args...)
	return errors.Join(err, db.Close())
}
