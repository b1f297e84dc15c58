package reconcile

import (
	"context"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/sync/journal"
)

// ledger is what is known of a source's calls beyond a pass; copies of a Reconciler,
// with the rates of a day, share it.
type ledger struct {
	counted int // calls that a pass has accounted for
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

// soFar is what the calls of a pass cost until now, for the totals of a run that may be cut
// off from here on.
func (p *pass) soFar() crm.Usage {
	u := p.usage()
	u.Calls -= p.ledger.counted
	return u
}

// Meter tells a source that counts its calls how many earlier processes made in the last
// 24 hours, and has the journal count each further one before it is made, whatever comes
// of it: each command is a process of its own, and their share is one. It is to be said
// before the source is asked anything.
func Meter(ctx context.Context, j *journal.Journal, name string, source crm.Source) error {
	m, ok := source.(crm.Metered)
	if !ok {
		return nil
	}
	list, err := j.CallsOf(ctx, name)
	for _, c := range list {
		m.Recall(c.At, c.Made, c.Most)
	}
	m.Meter(func(ctx context.Context, most int) error { return j.NoteCall(ctx, name, most) })
	return err
}
