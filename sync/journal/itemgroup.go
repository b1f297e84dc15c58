package journal

import (
	"context"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/day"
)

// ItemGroup sums open items up.
type ItemGroup struct {
	Items      int
	Accounts   int
	Things     int       // different combinations of field and value
	Since      time.Time // of the oldest
	Newest     time.Time
	ARR        float64  // of the accounts, each once
	Some       []string // accounts of the newest items
	Fields     []string // some of the fields, in order
	FieldCount int
}

// groupNames is how many accounts and fields a group names.
const groupNames = 10

// GroupItems sums up the open items of a pipeline that are of one class and one of some
// codes; no codes are all. Items that somebody snoozed through that day are left out, and
// those about which somebody decided something that no run has acted on yet.
func (j *Journal) GroupItems(ctx context.Context, pipe int64, class ItemClass, today day.Day, codes ...string) (ItemGroup, error) {
	where, args := itemGroupWhere(pipe, class, today, codes)
	var sum struct {
		Items, Accounts, Things, Fields int
		Since, Newest                   int64
	}
	q := `
		SELECT count(*) AS items, count(DISTINCT i.account) AS accounts, count(DISTINCT i.field || '|' || i.value) AS things, count(DISTINCT i.field) AS fields,
		       coalesce(min(i.since), 0) AS since, coalesce(max(i.since), 0) AS newest
		FROM   item i ` + where
	if _, err := j.get(ctx, "journal.items", &sum, q, args...); err != nil || sum.Items == 0 {
		return ItemGroup{}, err
	}
	g := ItemGroup{
		Items: sum.Items, Accounts: sum.Accounts, Things: sum.Things, FieldCount: sum.Fields, Since: timeOf(sum.Since), Newest: timeOf(sum.Newest),
	}
	q = `SELECT i.account FROM item i ` + where + ` AND i.account <> '' GROUP BY i.account ORDER BY max(i.since) DESC, i.account LIMIT ?`
	if err := j.all(ctx, "journal.items", &g.Some, q, append(args, groupNames)...); err != nil {
		return g, err
	}
	q = `SELECT DISTINCT i.field FROM item i ` + where + ` AND i.field <> '' ORDER BY i.field LIMIT ?`
	if err := j.all(ctx, "journal.items", &g.Fields, q, append(args, groupNames)...); err != nil {
		return g, err
	}
	q = `SELECT coalesce(sum(s.arr), 0) FROM standing s WHERE s.pipeline = ? AND s.account IN (SELECT i.account FROM item i ` + where + `)`
	_, err := j.get(ctx, "journal.items", &g.ARR, q, append([]any{pipe}, args...)...)
	return g, err
}

// decidedSince are the decisions in force of a pipeline that its last look did not know.
const decidedSince = `FROM decision d WHERE d.pipeline = ? AND d.released_at = 0
	AND d.at >= (SELECT coalesce(max(r.started_at), 0) FROM run r WHERE r.pipeline = ? AND r.finished_at > 0 AND r.mode IN ('reconcile', 'observe'))`

func itemGroupWhere(pipe int64, class ItemClass, today day.Day, codes []string) (string, []any) {
	cond := `WHERE i.pipeline = ? AND i.over_at = 0 AND i.class = ?
		AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.pipeline = i.pipeline AND d.account = i.account AND d.item = i.id AND d.action = 'snooze' AND d.released_at = 0 AND (d.until_day = '' OR d.until_day >= ?))`
	args := []any{pipe, string(class), today.String(), pipe, pipe}
	if class == ItemConflict { // whoever gets it, the others do not: a decision is about a field
		cond += ` AND i.field NOT IN (SELECT d.field ` + decidedSince + ` AND d.action = 'assign')`
	} else {
		cond += ` AND i.id NOT IN (SELECT d.item ` + decidedSince + ` AND d.action <> 'snooze')`
	}
	if len(codes) > 0 {
		cond += ` AND i.code IN (?` + strings.Repeat(", ?", len(codes)-1) + `)`
		for _, c := range codes {
			args = append(args, c)
		}
	}
	return cond, args
}

// HoldingGuards lists the guards that hold something of a pipeline: those whose run was
// approved as a whole, or rejected, since a run saw them last hold nothing any more.
func (j *Journal) HoldingGuards(ctx context.Context, pipe int64) ([]Item, error) {
	const q = selectItem + `
		WHERE  pipeline = ? AND class = 'guard' AND over_at = 0
		AND    NOT EXISTS (SELECT 1 FROM run r WHERE r.pipeline = item.pipeline AND r.id > item.last_run AND r.mode = 'approve' AND r.state = 'applied')
		AND    NOT EXISTS (SELECT 1 FROM decision d WHERE d.pipeline = item.pipeline AND d.action = 'reject' AND d.run > 0 AND d.released_at = 0
		                   AND d.at >= (SELECT r.started_at FROM run r WHERE r.id = item.last_run))
		ORDER  BY id`
	var rows []itemRow
	err := j.all(ctx, "journal.items", &rows, q, pipe)
	out := make([]Item, len(rows))
	for i := range rows {
		out[i] = rows[i].item()
	}
	return out, err
}
