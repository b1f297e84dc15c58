package journal

import (
	"reflect"
	"testing"
	"time"
)

func TestCallsCountForADay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		begin := d.clock.Now().Truncate(time.Hour)
		wantCalls := func(want ...Calls) {
			t.Helper()
			if got, err := d.CallsOf(ctx, "crm"); err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
				t.Errorf("CallsOf = %v, %v; want %v", got, err, want)
			}
		}
		wantCalls()
		for _, most := range []int{0, 1000} {
			d.ok(d.NoteCall(ctx, "crm", most))
		}
		d.ok(d.NoteCall(ctx, "another", 7))
		wantCalls(Calls{begin, 2, 1000})
		d.clock.Move(23 * time.Hour)
		d.ok(d.NoteCall(ctx, "crm", 1000))
		wantCalls(Calls{begin, 2, 1000}, Calls{begin.Add(23 * time.Hour), 1, 1000})
		d.clock.Move(time.Hour)
		wantCalls(Calls{begin.Add(23 * time.Hour), 1, 1000})
		d.ok(d.NoteCall(ctx, "crm", 1000))
		if rows := d.allOf("calls"); len(rows) != 3 { // the other source's too
			t.Errorf("the table holds %v", rows)
		}
	})
}

func TestASightIsKeptOfAPipelineAndItsSource(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		wantSight := func(want string) {
			t.Helper()
			if got, err := d.Sight(ctx, d.pipe.Name); err != nil || got != want {
				t.Errorf("Sight = %q, %v; want %q", got, err, want)
			}
		}
		wantSight("")
		d.ok(d.KeepSight(ctx, d.pipe.Name, "seen"))
		d.ok(d.KeepSight(ctx, "nobody's", "else"))
		wantSight("seen")
		must(d.Pipeline(ctx, d.pipe.Name, d.pipe.Source, "another target"))(t)
		must(d.Pipeline(ctx, d.pipe.Name, "another source", "another target"))(t)
		wantSight("")
		if got, err := d.Sight(ctx, "nobody's"); err != nil || got != "" {
			t.Errorf("of no pipeline: %q, %v", got, err)
		}
	})
}
