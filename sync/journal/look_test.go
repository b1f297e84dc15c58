package journal

import (
	"fmt"
	"testing"
	"time"
)

// TestWhatAGoodRunIs lets one run after the other end, and asks each time whether it was
// good: alerts and metrics go by the same answer.
func TestWhatAGoodRunIs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mode  Mode
		state State
		error string
		total string
		good  bool
	}{
		"nothing to do":               {Reconcile, InStep, "", `{}`, true},
		"all written":                 {Reconcile, Applied, "", `{"waiting": 0, "applied": 7}`, true},
		"some refused":                {Reconcile, Partly, "", `{"waiting": 0, "failed": 1}`, true},
		"a guard holds":               {Reconcile, Held, "", `{}`, true},
		"the helpdesk went away":      {Reconcile, Partly, "", `{"waiting": 3}`, false},
		"an error after some writes":  {Reconcile, Partly, "the database is away", `{}`, false},
		"failed":                      {Reconcile, Failed, "refused", `{}`, false},
		"interrupted":                 {Reconcile, Interrupted, "", `{}`, false},
		"somebody declined":           {Reconcile, Previewed, "", `{}`, false},
		"for some accounts":           {Reconcile, Applied, "", `{"only": ["A"]}`, false},
		"observed":                    {Observe, Previewed, "", `{}`, true},
		"observed, nothing to do":     {Observe, InStep, "", `{}`, true},
		"observed, and failed":        {Observe, Failed, "refused", `{}`, false},
		"a preview":                   {Diff, InStep, "", `{}`, false},
		"a preview of another day":    {Forecast, InStep, "", `{}`, false},
		"what somebody approved":      {Approve, Applied, "", `{}`, false},
		"what was saved":              {Apply, Applied, "", `{}`, false},
		"an undo":                     {Undo, Applied, "", `{}`, false},
		"a second try of what raced":  {Again, Applied, "", `{}`, false},
		"a merge that was approved":   {Merge, Applied, "", `{}`, false},
		"what was found and was ours": {Adopt, Applied, "", `{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, d *desk) {
				before := must(d.LastGood(t.Context(), d.pipe.ID))(t)
				spec := d.spec()
				spec.Mode = tt.mode
				run := must(d.Begin(t.Context(), spec))(t)
				d.clock.Move(time.Minute)
				d.ok(d.Finish(t.Context(), run, Result{State: tt.state, Error: tt.error, Totals: []byte(tt.total)}))
				ended := must(d.RunByID(t.Context(), run.ID))(t).Finished
				at := must(d.LastGood(t.Context(), d.pipe.ID))(t)
				if want := map[bool]time.Time{true: ended, false: {}}[tt.good]; !before.IsZero() || !at.Equal(want) {
					t.Errorf("the last good run ended %s (before it: %s), want %s", at, before, want)
				}
			})
		})
	}
}

// TestWhomAGuardHolds names the accounts of the most revenue.
func TestWhomAGuardHolds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.AddChanges(t.Context(), run, changesOf(12))) // two of each of six accounts, each dearer than the one before
		must(d.HoldClass(t.Context(), run, 3, "guard: too many"))(t)
		some, of, err := d.HeldAccounts(t.Context(), run.ID, "guard: too many", 2)
		if got, want := fmt.Sprint(some, of, err), fmt.Sprint([]string{account(5), account(4)}, 6, nil); got != want {
			t.Errorf("held of %s, want %s", got, want)
		}
		if some, of, err = d.HeldAccounts(t.Context(), run.ID, "guard: another", 2); len(some) != 0 || of != 0 || err != nil {
			t.Errorf("another guard holds %v, %d, %v", some, of, err)
		}
	})
}
