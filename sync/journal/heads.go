package journal

import (
	"context"
	"database/sql"

	"github.com/desksync/desksync/crm"
)

// StageHashes returns the heads of a role after a key, in byte order of (account,
// id): about limit of them, at most MaxPage asked for, and none only at the end. A
// page ends with an account's last record, so that it may be longer.
func (j *Journal) StageHashes(ctx context.Context, pipe int64, role crm.Role, after Key, limit int) ([]Head, error) {
	limit = min(max(limit, 1), MaxPage)
	p := headPage{role: role, after: after, limit: limit, heads: make([]Head, 0, limit+16)}
	err := j.headsFrom(ctx, pipe, &p, after.Account)
	return p.heads, j.db.Fault("journal.heads", err)
}

// headPage gathers one page.
type headPage struct {
	role  crm.Role
	after Key
	limit int
	heads []Head
}

// headsFrom reads whole accounts, the one of the key again in case it was not
// finished, until the page is full.
func (j *Journal) headsFrom(ctx context.Context, pipe int64, p *headPage, from string) error {
	const q = `SELECT account, body FROM stage WHERE pipeline = ? AND role = ? AND account >= ? ORDER BY account LIMIT ?`
	for len(p.heads) < p.limit {
		accounts := p.limit - len(p.heads) + 1
		if p.role != crm.Account {
			accounts = accounts/2 + 2 // children come in groups of about two and more
		}
		n, last := 0, ""
		var body sql.RawBytes
		err := j.each(ctx, q, []any{pipe, roleCode(p.role), from, accounts}, func(rows *sql.Rows) error {
			if err := rows.Scan(&last, &body); err != nil {
				return err
			}
			n++
			return eachRecord(last, p.role, body, p.take)
		})
		if err != nil || n < accounts {
			return err
		}
		from, p.after = last, Key{Account: last, ID: "\xff"}
	}
	return nil
}

// take adds a record that stands after the key.
func (p *headPage) take(r Row, _ string) {
	if r.Account == p.after.Account && r.ID <= p.after.ID {
		return
	}
	h := Head{Account: r.Account, ID: r.ID, Hash: r.Hash, Lost: r.Lost}
	if r.Lost {
		h.Hash = [hashLen]byte{}
	}
	p.heads = append(p.heads, h)
}

// HeadsOf returns the heads of a role under these accounts, in no particular order. At
// most MaxPage accounts.
func (j *Journal) HeadsOf(ctx context.Context, pipe int64, role crm.Role, accounts []string) ([]Head, error) {
	rows, err := j.bodies(ctx, pipe, []crm.Role{role}, accounts)
	if err != nil {
		return nil, err
	}
	var p headPage
	for _, r := range rows {
		p.after = Key{}
		if err := eachRecord(r.Account, role, r.Body, p.take); err != nil {
			return nil, err
		}
	}
	return p.heads, nil
}
