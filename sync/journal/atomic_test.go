package journal

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
)

// plant makes the database refuse every write to a table where a column has a
// value; an empty column: any write.
func (d *desk) plant(table, column, value string) {
	d.t.Helper()
	for _, verb := range []string{"INSERT", "UPDATE", "DELETE"} {
		rowName := "NEW"
		if verb == "DELETE" {
			rowName = "OLD"
		}
		cond := "true"
		if column != "" {
			cond = rowName + "." + column + " = '" + value + "'"
		}
		name := "planted_" + strings.ToLower(verb)
		if d.db.Dialect == dbx.SQLite {
			d.sql(`CREATE TRIGGER %s BEFORE %s ON "%s" WHEN %s BEGIN SELECT RAISE(ABORT, 'planted'); END`, name, verb, table, cond)
			continue
		}
		d.sql(`CREATE OR REPLACE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted'; END $$`)
		d.sql(`CREATE TRIGGER %s BEFORE %s ON "%s" FOR EACH ROW WHEN (%s) EXECUTE FUNCTION planted()`, name, verb, table, cond)
	}
}

// pull takes the planted refusals out again.
func (d *desk) pull(table string) {
	d.t.Helper()
	for _, verb := range []string{"insert", "update", "delete"} {
		if d.db.Dialect == dbx.SQLite {
			d.sql(`DROP TRIGGER planted_%s`, verb)
		} else {
			d.sql(`DROP TRIGGER planted_%s ON "%s"`, verb, table)
		}
	}
}

func (d *desk) sql(format string, args ...any) {
	d.t.Helper()
	_, err := d.db.Exec(fmt.Sprintf(format, args...))
	d.ok(err)
}

// content is a digest of every row of every table, table by table.
func (d *desk) content() map[string]string {
	d.t.Helper()
	out := map[string]string{}
	for _, table := range tablesOf(d.t, d.db) {
		var lines []string
		for _, values := range d.allOf(table) {
			lines = append(lines, fmt.Sprintf("%v", values))
		}
		slices.Sort(lines)
		out[table] = fmt.Sprintf("%d rows %x", len(lines), sha256.Sum256([]byte(strings.Join(lines, "\n"))))
	}
	return out
}

// allOf reads a table.
func (d *desk) allOf(table string) (out [][]any) {
	d.t.Helper()
	rows, err := d.db.Queryx(`SELECT * FROM "` + table + `"`)
	d.ok(err)
	defer func() { d.ok(rows.Close()) }()
	for rows.Next() {
		values, err := rows.SliceScan()
		d.ok(err)
		out = append(out, values)
	}
	d.ok(rows.Err())
	return out
}

// write is one method that writes, called on a desk made ready for it.
type write struct {
	name string
	call func(ctx context.Context, d *desk, run Run) error
}

var writes = []write{
	{"PutStage", func(ctx context.Context, d *desk, run Run) error {
		return d.PutStage(ctx, run, StageBatch{
			Role: crm.Account, Put: []Row{row(crm.Account, "A", "A", "new"), row(crm.Account, "Z", "Z", "z")},
			Missing: []Head{{Account: "B", ID: "B"}}, Dirty: []string{"A", "Z"},
		})
	}},
	{"TakeMissing", func(ctx context.Context, d *desk, run Run) error { return d.TakeMissing(ctx, run) }},
	{"NoteDeleted", func(ctx context.Context, d *desk, run Run) error { return d.NoteDeleted(ctx, run, []string{"L"}) }},
	{"NotePlace", func(ctx context.Context, d *desk, run Run) error {
		return d.NotePlace(ctx, run, crm.Account, "further", 3)
	}},
	{"NoteCall", func(ctx context.Context, d *desk, _ Run) error { return d.NoteCall(ctx, "crm", 1000) }},
	{"PutMapped", func(ctx context.Context, d *desk, _ Run) error {
		_, err := d.PutMapped(ctx, d.pipe.ID, "support", []Mapped{{Account: "A", Claims: []Claim{name("other")}}, {Account: "Z", Claims: []Claim{name("z")}}})
		return err
	}},
	{"IndexClaims", func(ctx context.Context, d *desk, _ Run) error { return d.IndexClaims(ctx, "support") }},
	{"PutHave", func(ctx context.Context, d *desk, run Run) error {
		_, err := d.PutHave(ctx, run, helpdesk.Organization, []HavePut{
			{Key: "A", TargetID: "1", Fields: text("name", "edited")}, {TargetID: "77", Claims: []Claim{name("s")}}, {TargetID: "88", Gone: true},
		}, "9")
		return err
	}},
	{"EndListing", func(ctx context.Context, d *desk, run Run) error {
		_, err := d.EndListing(ctx, run, helpdesk.Organization)
		return err
	}},
	{"Notes", func(ctx context.Context, d *desk, run Run) error {
		return d.Notes(ctx, run, []ObjectNote{{Object: d.org("A", "88", text("name", "n"))}, {Object: d.org("B", "2", nil), Forget: true}})
	}},
	{"Settle", func(ctx context.Context, d *desk, run Run) error {
		a := d.org("A", "88", text("name", "settled"))
		return d.Settle(ctx, run, 1, []Settled{
			{Pos: Pos{1, 1}, State: helpdesk.Applied, Object: &a}, {Pos: Pos{1, 2}, State: helpdesk.Failed, Err: errPlanted},
		})
	}},
	{"PutDecision", func(ctx context.Context, d *desk, _ Run) error {
		_, err := d.PutDecision(ctx, Decision{Pipeline: d.pipe.ID, Account: "Z", Action: "keep"})
		return err
	}},
	{"Release", func(ctx context.Context, d *desk, _ Run) error { return d.Release(ctx, 1, "kim", "over") }},
	{"Finish", func(ctx context.Context, d *desk, run Run) error { return d.Finish(ctx, run, Result{State: Applied}) }},
	{"Begin", func(ctx context.Context, d *desk, _ Run) error {
		spec := d.spec()
		spec.Target, spec.Config = "other desk", "another"
		_, err := d.Begin(ctx, spec)
		return err
	}},
	{"Seal", func(ctx context.Context, d *desk, run Run) error {
		return d.Seal(ctx, run, Sealed{Totals: []byte(`{"a":1}`), PipelineDigest: "p", Notes: []ObjectNote{{Object: d.org("A", "88", text("name", "sealed"))}}})
	}},
	{"MarkRestored", func(ctx context.Context, d *desk, _ Run) error { return d.MarkRestored(ctx, "kim") }},
	{"Pipeline", func(ctx context.Context, d *desk, _ Run) error {
		_, err := d.Pipeline(ctx, "customers", "another crm", "other desk")
		return err
	}},
}

// furnish fills every table that the writes touch.
func (d *desk) furnish() Run {
	d.t.Helper()
	ctx := d.t.Context()
	first := d.begin()
	d.tell("chat", "m1")
	d.ok(d.StepAlerts(ctx, "", func([]Alert) (AlertStep, error) {
		return AlertStep{Put: []Alert{{Key: "old", Body: []byte(`{}`)}}}, nil
	}))
	d.ok(d.PutStandings(ctx, first, []Standing{{Account: "A", ARR: 5}}))
	d.ok(d.PutItems(ctx, first, []Item{{Class: ItemDrift, Account: "A"}}))
	d.finish(first)
	must(d.Pipeline(ctx, "other", "another crm", "other desk"))(d.t)
	run := d.begin()
	d.put(run, row(crm.Account, "L", "L", "l"))
	d.miss(run, crm.Account, Key{"L", "L"})
	d.ok(d.TakeMissing(ctx, run))
	d.ok(d.NoteRead(ctx, run, crm.Account, ReadInfo{Rows: 3, Complete: true, Place: "here"}))
	d.put(run, row(crm.Account, "A", "A", "a"), row(crm.Account, "B", "B", "b"))
	d.put(run, row(crm.Contact, "A", "c1", "c"), row(crm.Contact, "B", "c2", "c"))
	d.miss(run, crm.Contact, Key{"A", "c1"})
	d.notes(run, d.org("A", "1", text("name", "a")), d.org("B", "2", text("name", "b")))
	d.ok(d.PutStrangers(ctx, "support", []Stranger{{Kind: helpdesk.Organization, TargetID: "88", Claims: []Claim{name("a")}}}))
	d.mapped(d.pipe, Mapped{Account: "A", Claims: []Claim{name("a")}})
	d.ok(d.IndexClaims(ctx, "support"))
	d.mapped(d.pipe, Mapped{Account: "A", Claims: []Claim{name("b"), domain("a.example")}})
	d.ok(d.BeginListing(ctx, run, helpdesk.Organization))
	must(d.PutHave(ctx, run, helpdesk.Organization, []HavePut{{Key: "B", TargetID: "2", Fields: text("name", "b")}}, "3"))(d.t)
	must(d.PutDecision(ctx, Decision{Pipeline: d.pipe.ID, Account: "A", Action: "keep"}))(d.t)
	d.ok(d.Phase(ctx, run, PhaseCompare))
	d.ok(d.AddChanges(ctx, run, changesOf(3)))
	d.ok(d.Send(ctx, run, Batch{No: 1, To: Pos{1, 2}}))
	return run
}

// TestEveryWriteIsAllOrNothing lets each method fail at each table that it writes:
// nothing of it may be left. In the end it must do what it was stopped from.
func TestEveryWriteIsAllOrNothing(t *testing.T) {
	t.Parallel()
	for _, w := range append(alertWrites(), writes...) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, d *desk) { testAtomic(t, d, w) })
		})
	}
}

func testAtomic(t *testing.T, d *desk, w write) {
	t.Helper()
	touched := d.touched(w)
	if len(touched) == 0 {
		t.Fatal("it changed nothing at all")
	}
	d.restart()
	run := d.furnish()
	before := d.content()
	for _, table := range touched {
		d.plant(table, "", "")
		if err := w.call(t.Context(), d, run); err == nil {
			t.Errorf("refused at %s, it reports no error", table)
		}
		d.pull(table)
		if after := d.content(); !maps.Equal(before, after) {
			t.Errorf("refused at %s, it left\n%v\nwhere was\n%v", table, after, before)
		}
	}
	if err := w.call(t.Context(), d, run); err != nil {
		t.Errorf("after all refusals: %v", err)
	}
}

// touched lists the tables whose content a method changes.
func (d *desk) touched(w write) []string {
	d.t.Helper()
	run := d.furnish()
	before := d.content()
	d.ok(w.call(d.t.Context(), d, run))
	after := d.content()
	var out []string
	for table := range before {
		if before[table] != after[table] {
			out = append(out, table)
		}
	}
	return out
}

// restart gives the desk an empty journal again.
func (d *desk) restart() {
	d.t.Helper()
	d.ok(d.Close())
	dsn := ready.SQLite
	if d.db.Dialect == dbx.Postgres {
		dsn = ready.Postgres
	}
	*d = *newDesk(d.t, dsn(d.t))
}

// tablesOf lists the tables of a journal.
func tablesOf(t testing.TB, db *dbx.DB) []string {
	t.Helper()
	q := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`
	if db.Dialect == dbx.Postgres {
		q = `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`
	}
	var out []string
	if err := db.Select(&out, q); err != nil {
		t.Fatal(err)
	}
	return out
}
