package journal

import (
	"errors"
	"reflect"
	"strconv"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// sealed is a sealed run of n changes.
func (d *desk) sealed(n int) Run {
	d.t.Helper()
	run := d.begin()
	d.ok(d.AddChanges(d.t.Context(), run, changesOf(n)))
	d.ok(d.Seal(d.t.Context(), run, Sealed{}))
	return run
}

// TestWhatIsTakenForNewMayBeThere: the guess makes storing fast, and nothing else.
func TestWhatIsTakenForNewMayBeThere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		const n = 250
		for about, there := range map[string][]int{"none is": nil, "one is": {7}, "all are": upTo(n)} {
			run := d.sealed(n)
			var before []Object
			for _, i := range there {
				before = append(before, d.org(about+account(i), "1", text("name", "before")))
			}
			d.notes(run, before...)
			rows := make([]Settled, n)
			for i := range rows {
				o := d.org(about+account(i), strconv.Itoa(i), text("name", "after"))
				rows[i] = Settled{Pos: Pos{1, int64(i + 1)}, State: helpdesk.Applied, Object: &o, Fresh: true}
			}
			rows[n-1].Object.Key = rows[0].Object.Key // the later of two counts
			d.ok(d.Send(t.Context(), run, Batch{No: 1, To: Pos{1, n}}))
			d.ok(d.Settle(t.Context(), run, 1, rows))
			for i := range n - 1 {
				o := d.organization(about + account(i))
				if want := strconv.Itoa(map[bool]int{true: n - 1, false: i}[i == 0]); o == nil || o.TargetID != want {
					t.Errorf("%s: object %d is %+v", about, i, o)
				}
			}
			d.ok(d.Finish(t.Context(), run, Result{State: Applied}))
		}
	})
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestSettledBatchTellsEverything(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.sealed(6)
		d.ok(d.Send(t.Context(), run, Batch{No: 1, To: Pos{1, 4}}))
		d.ok(d.NoteTokens(t.Context(), run, 1, []string{"job 7", "job 8"}))
		if got := must(d.Unsettled(t.Context(), run.ID))(t); len(got) != 1 || !reflect.DeepEqual(got[0], Batch{Run: run.ID, No: 1, To: Pos{1, 4}, Tokens: []string{"job 7", "job 8"}, Sent: d.clock.Now()}) {
			t.Errorf("in flight %+v", got)
		}
		a, gone := d.org(account(0), "1", text("name", "a")), d.org(account(3), "4", text("name", "d"))
		beside, away := d.org(account(4), "5", text("name", "e")), d.org(account(5), "6", text("name", "f"))
		d.notes(run, gone, away)
		d.ok(d.Settle(t.Context(), run, 1, []Settled{
			{Pos: Pos{1, 1}, ChangeID: "c1", State: helpdesk.Applied, Object: &a},
			{Pos: Pos{1, 2}, ChangeID: "c2", State: helpdesk.Failed, Also: []ObjectNote{{Object: a, Forget: true}}, Err: fault.New("sqldesk.apply", fault.Denied, errors.New("no"))},
			{Pos: Pos{1, 3}, ChangeID: "c3", State: helpdesk.Skipped},
			{Pos: Pos{1, 4}, ChangeID: "c4", State: helpdesk.Applied, Object: &gone, Forget: true, Also: []ObjectNote{{Object: beside}, {Object: away, Forget: true}}},
		}))
		if d.organization(account(0)) == nil || d.organization(account(3)) != nil || d.organization(account(4)) == nil || d.organization(account(5)) != nil {
			t.Error("objects are not as settled")
		}
		got := must(d.Outcomes(t.Context(), run.ID, Pos{}, 9))(t)
		want := []Outcome{
			{Pos: Pos{1, 2}, ChangeID: "c2", State: helpdesk.Failed, Fault: "denied", Text: "sqldesk.apply: denied: no", At: d.clock.Now()},
			{Pos: Pos{1, 3}, ChangeID: "c3", State: helpdesk.Skipped, At: d.clock.Now()},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("outcomes %+v", got)
		}
		if after, next, err := d.Position(t.Context(), run.ID); after != (Pos{1, 4}) || next != 2 || err != nil {
			t.Errorf("position %v, next %d, %v", after, next, err)
		}
		if r := must(d.RunByID(t.Context(), run.ID))(t); r.Done != 2 || r.Failed != 1 || r.Skipped != 1 {
			t.Errorf("counters %+v", r)
		}
		if got := must(d.Unsettled(t.Context(), run.ID))(t); len(got) != 0 {
			t.Errorf("still in flight %+v", got)
		}
	})
}

func TestBatchIsSettledOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.sealed(2)
		o := d.org(account(0), "1", text("name", "a"))
		rows := []Settled{{Pos: Pos{1, 1}, State: helpdesk.Applied, Object: &o}}
		wantKind(t, d.Settle(t.Context(), run, 1, rows), fault.Raced)
		if d.organization(account(0)) != nil {
			t.Error("a batch that was never sent changed an object")
		}
		d.ok(d.Send(t.Context(), run, Batch{No: 1, To: Pos{1, 1}}))
		d.ok(d.Send(t.Context(), run, Batch{No: 1, To: Pos{1, 2}}))
		d.ok(d.Settle(t.Context(), run, 1, rows))
		wantKind(t, d.Settle(t.Context(), run, 1, rows), fault.Raced)
		if r := must(d.RunByID(t.Context(), run.ID))(t); r.Done != 1 {
			t.Errorf("settled twice counts %d done", r.Done)
		}
		if after, _, _ := d.Position(t.Context(), run.ID); after != (Pos{1, 1}) {
			t.Errorf("position %v, want what was noted first", after)
		}
	})
}

func TestPositionBeforeTheFirstBatch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.sealed(1)
		if after, next, err := d.Position(t.Context(), run.ID); after != (Pos{}) || next != 1 || err != nil {
			t.Errorf("position %v, next %d, %v", after, next, err)
		}
	})
}
