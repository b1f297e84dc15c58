package journal

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// changesOf makes n changes: organizations at rank 1, of classes 1, 2, 3, 1, 2 …
func changesOf(n int) []ChangeRow {
	out := make([]ChangeRow, n)
	for i := range out {
		out[i] = ChangeRow{
			Rank: 1, Seq: int64(i + 1), Account: account(i / 2), Kind: helpdesk.Organization, Key: account(i), Op: helpdesk.Update,
			Class: uint32(i%3 + 1), ARR: float64(i), Body: []byte(fmt.Sprint("body ", i)),
		}
	}
	return out
}

func jsonEqual(got []byte, want string) bool {
	var a, b any
	return json.Unmarshal(got, &a) == nil && json.Unmarshal([]byte(want), &b) == nil && reflect.DeepEqual(a, b)
}

func (d *desk) changesIn(run int64, f ChangeFilter) []ChangeRow {
	d.t.Helper()
	var out []ChangeRow
	for after := (Pos{}); ; {
		page := must(d.Changes(d.t.Context(), run, f, after, 2))(d.t)
		if len(page) == 0 {
			return out
		}
		out = append(out, page...)
		after = page[len(page)-1].Pos()
	}
}

func TestChangesComeBackInOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		last := ChangeRow{Rank: 15, Seq: 1<<32 - 1, Account: account(1), Kind: helpdesk.Membership, Key: helpdesk.MemberKey(account(1), contact(1)), Op: OpNote, Hold: "why", Body: []byte("x")}
		first := ChangeRow{Rank: 0, Seq: 1, Account: account(2), Kind: helpdesk.User, Key: contact(2), Op: helpdesk.Delete, Class: 1 << 31, Body: []byte{0, 1, 255}}
		rows := changesOf(5)
		d.ok(d.AddChanges(t.Context(), run, append([]ChangeRow{last, first}, rows...)))
		d.ok(d.AddChanges(t.Context(), run, rows[:2]))
		want := append(append([]ChangeRow{first}, rows...), last)
		if got := d.changesIn(run.ID, ChangeFilter{}); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		for _, bad := range []Pos{{-1, 1}, {16, 1}, {1, 0}, {1, 1 << 32}} {
			wantKind(t, d.AddChanges(t.Context(), run, []ChangeRow{{Rank: bad.Rank, Seq: bad.Seq}}), fault.Invalid)
		}
		d.ok(d.Seal(t.Context(), run, Sealed{}))
		wantKind(t, d.AddChanges(t.Context(), run, rows), fault.Invalid)
		d.finish(run)
		next := d.begin()
		if got := d.changesIn(next.ID, ChangeFilter{}); len(got) != 0 {
			t.Errorf("the next run sees %d changes", len(got))
		}
	})
}

func TestUnknownKindsAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		wantKind(t, d.AddChanges(t.Context(), run, []ChangeRow{{Rank: 1, Seq: 1, Kind: "ticket", Op: helpdesk.Create, Body: []byte{1}}}), fault.Invalid)
		wantKind(t, d.AddChanges(t.Context(), run, []ChangeRow{{Rank: 1, Seq: 1, Kind: helpdesk.User, Op: "rename", Body: []byte{1}}}), fault.Invalid)
	})
}

func TestHoldingAClass(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.AddChanges(t.Context(), run, changesOf(9)))
		n := must(d.HoldClass(t.Context(), run, 2, "guard retires"))(t)
		// classes 2 and 3 have that bit: all but the changes 0, 3 and 6
		if n.Changes != 6 || n.Accounts != 5 || n.ARR != 1+2+4+5+7+8 {
			t.Errorf("held %+v", n)
		}
		yes, no := true, false
		if got := d.changesIn(run.ID, ChangeFilter{Held: &yes}); len(got) != 6 || got[0].Hold != "guard retires" {
			t.Errorf("held changes %+v", got)
		}
		if got := d.changesIn(run.ID, ChangeFilter{Held: &no}); len(got) != 3 {
			t.Errorf("changes not held %+v", got)
		}
		if n := must(d.HoldClass(t.Context(), run, 3, "another"))(t); n.Changes != 3 {
			t.Errorf("held once more %+v, want only those that were not", n)
		}
	})
}

func TestTotalsAreThoseOfTheSeal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.AddChanges(t.Context(), run, changesOf(6)))
		must(d.HoldClass(t.Context(), run, 2, "held"))(t)
		want := []Count{
			{Kind: helpdesk.Organization, Op: helpdesk.Update, Class: 1, Changes: 2, Accounts: 2, ARR: 3},
			{Kind: helpdesk.Organization, Op: helpdesk.Update, Class: 2, Held: true, Changes: 2, Accounts: 2, ARR: 5},
			{Kind: helpdesk.Organization, Op: helpdesk.Update, Class: 3, Held: true, Changes: 2, Accounts: 2, ARR: 7},
		}
		if got := must(d.Totals(t.Context(), run.ID))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("before the seal %+v, want %+v", got, want)
		}
		d.ok(d.Seal(t.Context(), run, Sealed{Totals: []byte(`{"held":4}`)}))
		must(d.DropChanges(t.Context(), run, []string{account(0)}, "moved"))(t)
		if got := must(d.Totals(t.Context(), run.ID))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("after the seal %+v, want %+v", got, want)
		}
		if got := must(d.TotalsSince(t.Context(), d.pipe.ID, d.clock.Now()))(t); !reflect.DeepEqual(got, want[:1]) {
			t.Errorf("since the seal %+v, want %+v", got, want[:1])
		}
		if got := must(d.TotalsSince(t.Context(), d.pipe.ID, d.clock.Now().Add(1e9)))(t); len(got) != 0 {
			t.Errorf("since a second later %+v", got)
		}
		if got := must(d.RunByID(t.Context(), run.ID))(t); !jsonEqual(got.Totals, `{"held":4}`) {
			t.Errorf("stored totals %s", got.Totals)
		}
	})
}

func TestDroppedChangesLeaveTheChangeset(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.AddChanges(t.Context(), run, changesOf(6)))
		d.ok(d.Seal(t.Context(), run, Sealed{}))
		d.ok(d.Send(t.Context(), run, Batch{No: 1, To: Pos{1, 1}}))
		if n := must(d.DropChanges(t.Context(), run, []string{account(0), account(2)}, "moved meanwhile"))(t); n != 3 {
			t.Errorf("dropped %d, want 3: one of four went out already", n)
		}
		if got := d.changesIn(run.ID, ChangeFilter{}); len(got) != 3 {
			t.Errorf("left %+v", got)
		}
		all := d.changesIn(run.ID, ChangeFilter{Dropped: true})
		if len(all) != 6 || all[1].Dropped != "moved meanwhile" || all[0].Dropped != "" {
			t.Errorf("all %+v", all)
		}
	})
}

func TestCopiedChangesAreReleased(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		first := d.begin()
		d.ok(d.AddChanges(t.Context(), first, changesOf(6)))
		must(d.HoldClass(t.Context(), first, 2, "guard"))(t)
		d.ok(d.Seal(t.Context(), first, Sealed{}))
		d.finish(first)
		run := d.begin()
		yes := true
		if n := must(d.CopyChanges(t.Context(), run, first.ID, ChangeFilter{Held: &yes}))(t); n != 4 {
			t.Errorf("copied %d, want 4", n)
		}
		want := d.changesIn(first.ID, ChangeFilter{Held: &yes})
		for i := range want {
			want[i].Hold = ""
		}
		if got := d.changesIn(run.ID, ChangeFilter{}); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	})
}

func TestHistoryOfAnAccount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		var runs []int64
		for range 3 {
			run := d.begin()
			d.ok(d.AddChanges(t.Context(), run, changesOf(4)))
			d.finish(run)
			runs = append(runs, run.ID)
		}
		got := must(d.History(t.Context(), account(1), 0, 3))(t)
		if len(got) != 3 || got[0].Run != runs[2] || got[2].Run != runs[1] || got[0].Key != account(3) || got[1].Key != account(2) {
			t.Errorf("newest first: %+v", got)
		}
		if got := must(d.History(t.Context(), account(1), runs[1], 9))(t); len(got) != 2 || got[0].Run != runs[0] {
			t.Errorf("before run %d: %+v", runs[1], got)
		}
	})
}
