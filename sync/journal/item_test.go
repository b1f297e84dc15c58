package journal

import (
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
)

func TestItemsOpenStayAndClose(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		drift := Item{Class: ItemDrift, Code: "edited", Account: "A", Kind: helpdesk.Organization, Key: "A", Field: "name", Value: "x", Body: []byte{1, 0}, Text: "someone\x00 edited\xff it"}
		clash := Item{Class: ItemConflict, Code: "domain claimed twice", Account: "B", Value: "b.example"}
		guard := Item{Class: ItemGuard, Code: "retires", Text: "47 would go"}
		compare := func(items ...Item) Run {
			run := d.begin()
			d.ok(d.MarkDirty(t.Context(), d.pipe.ID, []string{"A", "B"}))
			d.ok(d.Phase(t.Context(), run, PhaseCompare))
			d.ok(d.PutItems(t.Context(), run, items))
			d.ok(d.Seal(t.Context(), run, Sealed{}))
			d.finish(run)
			d.clock.Move(time.Hour)
			return run
		}
		start := d.clock.Now()
		first := compare(drift, clash, guard, drift)
		open := must(d.Items(t.Context(), ItemFilter{Pipeline: d.pipe.ID}, 9))(t)
		if len(open) != 3 || open[0].Text != "someone\uFFFD edited\uFFFD it" || !slices.Equal(open[0].Body, []byte{1, 0}) || !open[0].Since.Equal(start) || open[0].FirstRun != first.ID {
			t.Fatalf("open %+v", open)
		}
		drift.Text = "still"
		second := compare(drift, clash)
		got := must(d.ItemByID(t.Context(), open[0].ID))(t)
		if got.Text != "still" || got.FirstRun != first.ID || got.LastRun != second.ID || !got.Since.Equal(start) || !got.Over.IsZero() {
			t.Errorf("put again it is %+v", got)
		}
		if over := must(d.Items(t.Context(), ItemFilter{Over: true}, 9))(t); len(over) != 1 || over[0].Class != ItemGuard {
			t.Errorf("over %+v, want the guard", over)
		}
		if n := must(d.CountItems(t.Context(), d.pipe.ID))(t); !reflect.DeepEqual(n, map[ItemClass]int{ItemDrift: 1, ItemConflict: 1}) {
			t.Errorf("open by class %v", n)
		}
		compare()
		third := compare(drift)
		got = must(d.ItemByID(t.Context(), open[0].ID))(t)
		if !got.Over.IsZero() || got.FirstRun != third.ID || !got.Since.Equal(start.Add(3*time.Hour)) {
			t.Errorf("open once more it is %+v", got)
		}
		d.ok(d.CloseItem(t.Context(), d.begin(), got.ID))
		if got = must(d.ItemByID(t.Context(), got.ID))(t); !got.Over.Equal(d.clock.Now()) {
			t.Errorf("closed it is %+v", got)
		}
		if _, err := d.ItemByID(t.Context(), 4711); fault.KindOf(err) != fault.NotFound {
			t.Errorf("unknown item: %v", err)
		}
	})
}

func TestItemsAreFiltered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.PutItems(t.Context(), run, []Item{
			{Class: ItemDrift, Account: "A", Key: "1"}, {Class: ItemHeld, Account: "A", Key: "2"}, {Class: ItemDrift, Account: "B", Key: "3"},
		}))
		all := must(d.Items(t.Context(), ItemFilter{}, 9))(t)
		for about, tt := range map[string]struct {
			f    ItemFilter
			want []Item
		}{
			"class":    {ItemFilter{Class: ItemDrift}, []Item{all[0], all[2]}},
			"accounts": {ItemFilter{Accounts: []string{"A"}}, all[:2]},
			"nobody":   {ItemFilter{Accounts: []string{}}, []Item{}},
			"run":      {ItemFilter{Run: run.ID + 1}, []Item{}},
			"seen":     {ItemFilter{Seen: run.ID}, all},
			"not seen": {ItemFilter{Seen: run.ID + 1}, []Item{}},
			"after":    {ItemFilter{After: all[1].ID}, all[2:]},
			"pipeline": {ItemFilter{Pipeline: 4711}, []Item{}},
		} {
			if got := must(d.Items(t.Context(), tt.f, 9))(t); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s: %+v, want %+v", about, got, tt.want)
			}
		}
	})
}

func TestEachDecisionGoesBeyondAPage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		list := make([]Decision, 2*MaxPage+1)
		for i := range list {
			list[i] = Decision{Pipeline: d.pipe.ID, Account: "A" + strconv.Itoa(i), Action: "keep", Reason: "many", Author: "kim"}
		}
		d.ok(d.PutDecisions(t.Context(), list))
		seen := map[string]int{}
		for got, err := range d.EachDecision(t.Context(), DecisionFilter{Pipeline: d.pipe.ID}) {
			d.ok(err)
			seen[got.Account]++
		}
		if len(seen) != len(list) {
			t.Errorf("%d decisions, want %d", len(seen), len(list))
		}
	})
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		keep := Decision{
			Pipeline: d.pipe.ID, Account: "A", Kind: helpdesk.Organization, Key: "A", Field: "name", Action: "keep", Want: helpdesk.TextOf("x: y"),
			Reason: "they asked", Author: "kim", Item: 14, Run: 3,
		}
		override := Decision{
			Pipeline: d.pipe.ID, Account: "B", Field: "plan", Action: ActionOverride, Value: helpdesk.ChoiceOf("premium"),
			From: day.MustParse("2026-11-01"), Until: day.MustParse("2026-12-31"), Reason: "pilot", Author: "lee",
		}
		keep.ID = must(d.PutDecision(t.Context(), keep))(t)
		d.ok(d.PutDecisions(t.Context(), []Decision{override}))
		override.ID = keep.ID + 1
		keep.At, override.At = d.clock.Now(), d.clock.Now()
		if got := must(d.Decisions(t.Context(), DecisionFilter{Pipeline: d.pipe.ID}, 9))(t); !reflect.DeepEqual(got, []Decision{keep, override}) {
			t.Errorf("got  %+v\nwant %+v", got, []Decision{keep, override})
		}
		if got := d.dirty(); !slices.Equal(got, []string{"A", "B"}) {
			t.Errorf("dirty %v", got)
		}
		for about, f := range map[string]DecisionFilter{
			"accounts": {Accounts: []string{"B"}}, "action": {Action: ActionOverride}, "after": {After: keep.ID},
		} {
			if got := must(d.Decisions(t.Context(), f, 9))(t); len(got) != 1 || got[0].ID != override.ID {
				t.Errorf("by %s: %+v", about, got)
			}
		}
		d.clock.Move(time.Minute)
		d.ok(d.Release(t.Context(), keep.ID, "lee", "no longer"))
		d.ok(d.Release(t.Context(), keep.ID, "lee", "twice"))
		if got := must(d.Decisions(t.Context(), DecisionFilter{Run: 3}, 9))(t); len(got) != 0 {
			t.Errorf("released, yet in force %+v", got)
		}
		got := must(d.DecisionByID(t.Context(), keep.ID))(t)
		if got.Why != "no longer" || !got.Released.Equal(d.clock.Now()) {
			t.Errorf("released %+v", got)
		}
		_, err := d.DecisionByID(t.Context(), 4711)
		wantKind(t, err, fault.NotFound)
		wantKind(t, d.Release(t.Context(), 4711, "", ""), fault.NotFound)
		d.ok(d.AddAudit(t.Context(), Audit{Who: "kim", What: "approve", Ref: "run 7"}))
		var lines []string
		for a, err := range d.AuditExport(t.Context(), time.Time{}) {
			d.ok(err)
			lines = append(lines, a.Who+" "+a.What+" "+a.Ref+" "+a.Detail)
		}
		want := []string{"kim decision 1 keep A name: they asked", "lee decision 2 override B plan: pilot", "lee release 1 keep A name: no longer", "kim approve run 7 "}
		if !slices.Equal(lines, want) {
			t.Errorf("audit %q, want %q", lines, want)
		}
		n := 0
		for range d.AuditExport(t.Context(), d.clock.Now()) {
			n++
		}
		if n != 2 {
			t.Errorf("audit of the last minute has %d lines, want 2", n)
		}
	})
}

func TestManyDecisionsAllOrNone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.plant("decision", "account", "B")
		err := d.PutDecisions(t.Context(), []Decision{{Pipeline: d.pipe.ID, Account: "A", Action: "undo"}, {Pipeline: d.pipe.ID, Account: "B", Action: "undo"}})
		if err == nil {
			t.Fatal("the planted failure did not fail")
		}
		if got := must(d.Decisions(t.Context(), DecisionFilter{}, 9))(t); len(got) != 0 || len(d.dirty()) != 0 {
			t.Errorf("half stored: %+v, dirty %v", got, d.dirty())
		}
	})
}
