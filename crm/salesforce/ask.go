package salesforce

import (
	"context"
	"slices"

	"github.com/desksync/desksync/crm"
)

// ask is a statement that is read to its end.
type ask struct {
	plan *plan
	to   sink
	back func() // takes back what was reported of its rows
	rep  *crm.Report

	first *page // the first page, where it came
	slow  bool  // REST took too long
}

func newAsk(p *plan, to sink, rep *crm.Report) *ask {
	return &ask{plan: p, to: to, back: to.mark(), rep: rep}
}

// forget drops what came of the first page. Its rows stay: what they say and a later
// answer does not, changed meanwhile, and the next read shows it.
func (a *ask) forget() {
	a.back()
	a.first, a.slow = nil, false
}

func (a *ask) fits() bool { return fitsREST(a.plan.path()) }

// ask reads all statements to their ends, the first pages of up to five by one call.
func (d *deltaRead) ask(ctx context.Context, list []*ask) error {
	short := slices.DeleteFunc(slices.Clone(list), func(a *ask) bool { return !a.fits() })
	for group := range slices.Chunk(short, maxQueries) {
		if err := d.src.firstPages(ctx, group); err != nil {
			return err
		}
		if err := d.inTime(); err != nil {
			return err
		}
	}
	for _, a := range list {
		if err := d.src.finish(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// finish reads what is left of a statement: nothing, further pages, or all of it, by
// Bulk where that is quicker or the only way.
func (s *Source) finish(ctx context.Context, a *ask) error {
	bulkOnly := a.slow || !a.fits()
	return anew(ctx, a.plan.statement.object, func(bulk *bool) (err error) {
		got := a.first
		a.first = nil
		*bulk = *bulk || bulkOnly
		if got == nil && !*bulk {
			a.back()
			first, err := s.firstPage(ctx, a.plan, a.to)
			if err != nil {
				return err
			}
			got = &first
		}
		if *bulk = *bulk || s.isMuch(got); *bulk {
			a.back()
			a.rep.Way = byBulk
			return s.bulk(ctx, a.plan, a.to)
		}
		return s.whole(ctx, a.plan, *got, a.to)
	})
}

// isMuch reports a first page behind which so much follows that Bulk costs less. What
// came with one call is never read again.
func (s *Source) isMuch(p *page) bool { return !p.done && p.total > s.opt.BulkRows }
