package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// askRates asks the source, once in a run, what currencies are worth on its day, where
// the rules leave that to the source. Without an answer there is no run: an amount is
// never taken for one in another currency.
func (p *pass) askRates(ctx context.Context) error {
	switch {
	case !p.Mapper.NeedsRates():
		return nil
	case p.trigger.retry != nil:
		p.use(p.trigger.retry.rates)
		return nil
	}
	source, ok := p.Source.(crm.Rates)
	if !ok {
		return fault.New("reconcile.rates", fault.Invalid, fmt.Errorf("%s cannot say what currencies are worth; write them under money.rates, and leave money.rates_from out", p.SourceName))
	}
	money := p.Mapper.Spec().Money
	rates, err := source.Rates(ctx, crm.RateQuery{Base: money.Base, Day: p.day, Dated: money.Dated})
	if err != nil {
		return fmt.Errorf("%s: %w", p.SourceName, err)
	}
	p.use(rates)
	return nil
}

// use maps with these rates, and records them with the run.
func (p *pass) use(rates []crm.Rate) {
	own := *p.Reconciler
	own.Mapper = p.Mapper.With(rates)
	p.Reconciler, p.rep.Rates = &own, append([]crm.Rate{}, rates...)
}

// recordedRuns is how far back rates are looked for: undo and approve ask for none.
const recordedRuns = 50

// recordedRates are those that the last run was told; none if no run was.
func (p *pass) recordedRates(ctx context.Context) ([]crm.Rate, error) {
	runs, err := p.journal.Runs(ctx, journal.RunFilter{Pipeline: p.pipe.ID}, recordedRuns)
	for _, run := range runs {
		var totals struct {
			Rates []crm.Rate `json:"rates"`
		}
		if len(run.Totals) == 0 || run.Mode == journal.Forecast {
			continue
		}
		if err := json.Unmarshal(run.Totals, &totals); err != nil {
			return nil, fault.New("reconcile.rates", fault.Invalid, errors.New("what is recorded of a run cannot be read: "+err.Error()))
		}
		if totals.Rates != nil {
			return totals.Rates, nil
		}
	}
	return nil, err
}

// Recorded returns the rules with the rates that the last run was told.
func (r *Reconciler) Recorded(ctx context.Context) (*mapping.Mapper, error) {
	p, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	return p.Mapper, nil
}
