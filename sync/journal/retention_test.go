package journal

import (
	"testing"
	"time"
)

// How the rows of a table go.
const (
	byAge   = "by age"  // Prune deletes what is old
	bySize  = "by size" // as many as there are records, objects, pipelines or names: what replaces or ends them deletes them
	forEver = "for ever"
)

// keeping says of every table how its rows go. A new table belongs in here, and, if it
// grows with time, into Prune.
var keeping = map[string]string{
	"run": byAge, "change": byAge, "outcome": byAge, "batch": byAge, "total": byAge, "config": byAge, "item": byAge, "decision": byAge,
	"alert": byAge, "outbox": byAge, "calls": byAge,

	"meta": bySize, "peer": bySize, "pipeline": bySize, "target_lock": bySize, // names of the configuration
	"stage": bySize, "missing": bySize, "reading": bySize, "dirty": bySize, "mapped": bySize, "claim": bySize, "claim_todo": bySize, "standing": bySize, // records of the CRM
	"object": bySize, "stranger": bySize, "feed": bySize, "seen": bySize, // what the helpdesk holds
	"journal_version": bySize, // migrations

	"audit": forEver, "receipt": forEver, // who decided what; that a person was forgotten
}

// TestEveryTableIsKeptShortOrDeclared fails for a table that nobody thought of, and for
// one that is said to be kept short and is not.
func TestEveryTableIsKeptShortOrDeclared(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		tables := map[string]bool{}
		for _, table := range tablesOf(t, d.db) {
			tables[table] = true
			if keeping[table] == "" {
				t.Errorf("nobody says how long the rows of %s are kept", table)
			}
		}
		d.years()
		before := map[string]int{}
		for table := range keeping {
			if !tables[table] {
				t.Errorf("there is no table %s", table)
				continue
			}
			before[table] = len(d.allOf(table))
		}
		keep := Retention{Runs: time.Hour, KeepRuns: 1, Items: time.Hour, Decisions: time.Hour}
		must(d.Prune(t.Context(), keep))(t)
		d.ok(d.NoteCall(t.Context(), "crm", 100))
		for table, how := range keeping {
			after := len(d.allOf(table))
			if how == byAge && (before[table] == 0 || after >= before[table]) {
				t.Errorf("%s had %d rows of long ago, and has %d", table, before[table], after)
			}
			if how == forEver && (before[table] == 0 || after < before[table]) {
				t.Errorf("%s had %d rows that are for ever, and has %d", table, before[table], after)
			}
		}
	})
}

// years leaves what was over long ago in every table that grows with time, and one new
// run.
func (d *desk) years() {
	d.t.Helper()
	ctx := d.t.Context()
	run := d.acquaint()
	d.ok(d.NoteCall(ctx, "crm", 100))
	d.clock.Move(time.Hour)
	d.ok(d.NoteCall(ctx, "crm", 100))
	d.clock.Move(30 * time.Minute)
	d.sql(`UPDATE item SET over_at = since`)
	d.sql(`UPDATE outbox SET state = 'sent', done_at = made_at`)
	d.sql(`UPDATE decision SET released_at = at`)
	d.sealAll(run)
	must(d.Forget(ctx, Person{Email: "nobody@nowhere.example", Who: "kim", Reason: "asked"}))(d.t)
	d.clock.Move(3 * 365 * 24 * time.Hour)
	spec := d.spec()
	spec.Config = "version: 2"
	d.finish(must(d.Begin(ctx, spec))(d.t))
}

// TestAClockThatLeapsDeletesNothing: not on the day that it shows first; if it still goes on
// from there the day after, it was right.
func TestAClockThatLeapsDeletesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		prune := func() int {
			return must(d.PruneDaily(t.Context(), Retention{Runs: 400 * 24 * time.Hour, KeepRuns: 1}))(t)["run"]
		}
		for range 3 {
			d.finish(d.begin())
		}
		prune()
		d.clock.Move(3 * 365 * 24 * time.Hour)
		if n := prune(); n != 0 {
			t.Errorf("a clock that leapt three years deleted %d runs", n)
		}
		d.clock.Move(-3 * 365 * 24 * time.Hour)
		if n := prune(); n != 0 {
			t.Errorf("a clock that was put right deleted %d runs", n)
		}
		d.clock.Move(3 * 365 * 24 * time.Hour)
		prune()
		d.clock.Move(24 * time.Hour)
		if n := prune(); n != 2 {
			t.Errorf("after three years in which nothing ran, the second day deleted %d runs, want 2", n)
		}
	})
}
