package journal

import (
	"context"
	"slices"

	"github.com/desksync/desksync/internal/day"
)

const dirtyTail = `ON CONFLICT (pipeline, account) DO UPDATE SET gen = excluded.gen WHERE dirty.gen < excluded.gen`

var dirtyList = list{
	table: "dirty", columns: "pipeline, account, gen",
	types: "bigint, text, bigint", tail: dirtyTail,
}

// mark marks accounts with the pipeline's generation.
func (t *tx) mark(ctx context.Context, pipe int64, accounts []string) error {
	if len(accounts) == 0 {
		return nil
	}
	var gen int64
	if err := t.get(ctx, &gen, `SELECT gen FROM pipeline WHERE id = ?`, pipe); err != nil {
		return err
	}
	accounts = slices.Clone(accounts)
	slices.Sort(accounts)
	accounts = slices.Compact(accounts)
	marked, err := t.marked(ctx, pipe, gen, accounts)
	if err != nil {
		return err
	}
	args := make([]any, 0, len(accounts)*dirtyList.width())
	for _, a := range accounts {
		if !marked[a] {
			args = append(args, pipe, a, gen)
		}
	}
	return t.put(ctx, &dirtyList, args)
}

type dirtyRow struct {
	Account string
	Gen     int64
}

func (r dirtyRow) account() string { return r.Account }

// marked returns which accounts have the mark already: asking is cheaper than
// writing in vain, and each account's contacts and charges mark it again.
func (t *tx) marked(ctx context.Context, pipe, gen int64, accounts []string) (map[string]bool, error) {
	list, err := perAccount(ctx, t, dirtyRow.account, accounts, `SELECT account, gen FROM dirty WHERE pipeline = ? AND `, pipe)
	out := make(map[string]bool, len(list))
	for _, m := range list {
		out[m.Account] = m.Gen >= gen
	}
	return out, err
}

// MarkDirty marks accounts for the next compare. Any process may call it at any
// time: marks made while a compare is under way survive its Seal.
func (j *Journal) MarkDirty(ctx context.Context, pipe int64, accounts []string) error {
	return j.inTx(ctx, "journal.dirty", func(t *tx) error { return t.markOutside(ctx, pipe, accounts) }, &dirtyList)
}

// markOutside marks on behalf of whoever is not the run: the pipeline's row is held
// meanwhile, so that no compare begins between the mark's generation and its commit.
func (t *tx) markOutside(ctx context.Context, pipe int64, accounts []string) error {
	if _, err := t.exec(ctx, `UPDATE pipeline SET gen = gen WHERE id = ?`, pipe); err != nil {
		return err
	}
	return t.mark(ctx, pipe, accounts)
}

// markSet marks what a query selects as (pipeline, account, gen).
func (j *Journal) markSet(ctx context.Context, q string, args ...any) error {
	return j.inTx(ctx, "journal.dirty", func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO dirty (pipeline, account, gen) `+q+` `+dirtyTail, args...)
		return err
	})
}

// MarkAllDirty marks every staged account and every organization last written.
func (j *Journal) MarkAllDirty(ctx context.Context, pipe int64) error {
	return j.inTx(ctx, "journal.dirty", func(t *tx) error { return t.markAll(ctx, pipe) })
}

func (t *tx) markAll(ctx context.Context, pipe int64) error {
	const staged = `
		INSERT INTO dirty (pipeline, account, gen)
		SELECT DISTINCT p.id, s.account, p.gen
		FROM   pipeline p JOIN stage s ON s.pipeline = p.id
		WHERE  p.id = ? AND NOT EXISTS (SELECT 1 FROM dirty d WHERE d.pipeline = p.id AND d.account = s.account AND d.gen >= p.gen) ` + dirtyTail
	if _, err := t.exec(ctx, staged, pipe); err != nil {
		return err
	}
	const written = `
		INSERT INTO dirty (pipeline, account, gen)
		SELECT p.id, o.key, p.gen
		FROM   pipeline p JOIN object o ON o.target = p.target AND o.kind = 1 AND o.pipeline = p.id
		WHERE  p.id = ? ` + dirtyTail
	_, err := t.exec(ctx, written, pipe)
	return err
}

// MarkDue marks the accounts whose boundary day has come.
func (j *Journal) MarkDue(ctx context.Context, pipe int64, today day.Day) error {
	return j.markSet(ctx, `
		SELECT p.id, m.account, p.gen
		FROM   pipeline p JOIN mapped m ON m.pipeline = p.id
		WHERE  p.id = ? AND m.next_day <> '' AND m.next_day <= ?`, pipe, today.String())
}

// MarkOpen marks the accounts with open items.
func (j *Journal) MarkOpen(ctx context.Context, pipe int64) error {
	return j.markSet(ctx, `
		SELECT DISTINCT p.id, i.account, p.gen
		FROM   pipeline p JOIN item i ON i.pipeline = p.id
		WHERE  p.id = ? AND i.over_at = 0 AND i.account <> ''`, pipe)
}

// MarkChildren marks the accounts below those that are dirty, at any depth.
func (j *Journal) MarkChildren(ctx context.Context, pipe int64) error {
	return j.inTx(ctx, "journal.dirty", func(t *tx) error {
		const q = `
			WITH RECURSIVE below (account) AS (
				SELECT account FROM dirty WHERE pipeline = ?
				UNION
				SELECT s.account FROM below b JOIN stage s ON s.pipeline = ? AND s.parent = b.account AND s.parent <> ''
			)
			INSERT INTO dirty (pipeline, account, gen)
			SELECT p.id, b.account, p.gen FROM pipeline p, below b WHERE p.id = ? ` + dirtyTail
		_, err := t.exec(ctx, q, pipe, pipe, pipe)
		return err
	})
}

// DirtyPage returns dirty accounts after one, in byte order.
func (j *Journal) DirtyPage(ctx context.Context, pipe int64, after string, limit int) ([]string, error) {
	const q = `SELECT account FROM dirty WHERE pipeline = ? AND account > ? ORDER BY account LIMIT ?`
	var out []string
	err := j.all(ctx, "journal.dirty", &out, q, pipe, after, min(limit, MaxPage))
	return out, err
}

// DirtyCount counts dirty accounts.
func (j *Journal) DirtyCount(ctx context.Context, pipe int64) (int, error) {
	var n int
	_, err := j.get(ctx, "journal.dirty", &n, `SELECT count(*) FROM dirty WHERE pipeline = ?`, pipe)
	return n, err
}
