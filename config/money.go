package config

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/desksync/desksync/config/strict"
	"github.com/desksync/desksync/internal/day"
)

// Money says how amounts of several currencies are summed.
type Money struct {
	// Currency of sums and guards, such as USD.
	Base Currency `yaml:"base" jsonschema:"required"`
	// How much of the base currency one unit of another currency is worth. A currency without a rate is a finding. What stands here wins over what the source says.
	Rates Map[Rates] `yaml:"rates"`
	// Where the rates of all other currencies come from: from nowhere, from the source as it converts amounts of accounts (Salesforce: CurrencyType), or from the source's dated rates as of the day of the run (Salesforce: DatedConversionRate).
	RatesFrom string `yaml:"rates_from" jsonschema:"enum=file,enum=source,enum=source_dated,default=file"`
	// Column of an account or a charge that names the currency of its amounts, such as CurrencyIsoCode; all are in the base currency if left out.
	Column string `yaml:"column"`
}

// What Money.RatesFrom can be.
const (
	RatesFromFile        = "file"
	RatesFromSource      = "source"
	RatesFromSourceDated = "source_dated"
)

// Rates are the rates of one currency by the day on which each begins, written as one
// number or as a list of {from: 2026-01-01, rate: 1.27}.
type Rates []DatedRate

// DatedRate is a rate from a day on, that day included.
type DatedRate struct {
	// First day; a day before the first of all has no rate.
	From day.Day `yaml:"from" jsonschema:"required"`
	// What one unit of the currency is worth in the base currency from that day on.
	Rate Rate `yaml:"rate" jsonschema:"required"`
}

// DecodeYAML reads one rate for every day, or rates that begin on days, and sorts them.
func (r *Rates) DecodeYAML(n strict.Node) {
	switch n.Kind() {
	case strict.Number, strict.Text:
		always := DatedRate{}
		n.Into(&always.Rate)
		*r = Rates{always}
	case strict.Sequence:
		r.list(n)
	default:
		n.Wrong("a rate such as 1.08, or a list such as [{from: 2026-01-01, rate: 1.27}]")
	}
}

func (r *Rates) list(n strict.Node) {
	n.Into((*[]DatedRate)(r))
	if len(*r) == 0 {
		n.Report("holds no rate", "write a rate such as 1.08, or remove the line")
	}
	first := map[day.Day]int{}
	for i, item := range n.Items() {
		from := (*r)[i].From
		line, _ := item.Place()
		if was, twice := first[from]; twice && from != 0 {
			item.Report(fmt.Sprintf("a second rate begins on %s, the first stands on line %d", from, was), "keep one of them")
			continue
		}
		first[from] = line
	}
	slices.SortStableFunc(*r, func(a, b DatedRate) int { return cmp.Compare(a.From, b.From) })
}

// checkMoney reports rates that no source of a pipeline can tell, and records that do
// not say their currency.
func (f *File) checkMoney() {
	if f.Money == nil || f.Money.RatesFrom != RatesFromSource && f.Money.RatesFrom != RatesFromSourceDated {
		return
	}
	if f.Money.Column == "" {
		f.doc.ReportKey("money", "rates of the source are of no use without a column that names the currency of a record", "write column: CurrencyIsoCode")
	}
	for _, p := range f.Pipelines.All() {
		if s := f.Sources.Get(p.From); s != nil && s.Type == "csv" {
			f.doc.Report("money.rates_from", fmt.Sprintf("the source %s is a folder of files, which hold no rates", p.From), "write them under rates, and leave rates_from out")
			return
		}
	}
}
