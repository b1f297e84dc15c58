package journal

import (
	"context"
	"slices"

	"github.com/desksync/desksync/crm"
)

var missingList = list{
	table: "missing", columns: "pipeline, role, account, id",
	types: "bigint, bigint, text, text", tail: "ON CONFLICT DO NOTHING",
}

// noteMissing notes heads apart; what is lost already is not missed again.
func (t *tx) noteMissing(ctx context.Context, pipe, role int64, heads []Head) error {
	args := make([]any, 0, len(heads)*missingList.width())
	for _, h := range heads {
		if !h.Lost {
			args = append(args, pipe, role, h.Account, h.ID)
		}
	}
	return t.put(ctx, &missingList, args)
}

// ClearMissing forgets what was noted as missing; call it before a read.
func (j *Journal) ClearMissing(ctx context.Context, run Run) error {
	return j.inTx(ctx, "journal.missing", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		_, err := t.exec(ctx, `DELETE FROM missing WHERE pipeline = ?`, run.Pipeline)
		return err
	})
}

// MissingCount counts what was noted as missing, by role.
func (j *Journal) MissingCount(ctx context.Context, pipe int64) (map[crm.Role]int, error) {
	var rows []struct {
		Role int64
		N    int
	}
	const q = `SELECT role, count(*) AS n FROM missing WHERE pipeline = ? GROUP BY role`
	if err := j.all(ctx, "journal.missing", &rows, q, pipe); err != nil {
		return nil, err
	}
	out := map[crm.Role]int{}
	for _, r := range rows {
		out[nameOf(roleNames, r.Role)] = r.N
	}
	return out, nil
}

// MissingPage returns what was noted as missing of a role after a key, in byte
// order of (account, id).
func (j *Journal) MissingPage(ctx context.Context, pipe int64, role crm.Role, after Key, limit int) ([]Key, error) {
	const q = `
		SELECT account, id FROM missing
		WHERE  pipeline = ? AND role = ? AND (account, id) > (?, ?)
		ORDER  BY account, id LIMIT ?`
	var out []Key
	err := j.all(ctx, "journal.missing", &out, q, pipe, roleCode(role), after.Account, after.ID, min(limit, MaxPage))
	return out, err
}

// TakeMissing makes what was noted as missing lost: children go and their accounts
// become dirty; accounts are flagged lost and become dirty. All or nothing.
func (j *Journal) TakeMissing(ctx context.Context, run Run) error {
	return j.inTx(ctx, "journal.missing", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		for _, role := range crm.Roles {
			if err := t.takeRole(ctx, run.Pipeline, role); err != nil {
				return err
			}
		}
		_, err := t.exec(ctx, `DELETE FROM missing WHERE pipeline = ?`, run.Pipeline)
		return err
	}, &stageList, &dirtyList)
}

// takeRole works through the missing records of a role in pages of accounts.
func (t *tx) takeRole(ctx context.Context, pipe int64, role crm.Role) error {
	const q = `
		SELECT DISTINCT account FROM missing
		WHERE  pipeline = ? AND role = ? AND account > ?
		ORDER  BY account LIMIT 500`
	for after := ""; ; {
		var accounts []string
		if err := t.all(ctx, &accounts, q, pipe, roleCode(role), after); err != nil || len(accounts) == 0 {
			return err
		}
		if err := t.takeAccounts(ctx, pipe, role, accounts); err != nil {
			return err
		}
		after = accounts[len(accounts)-1]
	}
}

// takeAccounts rewrites the groups of some accounts without what is missing.
func (t *tx) takeAccounts(ctx context.Context, pipe int64, role crm.Role, accounts []string) error {
	gone, err := t.missingOf(ctx, pipe, role, accounts)
	if err != nil {
		return err
	}
	groups, err := t.groups(ctx, pipe, role, accounts)
	if err != nil {
		return err
	}
	var keep [][]Row
	var empty []string
	for _, account := range accounts {
		left := lose(role, groups[account], gone)
		if len(left) == 0 {
			empty = append(empty, account)
			continue
		}
		keep = append(keep, left)
	}
	if err := t.writeGroups(ctx, pipe, role, keep); err != nil {
		return err
	}
	if err := t.deleteGroups(ctx, pipe, role, empty); err != nil {
		return err
	}
	return t.mark(ctx, pipe, accounts)
}

// lose flags missing accounts and leaves missing children out.
func lose(role crm.Role, rows []Row, gone map[Key]bool) []Row {
	out := slices.Clone(rows)
	if role != crm.Account {
		return slices.DeleteFunc(out, func(r Row) bool { return gone[Key{r.Account, r.ID}] })
	}
	for i := range out {
		out[i].Lost = out[i].Lost || gone[Key{out[i].Account, out[i].ID}]
	}
	return out
}

// NoteDeleted remembers of lost accounts that the CRM deleted them: its recycle bin
// forgets, and a delta read asks only once.
func (j *Journal) NoteDeleted(ctx context.Context, run Run, accounts []string) error {
	return j.inTx(ctx, "journal.missing", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		for page := range slices.Chunk(accounts, MaxPage) {
			if err := t.noteDeleted(ctx, run.Pipeline, page); err != nil {
				return err
			}
		}
		return nil
	}, &stageList)
}

func (t *tx) noteDeleted(ctx context.Context, pipe int64, accounts []string) error {
	groups, err := t.groups(ctx, pipe, crm.Account, accounts)
	if err != nil {
		return err
	}
	var changed [][]Row
	for _, account := range accounts {
		if rows := groups[account]; len(rows) > 0 && rows[0].Lost && !rows[0].Deleted {
			rows[0].Deleted = true
			changed = append(changed, rows)
		}
	}
	return t.writeGroups(ctx, pipe, crm.Account, changed)
}

func (t *tx) missingOf(ctx context.Context, pipe int64, role crm.Role, accounts []string) (map[Key]bool, error) {
	cond, arg := among(t.Dialect, "account", accounts)
	var keys []Key
	if err := t.all(ctx, &keys, `SELECT account, id FROM missing WHERE pipeline = ? AND role = ? AND `+cond, pipe, roleCode(role), arg); err != nil {
		return nil, err
	}
	out := make(map[Key]bool, len(keys))
	for _, k := range keys {
		out[k] = true
	}
	return out, nil
}

func (t *tx) deleteGroups(ctx context.Context, pipe int64, role crm.Role, accounts []string) error {
	if len(accounts) == 0 {
		return nil
	}
	cond, arg := among(t.Dialect, "account", accounts)
	_, err := t.exec(ctx, `DELETE FROM stage WHERE pipeline = ? AND role = ? AND `+cond, pipe, roleCode(role), arg)
	return err
}
