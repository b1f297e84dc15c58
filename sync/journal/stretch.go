package journal

import (
	"context"
	"slices"
)

// minStretch is from how many accounts on it pays to try whether they stand together.
const minStretch = 50

// mayStretch reports whether to try reading everything from the first account to the
// last: where they stand together, as in a full read, that costs a quarter of looking
// each one up; where they do not, it costs little.
func mayStretch(accounts []string) bool {
	return len(accounts) >= minStretch && slices.IsSorted(accounts)
}

// only reports whether rows are of these accounts, which are sorted, and of no other.
func only[T any](rows []T, account func(T) string, accounts []string) bool {
	for i := range rows {
		if _, ok := slices.BinarySearch(accounts, account(rows[i])); !ok {
			return false
		}
	}
	return true
}

// perAccount runs a query that has at most one row per account and ends where the
// condition on the account is due.
func perAccount[T any](ctx context.Context, t *tx, account func(T) string, accounts []string, q string, args ...any) ([]T, error) {
	var rows []T
	if n := len(accounts); mayStretch(accounts) {
		err := t.all(ctx, &rows, q+`account BETWEEN ? AND ? ORDER BY account LIMIT ?`, append(slices.Clone(args), accounts[0], accounts[n-1], n+1)...)
		if err != nil || only(rows, account, accounts) {
			return rows, err
		}
	}
	cond, arg := among(t.Dialect, "account", accounts)
	rows = nil
	err := t.all(ctx, &rows, q+cond, append(args, arg)...)
	return rows, err
}
