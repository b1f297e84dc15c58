package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/day"
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
		p.use(p.trigger.retry.rates, p.day)
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
	p.use(rates, p.day)
	return nil
}

// use maps with these rates, which the source said of a day, and records them with the
// run.
func (p *pass) use(rates []crm.Rate, said day.Day) {
	own := *p.Reconciler
	own.Mapper = p.Mapper.With(rates, said)
	p.Reconciler, p.rep.Rates = &own, append([]crm.Rate{}, rates...)
}

// recordedRuns is how far back rates are looked for: undo and approve ask for none.
const recordedRuns = 50

// useRecorded maps with what the last run was told, as of its day; with no rates if no
// run was told any.
func (p *pass) useRecorded(ctx context.Context) error {
	runs, err := p.journal.Runs(ctx, journal.RunFilter{Pipeline: p.pipe.ID}, recordedRuns)
	if err != nil {
		return err
	}
	for _, run := range runs {
		var totals struct {
			Rates []crm.Rate `json:"rates"`
		}
		if len(run.Totals) == 0 || run.Mode == journal.Forecast {
			continue
		}
		if err := json.Unmarshal(run.Totals, &totals); err != nil {
			return fault.New("reconcile.rates", fault.Invalid, errors.New("what is recorded of a run cannot be read: "+err.Error()))
		}
		if totals.Rates != nil {
			p.use(totals.Rates, run.Day)
			return nil
		}
	}
	p.use(nil, p.day)
	return nil
}

// Recorded returns the rules with the rates that the last run was told.
func (r *Reconciler) Recorded(ctx context.Context) (*mapping.Mapper, error) {
	p, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	return p.Mapper, nil
}
