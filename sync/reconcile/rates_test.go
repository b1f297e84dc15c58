package reconcile_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/reconcile"
)

// foreign gives Acme a revenue in pounds, which the field account_owner shows.
func foreign(w *world, money mapping.Money) {
	money.Base, money.Column = "USD", "Currency"
	w.rules.money, w.rules.owner = money, "string(account.Revenue)"
	w.crm.set(crm.Account, "A1", "Revenue", "1000")
	w.crm.set(crm.Account, "A1", "Currency", "GBP")
}

func TestARateOfTheSourceThatChangesIsWritten(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		foreign(w, mapping.Money{Source: true, Dated: true})
		w.crm.rates = []crm.Rate{{Currency: "GBP", Value: 1.25, Origin: "x"}}
		rep := w.run()
		w.holds("A1", "field:account_owner", "1250")
		w.same("findings", w.items(), nil)
		if want := (crm.RateQuery{Base: "USD", Day: on("2026-11-21"), Dated: true}); len(w.crm.asked) != 1 || w.crm.asked[0] != want {
			w.Errorf("the source was asked %+v, want once %+v", w.crm.asked, want)
		}
		if len(rep.Rates) != 1 || rep.Rates[0] != w.crm.rates[0] {
			w.Errorf("the report says %+v", rep.Rates)
		}
		if rep := w.quiet(); rep.Dirty != 0 {
			w.Errorf("%d accounts are dirty, though no rate changed", rep.Dirty)
		}
		w.crm.rates = []crm.Rate{{Currency: "GBP", Value: 1.5, Origin: "x"}}
		if rep := w.writes("update organization/A1 field:account_owner=1500"); rep.Dirty != 2 {
			w.Errorf("%d accounts are dirty, want all", rep.Dirty)
		}
		w.quiet()
	})
}

func TestWhatWasRecordedOfRatesExplains(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		foreign(w, mapping.Money{Source: true})
		w.crm.rates = []crm.Rate{{Currency: "GBP", Value: 1.25, Origin: "CurrencyType: 1 USD is 0.8 GBP"}}
		w.run()
		w.crm.noRates = errors.New("nobody may ask")
		r := w.reconciler()
		s, err := r.Subject(w.Context(), "A1")
		if err != nil {
			w.Fatal(err)
		}
		x, err := r.Explain(s, on("2026-11-21"), "account_owner")
		said := ""
		for _, step := range x.Steps {
			said += step.Note + "; "
		}
		if err != nil || x.Value.Text() != "1250" || !strings.Contains(said, "1 GBP is 1.25 USD: CurrencyType: 1 USD is 0.8 GBP") {
			w.Errorf("%v, %v: %s", x.Value, err, said)
		}
		m, err := r.Recorded(w.Context())
		if err != nil || m.Digest() == r.Mapper.Digest() {
			w.Errorf("the recorded rules know no rates (%v)", err)
		}
	})
}

func TestWithoutRatesThereIsNoRun(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.run()
		foreign(w, mapping.Money{Source: true})
		w.desk.ClearLog()
		w.crm.noRates = fault.New("memory.rates", fault.Unavailable, errors.New("nobody answers"))
		_, err := w.try(reconcile.Trigger{})
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "crm: memory.rates: unavailable: nobody answers") || len(w.written()) > 0 {
			w.Errorf("the run ends with %v and wrote %q", err, w.written())
		}
		w.pipe.Source = ratesless{w.crm}
		const want = "crm cannot say what currencies are worth; write them under money.rates, and leave money.rates_from out"
		if _, err = w.try(reconcile.Trigger{}); fault.KindOf(err) != fault.Invalid || fault.Sentence(err) != want {
			w.Errorf("a source without rates: %v", err)
		}
	})
}

func TestASecondTryWorksWithTheRatesOfTheFirst(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		foreign(w, mapping.Money{Source: true})
		w.crm.rates = []crm.Rate{{Currency: "GBP", Value: 1.25}}
		w.opt.Shard = 1
		w.run()
		w.crm.set(crm.Account, "A1", "Name", "Bolt")
		w.crm.set(crm.Account, "A1", "Revenue", "2000")
		w.crm.set(crm.Account, "B1", "Name", "Gamma Inc")
		rep := w.run()
		if rep.Again == nil || rep.Again.Applied != 1 || len(rep.Again.Rates) != 1 || len(w.crm.asked) != 2 {
			w.Errorf("two runs asked for rates %d times; second try %+v", len(w.crm.asked), rep.Again)
		}
		w.holds("A1", "field:account_owner", "2500")
		if rep := w.quiet(); rep.Dirty != 0 {
			w.Errorf("%d accounts are dirty, though no rate changed", rep.Dirty)
		}
	})
}

// ratesless is a source that knows no rates.
type ratesless struct{ m *memory }

func (s ratesless) Describe(ctx context.Context) (crm.Schema, error) { return s.m.Describe(ctx) }

func (s ratesless) Records(ctx context.Context, q crm.Query, rep *crm.Report) iter.Seq2[crm.Record, error] {
	return s.m.Records(ctx, q, rep)
}

func TestARateOfTheFileBeginsOnItsDay(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		foreign(w, mapping.Money{Rates: map[string][]mapping.Rate{"GBP": {{From: on("2026-01-01"), Value: 1.27}, {From: on("2026-11-23"), Value: 1.31}}}})
		w.run()
		w.holds("A1", "field:account_owner", "1270")
		rep := w.run(reconcile.Trigger{Mode: reconcile.Diff, AsOf: on("2026-11-23")})
		if rep.Summary.Writes() != 1 {
			w.Errorf("as of the day it begins there are %d writes, want 1", rep.Summary.Writes())
		}
		w.clock.Move(oneDay)
		w.quiet()
		w.clock.Move(oneDay)
		if rep := w.writes("update organization/A1 field:account_owner=1310"); rep.Dirty != 1 {
			w.Errorf("%d accounts are dirty, want the one in pounds", rep.Dirty)
		}
		w.quiet()
	})
}
