package journal

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
)

// TestMembershipsAreFoundByTheirAccounts: the plan goes from the accounts to the
// objects, however many objects there are and whatever the database knows of them.
func TestMembershipsAreFoundByTheirAccounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		explain, args := "EXPLAIN QUERY PLAN ", []any{`["A"]`, 1}
		if d.db.Dialect == dbx.Postgres {
			explain, args = "SET enable_seqscan = off; EXPLAIN (COSTS off) ", nil
		}
		q := memberQuery(d.db.Dialect)
		if args == nil {
			q = strings.NewReplacer("CAST(? AS text[])", "ARRAY['A']", "?", "1").Replace(q)
		}
		plan := strings.Join(d.plan(explain+q, args...), "\n")
		if !strings.Contains(plan, "key>? AND key<?") && !strings.Contains(plan, "(key >= (") {
			t.Errorf("the memberships of an account are looked for among all:\n%s", plan)
		}
	})
}

// TestObjectsAreFoundByTheirTargetIDs: the plan goes from the ids to the objects.
func TestObjectsAreFoundByTheirTargetIDs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		keys, list := keysQuery(d.db.Dialect, helpdesk.User, []string{"7", "8"})
		one := selectObject + "WHERE " + byTargetID(helpdesk.User) + " AND o.target_id = ? ORDER BY o.key"
		for q, arg := range map[string]any{keys: list, one: "7"} {
			explain, args, want := "EXPLAIN QUERY PLAN ", []any{1, 2, arg}, "(target_id=?)"
			if d.db.Dialect == dbx.Postgres {
				explain, args, want = "SET enable_seqscan = off; EXPLAIN (COSTS off) ", nil, "object_target_id"
				q = strings.NewReplacer("ANY (?)", "ANY (ARRAY['7', '8'])", "target_id = ?", "target_id = '7'", "?", "1").Replace(q)
			}
			plan := strings.Join(d.plan(explain+q, args...), "\n")
			if !strings.Contains(plan, want) {
				t.Errorf("objects are looked for among all of a target:\n%s", plan)
			}
		}
	})
}

func (d *desk) plan(q string, args ...any) (lines []string) {
	rows, err := d.db.QueryContext(d.t.Context(), q, args...)
	d.ok(err)
	defer func() { d.ok(rows.Close()) }()
	for rows.Next() {
		var line string
		into := make([]any, len(must(rows.Columns())(d.t)))
		for i := range into {
			into[i] = new(any)
		}
		into[len(into)-1] = &line
		d.ok(rows.Scan(into...))
		lines = append(lines, line)
	}
	d.ok(rows.Err())
	return lines
}
