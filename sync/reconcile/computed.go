package reconcile

import (
	"context"
	"iter"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// Computed is a change of a run with what it was made of.
type Computed struct {
	helpdesk.Change
	Source, Rules string  // what identifies the account's staged rows and the rules; empty: not recorded
	ARR           float64 // of the account
	Class         uint32  // what guards and alerts go by, as it was computed
}

// Changes yields the changes of a run in their order: held ones, open ones, or
// (nil) all.
func Changes(ctx context.Context, j *journal.Journal, run int64, filter journal.ChangeFilter) iter.Seq2[helpdesk.Change, error] {
	return func(yield func(helpdesk.Change, error) bool) {
		for c, err := range ComputedIn(ctx, j, run, filter) {
			if !yield(c.Change, err) {
				return
			}
		}
	}
}

// ComputedIn is Changes with what they were made of.
func ComputedIn(ctx context.Context, j *journal.Journal, run int64, filter journal.ChangeFilter) iter.Seq2[Computed, error] {
	return func(yield func(Computed, error) bool) {
		var after journal.Pos
		for {
			rows, err := j.Changes(ctx, run, filter, after, shard)
			if err != nil {
				yield(Computed{}, err)
				return
			}
			for i := range rows {
				if rows[i].Op == opNote {
					continue
				}
				c, err := computed(&rows[i])
				if !yield(c, err) || err != nil {
					return
				}
			}
			if len(rows) < shard {
				return
			}
			after = rows[len(rows)-1].Pos()
		}
	}
}

func computed(row *journal.ChangeRow) (Computed, error) {
	in, err := unpackInstruction(string(row.Body))
	if in.Hold == "" {
		in.Hold = row.Hold
	}
	return Computed{in.Change, in.basis.source, in.basis.rules, row.ARR, row.Class}, err
}
