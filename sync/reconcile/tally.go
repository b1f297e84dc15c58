package reconcile

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// Tally is what became of the changes of a run, in whatever processes worked on it.
type Tally struct {
	Written int `json:"written"`
	Failed  int `json:"failed"`
	Raced   int `json:"raced"`   // the target had moved under them
	Spared  int `json:"spared"`  // the target lets no sync write them
	Waiting int `json:"waiting"` // sent, and not known yet
	Left    int `json:"left"`    // never sent
}

// Reasons to take changes out of a changeset. Only the first counts as raced: what else
// was to be done of the account did not move, and may not even be wanted any more.
const (
	movedMeanwhile = "it moved in "
	besideMoved    = "something else of the account moved in "
)

// tally counts what became of the changes of a run, as the journal has it.
func (r *Reconciler) tally(ctx context.Context, run int64) (Tally, error) {
	var t Tally
	end, err := r.settledTo(ctx, run)
	if err != nil {
		return t, err
	}
	outcomes, err := r.outcomesOf(ctx, run)
	if err != nil {
		return t, err
	}
	open := false
	for after := (journal.Pos{}); ; {
		rows, err := r.journal.Changes(ctx, run, journal.ChangeFilter{Held: &open, Dropped: true}, after, journal.MaxPage)
		if err != nil || len(rows) == 0 {
			return t, err
		}
		for i := range rows {
			if err := t.add(&rows[i], outcomes, less(end, rows[i].Pos())); err != nil {
				return t, err
			}
		}
		after = rows[len(rows)-1].Pos()
	}
}

func (t *Tally) add(row *journal.ChangeRow, outcomes map[string]journal.Outcome, unsent bool) error {
	c, err := helpdesk.UnpackChange(row.Body)
	if err != nil || !goesOut(&c) {
		return err
	}
	o, told := outcomes[c.ID]
	switch raced := o.Fault == fault.Raced.String(); {
	case row.Dropped != "":
		if strings.HasPrefix(row.Dropped, movedMeanwhile) {
			t.Raced++
		}
	case unsent:
		t.Left++
	case !told || o.State == helpdesk.Applied:
		t.Written++
	case raced:
		t.Raced++
	case o.State == helpdesk.Sent:
		t.Waiting++
	case o.State == helpdesk.Failed:
		t.Failed++
	case o.Fault != fault.Unsafe.String(): // what there is no room for is a finding
		t.Spared++
	}
	return nil
}

// outcomesOf are the outcomes of what was not plainly applied in a run, by change.
func (r *Reconciler) outcomesOf(ctx context.Context, run int64) (map[string]journal.Outcome, error) {
	out := map[string]journal.Outcome{}
	for after := (journal.Pos{}); ; {
		list, err := r.journal.Outcomes(ctx, run, after, journal.MaxPage)
		if err != nil || len(list) == 0 {
			return out, err
		}
		for _, o := range list {
			out[o.ChangeID] = o
		}
		after = list[len(list)-1].Pos
	}
}

// settledTo is the place in a run up to which everything is settled.
func (r *Reconciler) settledTo(ctx context.Context, run int64) (journal.Pos, error) {
	after, _, err := r.journal.Position(ctx, run)
	if err != nil {
		return after, err
	}
	flight, err := r.journal.Unsettled(ctx, run)
	if len(flight) > 0 {
		after = flight[0].From
	}
	return after, err
}

// totals puts what became of a run in the place of what was said when it was sealed.
func (t *Tally) totals(sealed json.RawMessage) (json.RawMessage, error) {
	return amend(sealed, map[string]any{"applied": t.Written, "failed": t.Failed, "raced": t.Raced, "spared": t.Spared, "waiting": t.Waiting, "left": t.Left})
}

// amend returns totals with some of them set anew.
func amend(totals json.RawMessage, set map[string]any) (json.RawMessage, error) {
	all := map[string]any{}
	if len(totals) > 0 {
		if err := json.Unmarshal(totals, &all); err != nil {
			return nil, err
		}
	}
	for name, v := range set {
		all[name] = v
	}
	return json.Marshal(all)
}
