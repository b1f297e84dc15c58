package journal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

var stageList = list{
	table: "stage", columns: "pipeline, role, account, parent, records, body",
	types: "bigint, bigint, text, text, bigint, bytea",
	tail:  `ON CONFLICT (pipeline, role, account) DO UPDATE SET parent = excluded.parent, records = excluded.records, body = excluded.body`,
}

// PutStage stores what one step of reading found, all or nothing. Best are some
// 500 rows a call, in (Account, ID) order.
func (j *Journal) PutStage(ctx context.Context, run Run, b StageBatch) error {
	role := roleCode(b.Role)
	if role == 0 {
		return fault.New("journal.stage", fault.Invalid, fmt.Errorf("a batch for the stage names no role (%q)", b.Role))
	}
	return j.inTx(ctx, "journal.stage", func(t *tx) error {
		if err := t.softGuard(ctx, run); err != nil {
			return err
		}
		if err := t.putRows(ctx, run, b); err != nil {
			return err
		}
		if err := t.noteMissing(ctx, run.Pipeline, role, b.Missing); err != nil {
			return err
		}
		return t.mark(ctx, run.Pipeline, b.Dirty)
	}, &stageList, &missingList, &dirtyList)
}

// putRows merges rows into their accounts' groups.
func (t *tx) putRows(ctx context.Context, run Run, b StageBatch) error {
	if len(b.Put) == 0 {
		return nil
	}
	put := slices.Clone(b.Put)
	for i := range put {
		put[i].Role, put[i].ReadRun = b.Role, run.ID
	}
	slices.SortStableFunc(put, func(a, b Row) int { return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.ID, b.ID)) })
	groups := slices.Collect(chunksOf(put, func(r *Row) string { return r.Account }))
	old, err := t.groups(ctx, run.Pipeline, b.Role, accountsOf(groups))
	if err != nil {
		return err
	}
	for i, g := range groups {
		groups[i] = mergeRows(old[g[0].Account], g)
	}
	if len(old) == 0 {
		return t.add(ctx, &stageList, groupArgs(run.Pipeline, b.Role, groups))
	}
	return t.writeGroups(ctx, run.Pipeline, b.Role, groups)
}

func accountsOf(groups [][]Row) []string {
	out := make([]string, len(groups))
	for i, g := range groups {
		out[i] = g[0].Account
	}
	return out
}

// groups reads the records of one role by account.
func (t *tx) groups(ctx context.Context, pipe int64, role crm.Role, accounts []string) (map[string][]Row, error) {
	const q = `SELECT role, account, body FROM stage WHERE pipeline = ? AND role = ? AND `
	rows, err := perAccount(ctx, t, bodyRow.account, accounts, q, pipe, roleCode(role))
	if err != nil {
		return nil, err
	}
	out := make(map[string][]Row, len(rows))
	for _, r := range rows {
		list, err := unpackRows(r.Account, role, r.Body)
		if err != nil {
			return nil, err
		}
		out[r.Account] = list
	}
	return out, nil
}

// writeGroups stores the records of accounts, each account once.
func (t *tx) writeGroups(ctx context.Context, pipe int64, role crm.Role, groups [][]Row) error {
	return t.put(ctx, &stageList, groupArgs(pipe, role, groups))
}

func groupArgs(pipe int64, role crm.Role, groups [][]Row) []any {
	args := make([]any, 0, len(groups)*stageList.width())
	code := roleCode(role)
	for _, g := range groups {
		args = append(args, pipe, code, g[0].Account, parentOf(role, g), present(g), packRows(make([]byte, 0, packedLen(g)), g))
	}
	return args
}

func parentOf(role crm.Role, g []Row) string {
	if role == crm.Account {
		return g[0].Parent
	}
	return ""
}

// packedLen is about how many bytes packRows will need.
func packedLen(rows []Row) int {
	n := 2
	for i := range rows {
		n += len(rows[i].Cols) + len(rows[i].ID) + len(rows[i].Parent) + 32
	}
	return n
}

// chunksOf yields the stretches of a sorted list that have one key.
func chunksOf[T any](list []T, key func(*T) string) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for len(list) > 0 {
			n := 1
			for n < len(list) && key(&list[n]) == key(&list[0]) {
				n++
			}
			if !yield(list[:n:n]) {
				return
			}
			list = list[n:]
		}
	}
}
