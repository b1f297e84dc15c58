package journal

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// bodyRow is a row of the stage as selected.
type bodyRow struct {
	Role    int64
	Account string
	Body    []byte
}

func (r bodyRow) account() string { return r.Account }

// Groups returns everything staged under these accounts, one group per account in
// the order given. At most MaxPage accounts.
func (j *Journal) Groups(ctx context.Context, pipe int64, accounts []string) ([]Group, error) {
	out := make([]Group, len(accounts))
	at := make(map[string]*Group, len(accounts))
	for i, a := range accounts {
		out[i].ID = a
		at[a] = &out[i]
	}
	rows, err := j.bodies(ctx, pipe, crm.Roles, accounts)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if err := at[r.Account].take(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// bodies reads the packed rows of accounts.
func (j *Journal) bodies(ctx context.Context, pipe int64, roles []crm.Role, accounts []string) ([]bodyRow, error) {
	if len(accounts) > MaxPage {
		return nil, tooMany("journal.groups", len(accounts))
	}
	if mayStretch(accounts) {
		if rows, err := j.stretch(ctx, pipe, roles, accounts); err != nil || only(rows, bodyRow.account, accounts) {
			return rows, err
		}
	}
	var q strings.Builder
	var args []any
	for i, role := range roles {
		cond, arg := among(j.db.Dialect, "account", accounts)
		q.WriteString(union(i) + `SELECT role, account, body FROM stage WHERE pipeline = ? AND role = ? AND ` + cond)
		args = append(args, pipe, roleCode(role), arg)
	}
	return j.bodyRows(ctx, q.String(), args)
}

// bodyRows reads rows of the stage.
func (j *Journal) bodyRows(ctx context.Context, q string, args []any) ([]bodyRow, error) {
	var out []bodyRow
	err := j.each(ctx, q, args, func(rows *sql.Rows) error {
		var r bodyRow
		err := rows.Scan(&r.Role, &r.Account, &r.Body)
		out = append(out, r)
		return err
	})
	return out, j.db.Fault("journal.groups", err)
}

// stretch reads everything from the first account to the last, and one account more
// where the stage holds so many others between them.
func (j *Journal) stretch(ctx context.Context, pipe int64, roles []crm.Role, accounts []string) ([]bodyRow, error) {
	n := len(accounts)
	var q strings.Builder
	var args []any
	for i, role := range roles {
		q.WriteString(union(i) + `SELECT * FROM (SELECT role, account, body FROM stage
			WHERE pipeline = ? AND role = ? AND account BETWEEN ? AND ? ORDER BY account LIMIT ?) s`)
		args = append(args, pipe, roleCode(role), accounts[0], accounts[n-1], n+1)
	}
	return j.bodyRows(ctx, q.String(), args)
}

func union(i int) string {
	if i == 0 {
		return ""
	}
	return " UNION ALL "
}

func tooMany(op string, n int) error {
	return fault.New(op, fault.Invalid, fmt.Errorf("%d keys asked for at once; at most %d are allowed", n, MaxPage))
}

// take adds the records of one role.
func (g *Group) take(r bodyRow) error {
	rows, err := unpackRows(r.Account, nameOf(roleNames, r.Role), r.Body)
	if err != nil || len(rows) == 0 {
		return err
	}
	switch rows[0].Role {
	case crm.Account:
		g.Account, g.Lost, g.Deleted = &rows[0], rows[0].Lost, rows[0].Deleted
	case crm.Contact:
		g.Contacts = rows
	case crm.Subscription:
		g.Subscriptions = rows
	case crm.Relation:
		g.Relations = rows
	case crm.Team:
		g.Team = rows
	}
	return nil
}

// AccountRows returns the staged account rows of these ids, by id; lost ones too.
// At most MaxPage ids.
func (j *Journal) AccountRows(ctx context.Context, pipe int64, ids []string) (map[string]Row, error) {
	rows, err := j.bodies(ctx, pipe, crm.Roles[:1], ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Row, len(rows))
	for _, r := range rows {
		list, err := unpackRows(r.Account, crm.Account, r.Body)
		if err != nil {
			return nil, err
		}
		for _, row := range list {
			out[row.ID] = row
		}
	}
	return out, nil
}

// FindAccounts looks staged accounts up by the beginning of their id, in byte order.
func (j *Journal) FindAccounts(ctx context.Context, pipe int64, prefix string, limit int) ([]string, error) {
	const q = `
		SELECT account FROM stage
		WHERE  pipeline = ? AND role = 1 AND account >= ? AND account < ?
		ORDER  BY account LIMIT ?`
	var out []string
	err := j.all(ctx, "journal.find", &out, q, pipe, prefix, prefix+"\U0010FFFF", min(limit, MaxPage))
	return out, err
}

// StageCount counts the staged rows of a role that are not lost.
func (j *Journal) StageCount(ctx context.Context, pipe int64, role crm.Role) (int, error) {
	var n int
	_, err := j.get(ctx, "journal.stage", &n, `SELECT coalesce(sum(records), 0) FROM stage WHERE pipeline = ? AND role = ?`, pipe, roleCode(role))
	return n, err
}
