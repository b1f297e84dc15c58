package reconcile

import (
	"context"
	"encoding/json"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/sync/journal"
)

// ledger is what is known of a source's calls beyond a pass; copies of a Reconciler,
// with the rates of a day, share it.
type ledger struct {
	counted  int  // calls that a pass has accounted for
	recalled bool // the source knows of the calls of earlier processes
}

// usage is what calls of the source cost so far, where it counts them.
func (r *Reconciler) usage() crm.Usage {
	if m, ok := r.Source.(crm.Metered); ok {
		return m.Usage()
	}
	return crm.Usage{}
}

// costs is what the source's calls cost, with those since the last pass that prepared
// this one.
func (p *pass) costs() crm.Usage {
	u := p.usage()
	u.Calls, p.ledger.counted = u.Calls-p.ledger.counted, u.Calls
	return u
}

// recallCalls tells a source that counts its calls, once, how many the runs of the last
// day made: each command is a process of its own, and their share is one.
func (r *Reconciler) recallCalls(ctx context.Context) error {
	m, ok := r.Source.(crm.Metered)
	if !ok || r.ledger.recalled {
		return nil
	}
	pipelines, err := r.journal.Pipelines(ctx)
	if err != nil {
		return err
	}
	for _, p := range pipelines {
		if p.Source != r.SourceName {
			continue
		}
		if err := r.recallOf(ctx, m, p.ID); err != nil {
			return err
		}
	}
	r.ledger.recalled = true
	return nil
}

func (r *Reconciler) recallOf(ctx context.Context, m crm.Metered, pipeline int64) error {
	since := r.opt.Now().Add(-24 * time.Hour)
	for run, err := range r.journal.EachRun(ctx, journal.RunFilter{Pipeline: pipeline}) {
		if err != nil || run.Started.Before(since) {
			return err
		}
		m.Recall(run.Started, callsIn(run.Totals))
	}
	return nil
}

// callsIn reads what a run's totals say of its calls; none where they do not.
func callsIn(totals json.RawMessage) int {
	var t struct{ Calls int }
	if json.Unmarshal(totals, &t) != nil {
		return 0 // of a run that was cut off
	}
	return t.Calls
}
