package journal

import (
	"context"
	"slices"

	"github.com/desksync/desksync/internal/day"
)

// Standing is how an account stood when it was last compared.
type Standing struct {
	Account string
	Ends    day.Day // the day of its last charge; 0: none, or one without an end
	ARR     float64 // in the base currency
	Bare    bool    // it has no contact; only those matter whose organization desksync made
	Made    bool    // its organization is made in this run
}

var standingList = list{
	table: "standing", columns: "pipeline, account, ends, arr, bare", types: "bigint, text, text, float8, bigint",
	tail: "ON CONFLICT (pipeline, account) DO UPDATE SET ends = excluded.ends, arr = excluded.arr, bare = excluded.bare",
}

// standingRow is a row of standing as selected.
type standingRow struct {
	Account, Ends string
	ARR           float64
	Bare          int64
}

func (r standingRow) account() string { return r.Account }

// PutStandings stores how accounts stand where it differs from what is stored. Each
// account comes once. An organization that was made without a contact stays in mind
// until it has one.
func (j *Journal) PutStandings(ctx context.Context, run Run, rows []Standing) error {
	return j.inTx(ctx, "journal.standing", func(t *tx) error {
		if err := t.softGuard(ctx, run); err != nil {
			return err
		}
		accounts := make([]string, len(rows))
		for i := range rows {
			accounts[i] = rows[i].Account
		}
		slices.Sort(accounts)
		const q = `SELECT account, ends, arr, bare FROM standing WHERE pipeline = ? AND `
		old, err := perAccount(ctx, t, standingRow.account, accounts, q, run.Pipeline)
		if err != nil {
			return err
		}
		return t.put(ctx, &standingList, newStandings(run, rows, old))
	}, &standingList)
}

// newStandings are the rows to write. An account of which there is nothing to say gets
// none.
func newStandings(run Run, rows []Standing, old []standingRow) (args []any) {
	was := make(map[string]standingRow, len(old))
	for _, r := range old {
		was[r.Account] = r
	}
	for _, s := range rows {
		now := standingRow{Account: s.Account, Ends: s.Ends.String(), ARR: s.ARR}
		if s.Bare {
			now.Bare = was[s.Account].Bare
			if s.Made {
				now.Bare = run.ID
			}
		}
		if before, known := was[s.Account]; known && now == before || !known && now == (standingRow{Account: s.Account}) {
			continue
		}
		args = append(args, run.Pipeline, now.Account, now.Ends, now.ARR, now.Bare)
	}
	return args
}

// Ending lists the accounts of a pipeline whose last charge ends from one day to
// another, both included, with an organization of ours, the soonest first.
func (j *Journal) Ending(ctx context.Context, pipe int64, from, to day.Day) ([]Standing, error) {
	return j.standings(ctx, `s.ends <> '' AND s.ends >= ? AND s.ends <= ?`, pipe, from.String(), to.String())
}

// Bare lists the accounts of a pipeline whose organization desksync made, and that have
// no contact.
func (j *Journal) Bare(ctx context.Context, pipe int64) ([]Standing, error) {
	return j.standings(ctx, `s.bare > 0`, pipe)
}

func (j *Journal) standings(ctx context.Context, cond string, pipe int64, args ...any) ([]Standing, error) {
	q := `
		SELECT s.account, s.ends, s.arr, s.bare
		FROM   standing s JOIN pipeline p ON p.id = s.pipeline
		JOIN   object o ON o.target = p.target AND o.kind = 1 AND o.key = s.account
		WHERE  s.pipeline = ? AND ` + cond + `
		ORDER  BY s.ends, s.account`
	var rows []standingRow
	err := j.all(ctx, "journal.standing", &rows, q, append([]any{pipe}, args...)...)
	out := make([]Standing, len(rows))
	for i, r := range rows {
		out[i] = Standing{Account: r.Account, Ends: dayOf(r.Ends), ARR: r.ARR, Bare: r.Bare > 0}
	}
	return out, err
}
