package salesforce

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

var _ crm.Deltas = (*Source)(nil)

// Changes asks for the records whose SystemModstamp moved since, with a lookback of
// Options.Overlap for transactions that were committed late, and for all that belongs to
// accounts that took in others. Of a record that is gone, Account is where Salesforce saw
// it last. A report is Complete unless a row could not be used: then what changed of it
// is not known. After an error nothing is yielded.
func (s *Source) Changes(ctx context.Context, deltas []crm.Delta, reps []crm.Report) iter.Seq2[crm.Change, error] {
	return func(yield func(crm.Change, error) bool) {
		d := &deltaRead{src: s, deltas: deltas, reps: reps}
		defer d.close()
		for i := range deltas {
			reps[i] = crm.Report{}
		}
		err := d.read(ctx)
		if err == nil {
			err = d.each(ctx, yield)
		}
		if err != nil {
			for i := range deltas {
				reps[i] = crm.Report{Why: fault.Sentence(err)}
			}
			yield(crm.Change{}, wrap(ctx, err))
		}
	}
}

// deltaRead is one read of what changed.
type deltaRead struct {
	src    *Source
	deltas []crm.Delta
	reps   []crm.Report
	parts  []*part // of each delta; nil: not offered
	clock  *clock
}

func (d *deltaRead) close() {
	for p := range d.offered() {
		p.news.close()
	}
}

// offered are the parts that can be asked for.
func (d *deltaRead) offered() iter.Seq[*part] {
	return func(yield func(*part) bool) {
		for _, p := range d.parts {
			if p != nil && !yield(p) {
				return
			}
		}
	}
}

// read reads all that changed: what moved, whole rows of what moved where a condition
// may have let it go, and what belongs to merged accounts.
func (d *deltaRead) read(ctx context.Context) error {
	for i := range d.deltas {
		p, err := d.src.part(ctx, &d.deltas[i], &d.reps[i])
		if err != nil {
			return err
		}
		d.parts = append(d.parts, p)
	}
	ctx, d.clock = hearing(ctx)
	for _, stage := range []func() ([]*ask, error){d.moved, d.meeting, d.merged} {
		list, err := stage()
		if err != nil {
			return err
		}
		if err := d.ask(ctx, list); err != nil {
			return err
		}
	}
	for p := range d.offered() {
		if err := p.news.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// moved asks for what has a new stamp.
func (d *deltaRead) moved() (list []*ask, err error) {
	for p := range d.offered() {
		p.news.rep.Way = byREST
		if p.apart {
			list = append(list, newAsk(p.heads(), headRows{p.news}, p.news.rep))
		} else {
			list = append(list, newAsk(p.rows(p.window), wholeRows{p.news}, p.news.rep))
		}
	}
	return list, nil
}

// meeting asks for whole rows where only ids were asked for. A record that leaves or
// meets the condition between the two has a new stamp, which the next read shows.
func (d *deltaRead) meeting() (list []*ask, err error) {
	for p := range d.offered() {
		if p.apart && p.news.alive {
			list = append(list, newAsk(p.rows(p.window), wholeRows{p.news}, p.news.rep))
		}
	}
	return list, nil
}

// merged asks for accounts that took in others, for what belongs to them now and for the
// accounts below them: whether a merge moves the stamps of what it hands over is not
// documented.
func (d *deltaRead) merged() (list []*ask, err error) {
	winners := map[string]bool{}
	for p := range d.offered() {
		maps.Copy(winners, p.news.merged)
	}
	if len(winners) > maxWinners {
		return nil, d.src.readFull(crm.Account, "more than %d accounts took in others", maxWinners)
	}
	if len(winners) == 0 {
		return nil, nil
	}
	for p := range d.offered() {
		plans := p.below(slices.Sorted(maps.Keys(winners)))
		if plans == nil {
			return nil, d.src.readFull(p.plan.role, "accounts were merged, and where or soql leaves no room to ask what belongs to them; shorten it")
		}
		for _, plan := range plans {
			list = append(list, newAsk(plan, wholeRows{p.news}, p.news.rep))
		}
	}
	return list, nil
}

// inTime is asked after the first answer, before anything is made of it.
func (d *deltaRead) inTime() error {
	for p := range d.offered() {
		if err := d.src.inTime(p.plan.role, p.since.from, d.clock); err != nil {
			return err
		}
	}
	return nil
}

// each yields all changes, role by role, and completes the reports.
func (d *deltaRead) each(ctx context.Context, yield func(crm.Change, error) bool) error {
	for p := range d.offered() {
		p.news.rep.Why = "the changes were not taken to their end"
	}
	for p := range d.offered() {
		whole, err := p.news.each(ctx, func(c crm.Change) bool { return yield(c, nil) })
		if !whole || err != nil {
			return err
		}
		d.complete(p)
	}
	return nil
}

func (d *deltaRead) complete(p *part) {
	rep := p.news.rep
	if rep.Why = ""; rep.BadRows > 0 {
		rep.Why = fmt.Sprintf("%s: %s of the rows that changed could not be read, and what changed of them is not known; correct them in Salesforce", p.plan.statement.object, crm.Count(rep.BadRows))
	}
	rep.Complete = rep.BadRows == 0
	rep.Next = p.plan.next(d.clock, p.since.until, &d.src.opt)
}
