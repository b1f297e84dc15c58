package journal

import (
	"slices"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

func TestSealClearsWhatTheCompareCovered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.MarkDirty(t.Context(), d.pipe.ID, []string{account(2), account(1), account(2)}))
		d.ok(d.Phase(t.Context(), run, PhaseCompare))
		d.ok(d.MarkDirty(t.Context(), d.pipe.ID, []string{account(2), account(3)}))
		if got := d.dirty(); !slices.Equal(got, []string{account(1), account(2), account(3)}) {
			t.Errorf("while comparing, dirty are %v", got)
		}
		d.ok(d.Seal(t.Context(), run, Sealed{}))
		if got := d.dirty(); !slices.Equal(got, []string{account(2), account(3)}) {
			t.Errorf("after the seal dirty are %v, want those marked meanwhile", got)
		}
	})
}

func TestSealOfAScopedRunClearsOnlyItsScope(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		first := d.begin()
		d.ok(d.PutItems(t.Context(), first, []Item{{Class: ItemDrift, Account: account(1)}, {Class: ItemDrift, Account: account(2), Key: "x"}}))
		d.finish(first)
		run := d.begin()
		d.ok(d.MarkDirty(t.Context(), d.pipe.ID, []string{account(1), account(2)}))
		d.ok(d.Phase(t.Context(), run, PhaseCompare))
		d.ok(d.Seal(t.Context(), run, Sealed{Accounts: []string{account(2)}}))
		if got := d.dirty(); !slices.Equal(got, []string{account(1)}) {
			t.Errorf("dirty %v, want the account out of scope", got)
		}
		if open := must(d.Items(t.Context(), ItemFilter{}, 9))(t); len(open) != 1 || open[0].Account != account(1) {
			t.Errorf("open items %+v, want that of the account out of scope", open)
		}
	})
}

func TestRunThatComparesNothingClearsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.MarkDirty(t.Context(), d.pipe.ID, []string{account(1)}))
		d.ok(d.Seal(t.Context(), run, Sealed{}))
		if got := d.dirty(); len(got) != 1 {
			t.Errorf("dirty %v, want the mark kept", got)
		}
	})
}

func TestMarksOfAnAbandonedRunStay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.MarkDirty(t.Context(), d.pipe.ID, []string{account(1)}))
		d.ok(d.Phase(t.Context(), run, PhaseCompare))
		d.clock.Move(d.opt.Lease * 2)
		d.ok(d.Abandon(t.Context(), run, "cut off"))
		next := d.begin()
		d.ok(d.Phase(t.Context(), next, PhaseCompare))
		if got := d.dirty(); len(got) != 1 {
			t.Fatalf("dirty %v", got)
		}
		d.ok(d.Seal(t.Context(), next, Sealed{}))
		if got := d.dirty(); len(got) != 0 {
			t.Errorf("the next run left %v dirty", got)
		}
	})
}

func TestEverythingStagedOrWrittenBecomesDirty(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Account, account(1), account(1), "a"))
		d.put(run, row(crm.Contact, account(2), contact(1), "child without an account"))
		d.ok(d.Notes(t.Context(), run, []ObjectNote{
			{Object: Object{Kind: helpdesk.Organization, Key: account(3), Pipeline: d.pipe.ID, Written: true}},
			{Object: Object{Kind: helpdesk.Organization, Key: account(4), Pipeline: d.pipe.ID + 7, Written: true}},
			{Object: Object{Kind: helpdesk.User, Key: contact(5), Pipeline: d.pipe.ID, Written: true}},
		}))
		d.sealAll(run)
		d.ok(d.MarkAllDirty(t.Context(), d.pipe.ID))
		if got := d.dirty(); !slices.Equal(got, []string{account(1), account(2), account(3)}) {
			t.Errorf("dirty %v", got)
		}
	})
}

func TestBoundaryDaysComeDue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		must(d.PutMapped(t.Context(), d.pipe.ID, "support", []Mapped{
			{Account: account(1), Next: day.MustParse("2026-11-20")},
			{Account: account(2), Next: day.MustParse("2026-11-21")},
			{Account: account(3), Next: day.MustParse("2026-11-22")},
			{Account: account(4)},
		}))(t)
		d.mapped(d.pipe, Mapped{Account: account(1), Next: day.MustParse("2027-11-20")})
		d.mapped(d.pipe, Mapped{Account: account(4), Next: day.MustParse("2026-11-01")})
		d.ok(d.MarkDue(t.Context(), d.pipe.ID, day.MustParse("2026-11-21")))
		if got := d.dirty(); !slices.Equal(got, []string{account(2), account(4)}) {
			t.Errorf("due %v, want those whose day has come, as last told", got)
		}
	})
}

func TestOpenItemsMakeDirty(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.PutItems(t.Context(), run, []Item{
			{Class: ItemDrift, Account: account(1)}, {Class: ItemDrift, Account: account(1), Field: "name"}, {Class: ItemGuard, Code: "retires"},
		}))
		d.ok(d.MarkOpen(t.Context(), d.pipe.ID))
		if got := d.dirty(); !slices.Equal(got, []string{account(1)}) {
			t.Errorf("dirty %v", got)
		}
	})
}

func TestChildrenAtAnyDepthBecomeDirty(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		parents := map[int]int{2: 1, 3: 2, 4: 3, 5: 6, 6: 5, 8: 7}
		for i := 1; i <= 8; i++ {
			r := row(crm.Account, account(i), account(i), "x")
			if p := parents[i]; p > 0 {
				r.Parent = account(p)
			}
			d.put(run, r)
		}
		d.sealAll(run)
		d.ok(d.MarkDirty(t.Context(), d.pipe.ID, []string{account(2), account(6)}))
		d.ok(d.MarkChildren(t.Context(), d.pipe.ID))
		if got := d.dirty(); !slices.Equal(got, []string{account(2), account(3), account(4), account(5), account(6)}) {
			t.Errorf("dirty %v, want those below 2, and the circle of 5 and 6", got)
		}
	})
}

func TestAccountsWithAnOverrideAreFoundAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		must(d.PutMapped(t.Context(), d.pipe.ID, "support", []Mapped{
			{Account: account(1), Claims: []Claim{{Kind: ClaimOverride, Value: account(1)}}}, {Account: account(2), Claims: []Claim{{Kind: ClaimName, Value: "x"}}},
		}))(t)
		d.ok(d.MarkClaimed(t.Context(), d.pipe.ID, ClaimOverride))
		if got := d.dirty(); !slices.Equal(got, []string{account(1)}) {
			t.Errorf("dirty %v", got)
		}
		d.sql(`DELETE FROM dirty`)
		d.mapped(d.pipe, Mapped{Account: account(1)})
		d.ok(d.MarkClaimed(t.Context(), d.pipe.ID, ClaimOverride))
		if got := d.dirty(); len(got) != 0 {
			t.Errorf("the override is gone, and yet dirty are %v", got)
		}
	})
}
